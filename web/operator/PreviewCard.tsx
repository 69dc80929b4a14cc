import { useState } from 'react';
import { useWords } from '../app/AppServices.ts';
import { RefusalNotice, Waiting } from '../design/Notice.tsx';
import { formatChange, formatEnergy, formatInstant, formatMoney } from '../words/format.ts';
import { barsOf, changePerMille, type TariffPreview } from './TariffPreview.ts';

const shownAtFirst = 8;

/** What the tariff would have earned on the operator's past charges beside what they did earn, in sum and one by one. */
export function PreviewCard({
  preview,
  refusal,
}: {
  readonly preview: TariffPreview | undefined;
  readonly refusal: { readonly refusal: string; readonly detail: string } | undefined;
}) {
  const { words } = useWords();
  return (
    <section className="card" aria-labelledby="preview" data-testid="preview">
      <h2 id="preview">{words.prices.preview}</h2>
      {refusal !== undefined && <RefusalNotice refusal={refusal} withDetail />}
      {preview === undefined && refusal === undefined && <Waiting>{words.loading}</Waiting>}
      {preview !== undefined &&
        (preview.sum.count === 0 ? (
          <p className="soft">{words.prices.noCharges}</p>
        ) : (
          <Earned preview={preview} />
        ))}
    </section>
  );
}

function Earned({ preview }: { readonly preview: TariffPreview }) {
  const { words, language } = useWords();
  const [isAll, setIsAll] = useState(false);
  const { sum, currency, charges, fallbackCount, unpriceable, more } = preview;
  const money = (amountMicro: number) => formatMoney(amountMicro, currency, language);
  const change = changePerMille(sum);
  const shown = isAll ? charges : charges.slice(0, shownAtFirst);
  return (
    <>
      <div className="earned">
        <div>
          <span>
            <i className="swatch" aria-hidden="true" />
            {words.prices.didEarn}
          </span>
          <strong data-testid="did-earn">{money(sum.didEarnMicro)}</strong>
        </div>
        {change !== undefined && (
          <span
            className={`change ${change > 0 ? 'good' : change < 0 ? 'bad' : ''}`}
            data-testid="earn-change"
          >
            {formatChange(change, language)}
          </span>
        )}
        <div>
          <span>
            <i className="swatch would" aria-hidden="true" />
            {words.prices.wouldEarn}
          </span>
          <strong data-testid="would-earn">{money(sum.wouldEarnMicro)}</strong>
        </div>
      </div>
      <p className="soft small">
        {words.prices.charges(words.charges.count(sum.count), formatEnergy(sum.energyWh, language))}.{' '}
        {words.prices.driversPaid(money(sum.didMicro), money(sum.wouldMicro))}
      </p>
      <table className="did-would" data-testid="preview-charges">
        <thead>
          <tr>
            <th scope="col">{words.prices.when}</th>
            <td />
            <th scope="col">{words.prices.didEarn}</th>
            <th scope="col">{words.prices.wouldEarn}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((charge) => {
            const bars = barsOf(charge, charges);
            return (
              <tr key={charge.cdrId}>
                <td>
                  {formatInstant(charge.endedAt, language)}
                  <div className="soft small">
                    {formatEnergy(charge.importedWh, language)}
                    {charge.isOnFallback && ' *'}
                  </div>
                </td>
                <td className="bars" aria-hidden="true">
                  <span style={{ width: `${bars.did}%` }} />
                  <span className="would" style={{ width: `${bars.would}%` }} />
                </td>
                <td>{money(charge.didEarnMicro)}</td>
                <td>
                  <strong>{money(charge.wouldEarnMicro)}</strong>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {shown.length < charges.length && (
        <button type="button" className="button plain" onClick={() => setIsAll(true)}>
          {words.prices.allCharges}
        </button>
      )}
      {fallbackCount > 0 && <p className="soft small">* {words.prices.onFallback(fallbackCount)}</p>}
      {unpriceable > 0 && <p className="soft small">{words.prices.unpriceable(unpriceable)}</p>}
      {more && <p className="soft small">{words.prices.newestOnly}</p>}
      <p className="soft small">{words.prices.sameDriving}</p>
    </>
  );
}
