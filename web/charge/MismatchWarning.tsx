import { useWords } from '../app/AppServices.ts';
import { Icon } from '../design/Icon.tsx';
import { formatExactMoney, formatMoney, formatPower } from '../words/format.ts';
import type { Mismatch } from './compareOffer.ts';

/** What the station offers is not what had been said: both values, and the driver's own yes to it. */
export function MismatchWarning({
  mismatches,
  currency,
  isAgreed,
  onAgree,
}: {
  readonly mismatches: readonly Mismatch[];
  readonly currency: string;
  readonly isAgreed: boolean;
  readonly onAgree: (isAgreed: boolean) => void;
}) {
  const { words, language } = useWords();
  const inWords = (mismatch: Mismatch): string => {
    if (mismatch.kind === 'tariff') return words.unlock.mismatchTariff;
    if (mismatch.kind === 'fallback') return words.unlock.mismatchFallback;
    if (mismatch.kind === 'cap')
      return words.unlock.mismatchCap(
        formatExactMoney(mismatch.knownMicro, currency, language),
        formatExactMoney(mismatch.offeredMicro, currency, language),
      );
    if (mismatch.kind === 'power')
      return words.unlock.mismatchPower(
        formatPower(mismatch.knownW, language),
        formatPower(mismatch.offeredW, language),
      );
    return words.unlock.mismatchPrice(
      formatMoney(mismatch.knownMicro, currency, language),
      formatMoney(mismatch.offeredMicro, currency, language),
    );
  };
  const price = mismatches.find((mismatch) => mismatch.kind === 'price');
  return (
    <section className="notice warn" role="alert" aria-labelledby="mismatch">
      <Icon name="warning" size={22} />
      <div style={{ gap: 8, flex: 1 }}>
        <strong id="mismatch">{words.unlock.mismatchTitle}</strong>
        {mismatches.map((mismatch) => (
          <span key={mismatch.kind}>{inWords(mismatch)}</span>
        ))}
        {price !== undefined && (
          <div className="versus">
            <div>
              <span>{words.unlock.announced}</span>
              <strong data-testid="announced">{formatMoney(price.knownMicro, currency, language)}</strong>
            </div>
            <div>
              <span>{words.unlock.offered}</span>
              <strong data-testid="offered">{formatMoney(price.offeredMicro, currency, language)}</strong>
            </div>
          </div>
        )}
        <label className="agree">
          <input type="checkbox" checked={isAgreed} onChange={({ target }) => onAgree(target.checked)} />
          {words.unlock.mismatchAccept}
        </label>
      </div>
    </section>
  );
}
