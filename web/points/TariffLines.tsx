import type { Tariff } from '@p2p-power/tariff/Tariff';
import { useWords } from '../app/AppServices.ts';
import { tariffLines } from './tariffLines.ts';

/** A tariff line by line, in the order that drivers are owed it. */
export function TariffLines({
  tariff,
  isDynamic = false,
}: {
  readonly tariff: Tariff;
  /** The tariff's own energy price is then only the most that is asked. */
  readonly isDynamic?: boolean;
}) {
  const { words, language } = useWords();
  return (
    <ul className="lines">
      {tariffLines(tariff, words, language).map((line) => (
        <li key={[line.component, line.amount, line.remark].join()} className="wraps">
          <span>{isDynamic && line.component === 'ENERGY' ? words.dynamic.energyAtMost : line.name}</span>
          <span className="amount">
            {line.amount} <span className="soft small">{line.unit}</span>
          </span>
          {line.remark !== '' && <span className="remark soft small">{line.remark}</span>}
        </li>
      ))}
    </ul>
  );
}
