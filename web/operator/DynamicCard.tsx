import type { PriceFrame } from '@p2p-power/tariff/PriceFrame';
import { useWords } from '../app/AppServices.ts';
import { DecimalField } from '../design/DecimalField.tsx';
import { currencySign } from '../words/format.ts';
import { boundsInWords } from './boundsInWords.ts';
import { type DynamicForm, newDynamicForm } from './DynamicForm.ts';
import { type Bounds, boundsOf, boundsOfFloor } from './frameBounds.ts';

type Amount = 'marginMicro' | 'floorMicro' | 'capMicro' | 'fallbackMicro';

/** Whether the energy price follows the market, and how. */
export function DynamicCard({
  form,
  onForm,
  energyMicro,
  currency,
  frame,
}: {
  readonly form: DynamicForm | undefined;
  readonly onForm: (form: DynamicForm | undefined) => void;
  /** What energy costs by the tariff: proposed as the most. */
  readonly energyMicro: number;
  readonly currency: string;
  readonly frame: PriceFrame | undefined;
}) {
  const { words, language } = useWords();
  const { prices } = words;
  const amount = (name: Amount, label: string, bounds?: Bounds, hints: readonly string[] = []) => {
    if (form === undefined) return null;
    const said = boundsInWords(bounds, form[name], currency, words, language);
    return (
      <DecimalField
        name={name}
        label={label}
        places={6}
        leastPlaces={2}
        value={form[name]}
        onChange={(typed) => {
          const { fallbackMicro, ...others } = form;
          if (name === 'fallbackMicro')
            onForm(typed === undefined ? others : { ...others, fallbackMicro: typed });
          else onForm({ ...form, [name]: typed ?? null });
        }}
        unit={`${currencySign(currency)}/kWh`}
        isSigned={name === 'marginMicro'}
        mayBeEmpty={name === 'fallbackMicro'}
        fault={said.fault}
        hints={[...hints, ...said.hints]}
      />
    );
  };
  return (
    <section className="card" aria-labelledby="prices-dynamic">
      <h2 id="prices-dynamic">{prices.dynamic}</h2>
      <label className="tick">
        <input
          type="checkbox"
          name="dynamic"
          checked={form !== undefined}
          onChange={({ target }) => onForm(target.checked ? newDynamicForm('DE-LU', energyMicro) : undefined)}
        />
        {prices.dynamicOn}
      </label>
      {form !== undefined && (
        <>
          <p className="soft small">{prices.dynamicHint}</p>
          <div className="fields">
            <label className="field">
              <span>{prices.area}</span>
              <input
                name="area"
                autoComplete="off"
                maxLength={32}
                value={form.area}
                onChange={({ target }) => onForm({ ...form, area: target.value })}
              />
            </label>
            <DecimalField
              name="factor"
              label={prices.factor}
              places={1}
              value={form.factorPerMille}
              onChange={(typed) => onForm({ ...form, factorPerMille: typed ?? null })}
              unit="%"
            />
            {amount('marginMicro', prices.margin)}
            {amount('floorMicro', prices.floor, boundsOfFloor(frame, { capMicro: form.capMicro ?? 1 }))}
            {amount('capMicro', prices.cap, boundsOf(frame, 'cap'))}
            {amount('fallbackMicro', prices.fallback, boundsOf(frame, 'fallback'), [prices.fallbackHint])}
            <DecimalField
              name="max-age"
              label={prices.maxAge}
              places={2}
              value={typeof form.maxAgeS === 'number' ? Math.round(form.maxAgeS / 36) : form.maxAgeS}
              onChange={(hundredths) =>
                onForm({ ...form, maxAgeS: typeof hundredths === 'number' ? hundredths * 36 : null })
              }
              unit={prices.hours}
            />
          </div>
          <p className="soft small">{prices.notClaimable}</p>
        </>
      )}
    </section>
  );
}
