import type { PriceComponentType, Tariff } from '@p2p-power/tariff/Tariff';
import { restrictionsInWords } from '@p2p-power/tariff/words';
import type { Words } from '../words/de.ts';
import { formatExactMoney, formatMoney } from '../words/format.ts';
import type { Language } from '../words/Language.ts';

/** One line of a tariff for people, tax included. */
export interface TariffLine {
  readonly component: PriceComponentType | 'min' | 'max';
  readonly name: string;
  readonly amount: string;
  readonly unit: string;
  /** When it applies, the tax, the step; empty where there is nothing to say. */
  readonly remark: string;
}

/** AFIR (EU) 2023/1804 Art. 5(4): price per kWh, per minute, per session, then any other component. */
const order: readonly TariffLine['component'][] = ['ENERGY', 'TIME', 'PARKING_TIME', 'FLAT', 'min', 'max'];

/** The lines of a tariff in the order that AFIR asks for, with tax, times per minute. */
export function tariffLines(tariff: Tariff, words: Words, language: Language): readonly TariffLine[] {
  const lines: TariffLine[] = tariff.elements.flatMap((element) =>
    element.priceComponents.map(({ type, priceMicro, vatBp, stepSize }): TariffLine => {
      const isTime = type === 'TIME' || type === 'PARKING_TIME';
      const withTax = (priceMicro * (10_000 + (vatBp ?? 0))) / 10_000;
      const amountMicro = Math.round(isTime ? withTax / 60 : withTax);
      const percent = `${((vatBp ?? 0) / 100).toLocaleString(language === 'de' ? 'de-DE' : 'en-GB')} %`;
      const step =
        type === 'ENERGY' && stepSize > 1
          ? words.tariff.step(`${stepSize} Wh`)
          : isTime && stepSize > 1
            ? words.tariff.step(stepSize % 60 === 0 ? `${stepSize / 60} min` : `${stepSize} s`)
            : '';
      return {
        component: type,
        name: words.tariff[type],
        amount:
          amountMicro === 0
            ? words.tariff.free
            : formatExactMoney(roundTo(amountMicro, 100), tariff.currency, language),
        unit:
          amountMicro === 0
            ? ''
            : type === 'ENERGY'
              ? words.tariff.perKwh
              : isTime
                ? words.tariff.perMinute
                : words.tariff.perSession,
        remark: [
          restrictionsInWords(element.restrictions, language),
          vatBp === undefined ? '' : words.tariff.vat(percent),
          step,
        ]
          .filter(Boolean)
          .join(' · '),
      };
    }),
  );
  for (const limit of ['min', 'max'] as const) {
    const price = limit === 'min' ? tariff.minPrice : tariff.maxPrice;
    if (price === undefined) continue;
    lines.push({
      component: limit,
      name: words.tariff[limit],
      amount: formatMoney(price.inclVatMicro ?? price.exclVatMicro, tariff.currency, language),
      unit: words.tariff.perSession,
      remark: price.inclVatMicro === undefined ? words.tariff.noVat : words.tariff.inclVat,
    });
  }
  return lines.sort((a, b) => order.indexOf(a.component) - order.indexOf(b.component));
}

const roundTo = (amountMicro: number, unitMicro: number) => Math.round(amountMicro / unitMicro) * unitMicro;
