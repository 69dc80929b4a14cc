import { RESTRICTION_BOUNDS } from './ocpiRestrictions.ts';
import { accept, type Result, refuse } from './Result.ts';
import {
  type PriceComponent,
  type PriceComponentType,
  type PriceLimit,
  parseTariff,
  printTariff,
  type Tariff,
  type TariffElement,
  type TariffRefusal,
  type TariffRestrictions,
} from './Tariff.ts';
import { parseTariff230, printTariff230 } from './Tariff230.ts';

/**
 * Why bytes are no encoded tariff, in the order of checking:
 * - `wrong-length`: not a header and as many rows as it counts
 * - `malformed`: a word that no encoder writes
 * - what `parseTariff` refuses in the tariff that the bytes say
 * - `not-canonical`: the same tariff has other bytes
 */
export type EncodedTariffRefusal = 'wrong-length' | 'malformed' | TariffRefusal | 'not-canonical';

const WORD = 32;
const HEADER_WORDS = 12;
const ROW_WORDS = 6;
const COMPONENT = 1;
const RESTRICTION = 2;
const COMPONENT_CODES: readonly PriceComponentType[] = ['ENERGY', 'TIME', 'PARKING_TIME', 'FLAT'];
const START = 1;
const END = 2;
const DAYS = 3;
const RESERVATION = 14;
const TAXES = 3;
const TAX_CODES = ['included', 'none'] as const;
/** The restrictions that are amounts, by their codes. */
const AMOUNTS = [
  [4, 'startDay'],
  [5, 'endDay'],
  [6, 'minEnergyWh'],
  [7, 'maxEnergyWh'],
  [8, 'minCurrentMa'],
  [9, 'maxCurrentMa'],
  [10, 'minPowerW'],
  [11, 'maxPowerW'],
  [12, 'minDurationS'],
  [13, 'maxDurationS'],
] as const;
/** No restriction has a larger bound; days are bounded for themselves. */
const LARGEST_BOUND = RESTRICTION_BOUNDS.durationS;
const RESERVATIONS = ['RESERVATION', 'RESERVATION_EXPIRES'] as const;

/**
 * The canonical bytes of what a tariff charges: 32-byte big-endian words, for hashing and for contracts
 * that price anew. The header has 12 words: country, party, id (two words), currency (texts, ASCII, zero
 * bytes behind); minPrice before and after tax, maxPrice before and after tax (micro-units plus one, 0
 * for none); startsAt, endsAt (0 for none); the number of rows. Each row has 6: elementIndex, kind, code,
 * a, b, c. Kind 1 is a component: code 1 ENERGY, 2 TIME, 3 PARKING_TIME, 4 FLAT; a priceMicro, b vatBp plus
 * one (0 for none), c stepSize. Kind 2 is a restriction: code 1 start and 2 end (a is the minute, 1440 the
 * end of the day), 3 days of the week (a is a bit set, bit 0 Monday), 4 first and 5 last day (a counts from
 * 1970-01-01), 6 least and 7 most energy in Wh, 8 and 9 current in mA, 10 and 11 power in W, 12 and 13
 * duration in s, 14 reservation (a is 1, or 2 for an expired one). Rows stand in the order of the elements,
 * in each the components in their order, then the restrictions by code.
 *
 * Kind 3 is a last row behind all elements, with the next elementIndex: code 1 says that all prices have
 * tax in them, 2 that no taxes apply; without it prices are before tax.
 *
 * Contracts refuse the rows that they cannot price: restrictions from code 4 on, and kinds from 3 on.
 *
 * `type`, alternative texts and `lastUpdatedAt` are not priced and not encoded.
 */
export function encodeTariff(tariff: Tariff): Uint8Array<ArrayBuffer> {
  const { taxes, elements } = tariff;
  const rows = elements.flatMap(rowsOf);
  if (taxes !== undefined) rows.push([elements.length, TAXES, TAX_CODES.indexOf(taxes) + 1, 0, 0, 0]);
  const words: (string | number)[] = [
    tariff.countryCode,
    tariff.partyId,
    tariff.id.slice(0, WORD),
    tariff.id.slice(WORD),
    tariff.currency,
    plusOne(tariff.minPrice?.exclVatMicro),
    plusOne(tariff.minPrice?.inclVatMicro),
    plusOne(tariff.maxPrice?.exclVatMicro),
    plusOne(tariff.maxPrice?.inclVatMicro),
    tariff.startsAt ?? 0,
    tariff.endsAt ?? 0,
    rows.length,
    ...rows.flat(),
  ];
  const bytes = new Uint8Array(words.length * WORD);
  const view = new DataView(bytes.buffer);
  for (const [index, word] of words.entries()) {
    if (typeof word === 'number') view.setBigUint64((index + 1) * WORD - 8, BigInt(word));
    else for (let at = 0; at < word.length; at += 1) bytes[index * WORD + at] = word.charCodeAt(at);
  }
  return bytes;
}

function plusOne(value: number | undefined): number {
  return value === undefined ? 0 : value + 1;
}

function rowsOf({ priceComponents, restrictions }: TariffElement, elementIndex: number): number[][] {
  const rows = priceComponents.map(({ type, priceMicro, vatBp, stepSize }) => {
    const code = COMPONENT_CODES.indexOf(type) + 1;
    return [elementIndex, COMPONENT, code, priceMicro, plusOne(vatBp), stepSize];
  });
  const restrict = (code: number, a: number) => rows.push([elementIndex, RESTRICTION, code, a, 0, 0]);
  if (restrictions?.startMinute !== undefined) restrict(START, restrictions.startMinute);
  if (restrictions?.endMinute !== undefined) restrict(END, restrictions.endMinute || 1440);
  if (restrictions?.daysOfWeek !== undefined) {
    const days = new Set(restrictions.daysOfWeek);
    restrict(
      DAYS,
      [...days].reduce((bits, day) => bits | (1 << (day - 1)), 0),
    );
  }
  for (const [code, name] of AMOUNTS) {
    const amount = restrictions?.[name];
    if (amount !== undefined) restrict(code, amount);
  }
  if (restrictions?.reservation !== undefined) {
    restrict(RESERVATION, RESERVATIONS.indexOf(restrictions.reservation) + 1);
  }
  return rows;
}

/**
 * The tariff that encoded bytes say, with `lastUpdatedAt` 0; refuses whatever `encodeTariff` would not
 * write, so that one tariff has one encoding only.
 */
export function decodeTariff(bytes: Uint8Array): Result<Tariff, EncodedTariffRefusal> {
  const words = bytes.length / WORD;
  if (!Number.isInteger(words) || words < HEADER_WORDS)
    return refuse('wrong-length', `${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const number = (word: number): number => Number(view.getBigUint64((word + 1) * WORD - 8));
  const text = (word: number): string =>
    String.fromCharCode(...bytes.subarray(word * WORD, (word + 1) * WORD)).replace(/\0+$/, '');
  const rowCount = number(HEADER_WORDS - 1);
  if (words !== HEADER_WORDS + rowCount * ROW_WORDS) {
    return refuse('wrong-length', `${rowCount} rows in ${bytes.length} bytes`);
  }
  const elements: ElementDraft[] = [];
  let taxes: Tariff['taxes'];
  for (let row = 0; row < rowCount; row += 1) {
    const [elementIndex, ...rest] = Array.from({ length: ROW_WORDS }, (_, cell) =>
      number(HEADER_WORDS + row * ROW_WORDS + cell),
    ) as [number, number, number, number, number, number];
    const taxed = TAX_CODES[rest[1] - 1];
    if (
      rest[0] === TAXES &&
      row === rowCount - 1 &&
      elementIndex === elements.length &&
      taxed !== undefined
    ) {
      taxes = taxed;
      break;
    }
    if (elementIndex === elements.length) elements.push({ priceComponents: [], restrictions: {} });
    const element = elementIndex === elements.length - 1 ? elements[elementIndex] : undefined;
    if (element === undefined || !readRow(element, ...rest)) return refuse('malformed', `row ${row}`);
  }
  const [startsAt, endsAt] = [number(9), number(10)];
  if (Math.max(startsAt, endsAt) > YEAR_9999_ENDS_AT)
    return refuse('malformed', 'a time after the year 9999');
  const minPrice = limitOf(number(5), number(6));
  const maxPrice = limitOf(number(7), number(8));
  const tariff: Tariff = {
    countryCode: text(0),
    partyId: text(1),
    id: text(2) + text(3),
    currency: text(4),
    ...(taxes && { taxes }),
    ...(minPrice && { minPrice }),
    ...(maxPrice && { maxPrice }),
    elements: elements.map(({ priceComponents, restrictions }) =>
      Object.keys(restrictions).length === 0 ? { priceComponents } : { priceComponents, restrictions },
    ),
    ...(startsAt > 0 && { startsAt }),
    ...(endsAt > 0 && { endsAt }),
    lastUpdatedAt: 0,
  };
  const dated = { ...tariff, lastUpdatedAt: 1 };
  const parsed =
    taxes === undefined ? parseTariff(printTariff(dated)) : parseTariff230(printTariff230(dated));
  if (!parsed.ok) return parsed;
  const canonical = encodeTariff({ ...parsed.value, lastUpdatedAt: 0 });
  const isCanonical = canonical.length === bytes.length && canonical.every((byte, at) => byte === bytes[at]);
  return isCanonical ? accept(tariff) : refuse('not-canonical', 'the same tariff has other bytes');
}

const YEAR_9999_ENDS_AT = 253_402_300_799;

interface ElementDraft {
  readonly priceComponents: PriceComponent[];
  restrictions: TariffRestrictions;
}

function limitOf(exclPlusOne: number, inclPlusOne: number): PriceLimit | undefined {
  if (exclPlusOne === 0) return undefined;
  const exclVatMicro = exclPlusOne - 1;
  return inclPlusOne === 0 ? { exclVatMicro } : { exclVatMicro, inclVatMicro: inclPlusOne - 1 };
}

/** Adds a row to its element; false if no encoder writes such a row. */
function readRow(
  element: ElementDraft,
  kind: number,
  code: number,
  a: number,
  b: number,
  c: number,
): boolean {
  if (kind === COMPONENT) {
    const type = COMPONENT_CODES[code - 1];
    if (type === undefined) return false;
    const component = { type, priceMicro: a, stepSize: c };
    element.priceComponents.push(b === 0 ? component : { ...component, vatBp: b - 1 });
    return true;
  }
  if (kind !== RESTRICTION || a > LARGEST_BOUND) return false;
  const amount = AMOUNTS.find(([known]) => known === code);
  const reservation = code === RESERVATION ? RESERVATIONS[a - 1] : undefined;
  if (amount?.[1].endsWith('Day') && a > RESTRICTION_BOUNDS.day) return false;
  if (amount !== undefined) element.restrictions = { ...element.restrictions, [amount[1]]: a };
  else if (reservation !== undefined) element.restrictions = { ...element.restrictions, reservation };
  else if (a > 1440) return false;
  else if (code === START) element.restrictions = { ...element.restrictions, startMinute: a };
  else if (code === END) element.restrictions = { ...element.restrictions, endMinute: a };
  else if (code === DAYS && a < 128) {
    const daysOfWeek = [1, 2, 3, 4, 5, 6, 7].filter((day) => (a & (1 << (day - 1))) !== 0);
    element.restrictions = { ...element.restrictions, daysOfWeek };
  } else return false;
  return true;
}
