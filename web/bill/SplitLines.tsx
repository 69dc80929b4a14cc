import { useWords } from '../app/AppServices.ts';
import { formatMoney } from '../words/format.ts';
import { type ChargeSplit, splitParts } from './ChargeSplit.ts';

/** What an amount is made of: a bar of its parts, and each with its name and amount. */
export function SplitLines({ split, currency }: { readonly split: ChargeSplit; readonly currency: string }) {
  const { words, language } = useWords();
  const sum = splitParts.reduce((total, part) => total + Math.max(0, split[part]), 0) || 1;
  return (
    <div className="split" data-testid="split">
      <div className="split-bar" aria-hidden="true">
        {splitParts.map((part) => (
          <span
            key={part}
            className={`of-${part}`}
            style={{ width: `${(Math.max(0, split[part]) * 100) / sum}%` }}
          />
        ))}
      </div>
      <dl className="facts">
        {splitParts.map((part) => (
          <div key={part} className="split-part">
            <dt>
              <span className={`dot of-${part}`} aria-hidden="true" /> {words.done.parts[part]}
            </dt>
            <dd>{formatMoney(split[part], currency, language)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
