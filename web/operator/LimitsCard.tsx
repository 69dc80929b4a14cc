import type { PriceFrame } from '@p2p-power/tariff/PriceFrame';
import { withVatMicro } from '@p2p-power/tariff/withVat';
import { useWords } from '../app/AppServices.ts';
import { DecimalField } from '../design/DecimalField.tsx';
import { currencySign, formatExactMoney } from '../words/format.ts';
import { boundsInWords } from './boundsInWords.ts';
import { boundsOf } from './frameBounds.ts';
import type { TariffForm, Typed } from './TariffForm.ts';

/** What holds for a whole session: guests' free time, the least, the most, and the tax of everything. */
export function LimitsCard({
  form,
  onForm,
  frame,
}: {
  readonly form: TariffForm;
  readonly onForm: (form: TariffForm) => void;
  readonly frame: PriceFrame | undefined;
}) {
  const { words, language } = useWords();
  const { currency, vatBp, leastMicro, mostMicro, freeS } = form;
  const set = (name: 'leastMicro' | 'mostMicro' | 'freeS', typed: Typed | undefined) => {
    const { [name]: _, ...others } = form;
    onForm(typed === undefined ? others : { ...others, [name]: typed });
  };
  const gross = (amountMicro: Typed | undefined) =>
    typeof amountMicro === 'number' && typeof vatBp === 'number'
      ? [words.prices.inclTax(formatExactMoney(withVatMicro(amountMicro, vatBp), currency, language))]
      : [];
  const said = boundsInWords(boundsOf(frame, 'least'), leastMicro, currency, words, language);
  const isFree = freeS !== undefined;
  return (
    <section className="card" aria-labelledby="prices-limits">
      <h2 id="prices-limits">{words.prices.more}</h2>
      <div className="fields pairs">
        <DecimalField
          name="guests"
          label={words.prices.guests}
          places={2}
          value={typeof freeS === 'number' ? Math.round(freeS / 36) : freeS}
          onChange={(hundredths) =>
            set('freeS', typeof hundredths === 'number' ? hundredths * 36 : hundredths)
          }
          unit={words.prices.hours}
          hints={[words.prices.guestsHint]}
          mayBeEmpty
        />
        <DecimalField
          name="vat"
          label={words.prices.vat}
          places={2}
          value={vatBp}
          onChange={(typed) => onForm({ ...form, vatBp: typed })}
          unit="%"
          hints={[words.prices.vatHint]}
          mayBeEmpty
        />
        <DecimalField
          name="least"
          label={words.prices.least}
          places={6}
          leastPlaces={2}
          value={leastMicro}
          onChange={(typed) => set('leastMicro', typed)}
          unit={currencySign(currency)}
          fault={isFree ? undefined : said.fault}
          hints={isFree ? [words.prices.leastNotFree] : [...gross(leastMicro), ...said.hints]}
          mayBeEmpty
          isDisabled={isFree}
        />
        <DecimalField
          name="most"
          label={words.prices.most}
          places={6}
          leastPlaces={2}
          value={mostMicro}
          onChange={(typed) => set('mostMicro', typed)}
          unit={currencySign(currency)}
          hints={gross(mostMicro)}
          mayBeEmpty
        />
      </div>
    </section>
  );
}
