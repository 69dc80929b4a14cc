import { localTime } from './localTime.ts';
import type { Price, PriceLine } from './price.ts';
import type { TaxAmount } from './sumPrice.ts';
import {
  amountInWords,
  durationInWords,
  energyInWords,
  type Language,
  restrictionWords,
  thousandthsInWords,
  timeOfDay,
} from './words.ts';

/**
 * A line of a receipt: its text, and what it adds to the price in micro-units. The tax of each rate is its own line, unless
 * the tariff's prices have it in them. A line without an amount says more about the one before. All amounts add up to
 * `inclVatMicro`.
 */
export interface ExplainedLine {
  readonly text: string;
  readonly amountMicro?: number;
}

/** No line is longer, unless one part of it alone is. */
const MOST_CHARACTERS = 60;

const WORDS = {
  en: {
    at: 'at',
    TIME: 'charging',
    PARKING_TIME: 'parking',
    reserved: 'reserved',
    free: 'free of charge',
    givenBack: 'given back',
    FLAT: 'fee for the session',
    reservationFee: 'fee for the reservation',
    added: (added: string, step: string) => `${added} of it fill up steps of ${step}`,
    min: "raised to the tariff's least price",
    max: "lowered to the tariff's most price",
    rounding: 'rounding of the sum',
    vat: 'VAT',
    including: 'incl.',
  },
  de: {
    at: 'zu',
    TIME: 'Laden',
    PARKING_TIME: 'Stehen',
    reserved: 'Reservierung',
    free: 'kostenlos',
    givenBack: 'zurückgespeist',
    FLAT: 'Entgelt je Ladevorgang',
    reservationFee: 'Entgelt für die Reservierung',
    added: (added: string, step: string) => `davon ${added} zum Auffüllen auf ${step}`,
    min: 'angehoben auf den Mindestpreis des Tarifs',
    max: 'gesenkt auf den Höchstpreis des Tarifs',
    rounding: 'Rundung der Summe',
    vat: 'USt.',
    including: 'inkl.',
  },
} as const;

/**
 * A price in plain words for a receipt: each of its lines with the reason why it was charged like that, what the tariff's
 * limits or the rounding of the sum changed, and the tax. Where the price of a dimension changed within one element, as a
 * dynamic one does by the quarter-hour, the line says its time of day in `timeZone` (IANA).
 *
 * @example
 * explain(price(tariff, session), 'en', 'Europe/Berlin').map(({ text }) => text)
 * // ['12.345 kWh at 0.39 €/kWh, Mon–Fri 08:00–18:00', '19 % VAT']
 */
export function explain(price: Price, language: Language, timeZone: string): readonly ExplainedLine[] {
  const words = WORDS[language];
  const lines = price.lines.flatMap((line): readonly ExplainedLine[] => {
    const isOneOfMany = price.lines.some(
      (other) =>
        other !== line && other.component === line.component && other.elementIndex === line.elementIndex,
    );
    const when = isOneOfMany
      ? [clockOf(line, timeZone)]
      : restrictionWords(withoutReservation(line), language);
    const [text, ...rest] = wrap([whatOf(line, price.currency, language), ...when]);
    return [
      { text: text ?? '', amountMicro: line.amountMicro },
      ...rest.map(moreAbout),
      ...stepOf(line, language),
    ];
  });
  const sumMicro = price.lines.reduce((sum, { amountMicro }) => sum + amountMicro, 0);
  const changedMicro = (price.areLinesTaxed ? price.inclVatMicro : price.exclVatMicro) - sumMicro;
  const change = price.limit === undefined ? words.rounding : words[price.limit];
  return [
    ...lines,
    ...(price.limit !== undefined || changedMicro !== 0 ? [{ text: change, amountMicro: changedMicro }] : []),
    ...price.taxes.filter(({ amountMicro }) => amountMicro !== 0).map((tax) => taxLine(tax, price, language)),
  ];
}

/** The tax of a rate, e.g. `19 % VAT`; where the lines have it in them, it is said and adds nothing. */
function taxLine({ vatBp, amountMicro }: TaxAmount, price: Price, language: Language): ExplainedLine {
  const words = WORDS[language];
  const rate = vatBp === 0 ? words.vat : `${thousandthsInWords(vatBp * 10, language)} % ${words.vat}`;
  if (!price.areLinesTaxed) return { text: rate, amountMicro };
  return {
    text: `${words.including} ${rate}: ${amountInWords(amountMicro, language)} ${signOf(price.currency)}`,
  };
}

function signOf(currency: string): string {
  return currency === 'EUR' ? '€' : currency;
}

function moreAbout(text: string): ExplainedLine {
  return { text };
}

function whatOf(line: PriceLine, currency: string, language: Language): string {
  const words = WORDS[language];
  const { component, priceMicro, quantity } = line;
  const isReservation = line.restrictions?.reservation !== undefined;
  if (component === 'FLAT') {
    const fee = isReservation ? words.reservationFee : words.FLAT;
    return priceMicro === 0 ? `${fee}: ${words.free}` : fee;
  }
  const each = `${words.at} ${amountInWords(priceMicro, language)} ${signOf(currency)}`;
  if (component === 'ENERGY') {
    const energy = energyInWords(Math.abs(quantity), language) + (quantity < 0 ? ` ${words.givenBack}` : '');
    return priceMicro === 0 ? `${energy} ${words.free}` : `${energy} ${each}/kWh`;
  }
  const time = `${durationInWords(quantity)} ${isReservation ? words.reserved : words[component]}`;
  return priceMicro === 0 ? `${time} ${words.free}` : `${time} ${each}/h`;
}

/** The restrictions but the reservation, which the line says already; one that was not used is worth a word. */
function withoutReservation({ restrictions }: PriceLine): PriceLine['restrictions'] {
  if (restrictions?.reservation !== 'RESERVATION') return restrictions;
  const { reservation: _, ...others } = restrictions;
  return others;
}

function clockOf({ from, to }: PriceLine, timeZone: string): string {
  const clock = (at: number) => timeOfDay(Math.floor(localTime(timeZone, at).secondOfDay / 60));
  return `${clock(from)}–${clock(to)}`;
}

function stepOf(
  { component, addedQuantity, stepSize }: PriceLine,
  language: Language,
): readonly ExplainedLine[] {
  if (addedQuantity === 0) return [];
  const inWords = (amount: number) =>
    component === 'ENERGY' ? energyInWords(amount, language) : durationInWords(amount);
  return [{ text: WORDS[language].added(inWords(addedQuantity), inWords(stepSize)) }];
}

/** Joins parts by commas; what would make a line too long goes on the next. */
function wrap(parts: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 2 + part.length <= MOST_CHARACTERS) {
      lines[lines.length - 1] = `${last}, ${part}`;
    } else lines.push(part);
  }
  return lines;
}
