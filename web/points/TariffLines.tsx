import type { Tariff } from '@p2p-power/tariff/Tariff';
import { useWords } from '../app/AppServices.ts';
import { tariffLines } from './tariffLines.ts';

/** A tariff line by line, in the order that drivers are owed it. */
export function TariffLines({ tariff }: { readonly tariff: Tariff }) {
  const { words, language } = useWords();
  return (
    <ul className="lines">
      {tariffLines(tariff, words, language).map((line) => (
        <li key={[line.component, line.amount, line.remark].join()}>
          <div>
            <div>{line.name}</div>
            {line.remark !== '' && <div className="soft small">{line.remark}</div>}
          </div>
          <div className="amount">
            {line.amount} <span className="soft small">{line.unit}</span>
          </div>
        </li>
      ))}
    </ul>
  );
}
