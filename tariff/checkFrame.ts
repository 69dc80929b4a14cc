import type { DynamicTerms } from './DynamicTerms.ts';
import type { PriceFrame } from './PriceFrame.ts';
import { accept, type Result, refuse } from './Result.ts';
import { roundedQuotient } from './roundedQuotient.ts';
import type { PriceComponentType, Tariff } from './Tariff.ts';
import { type ActiveComponent, candidatesOf } from './timetable.ts';
import { amountInWords, durationInWords, energyInWords, type Language, thousandthsInWords } from './words.ts';

/** Energy is billed in steps of a kWh at most, charging time in steps of an hour: more would be a price of its own. */
const MOST_STEP = { kWh: 1_000, h: 3_600 } as const;

/** A full charge of a large car: what a session costs at most must not undercut the floor before it. */
const FULL_CHARGE_KWH = 100;

/** The highest standard rate of VAT in the European Union (Hungary; Directive 2006/112/EC sets no highest itself). */
const MOST_VAT_BP = 2_700;

type Unit = 'kWh' | 'h' | 'session';

/** A price that was found, as a fraction of micro-units before tax, and where. */
interface Found {
  readonly where: string;
  readonly dividend: bigint;
  readonly divisor: bigint;
  readonly unit: Unit;
}

const WORDS = {
  en: {
    component: (index: number, type: PriceComponentType) => `elements[${index}] ${type}`,
    units: { kWh: 'kWh', h: 'h', session: 'session' },
    below: (price: string, floor: string) => `${price} is below the floor of ${floor}`,
    above: (price: string, ceiling: string) => `${price} is above the ceiling of ${ceiling}`,
    currency: (framed: string, given: string) => `the frame is in ${framed}, the tariff in ${given}`,
    sometimesFree: (floor: string) => `energy is free where no element prices it; the floor is ${floor}`,
    mostIsNothing: (floor: string) => `max_price makes energy free; the floor is ${floor}`,
    mostBelow: (most: string, full: string, kWh: number) =>
      `max_price: ${most} is below ${full}, the floor of ${kWh} kWh`,
    tax: (where: string, rate: string, most: string) =>
      `${where}: ${rate} % VAT are above the most, ${most} %`,
    step: (where: string, step: string, most: string) =>
      `${where}: steps of ${step} are above the most, ${most}`,
    least: 'min_price',
    leastAfterTax: 'min_price after tax',
    dynamicFloor: 'the dynamic floor',
    dynamicCap: 'the dynamic cap',
    fallback: 'the fallback',
  },
  de: {
    component: (index: number, type: PriceComponentType) =>
      `${COMPONENTS_DE[type]} (Tarifelement ${index + 1})`,
    units: { kWh: 'kWh', h: 'h', session: 'Ladevorgang' },
    below: (price: string, floor: string) => `${price} liegt unter der Untergrenze von ${floor}`,
    above: (price: string, ceiling: string) => `${price} liegt über der Obergrenze von ${ceiling}`,
    currency: (framed: string, given: string) => `der Rahmen ist in ${framed}, der Tarif in ${given}`,
    sometimesFree: (floor: string) =>
      `Energie ist kostenlos, wo kein Tarifelement sie bepreist; die Untergrenze ist ${floor}`,
    mostIsNothing: (floor: string) => `der Höchstpreis macht Energie kostenlos; die Untergrenze ist ${floor}`,
    mostBelow: (most: string, full: string, kWh: number) =>
      `Höchstpreis: ${most} liegen unter ${full}, der Untergrenze für ${kWh} kWh`,
    tax: (where: string, rate: string, most: string) =>
      `${where}: ${rate} % Mehrwertsteuer liegen über dem Höchsten, ${most} %`,
    step: (where: string, step: string, most: string) =>
      `${where}: Schritte von ${step} liegen über dem Größten, ${most}`,
    least: 'Mindestpreis',
    leastAfterTax: 'Mindestpreis nach Steuer',
    dynamicFloor: 'kleinster dynamischer Preis',
    dynamicCap: 'größter dynamischer Preis',
    fallback: 'Preis ohne Börsenpreis',
  },
} as const;

const COMPONENTS_DE = {
  ENERGY: 'Energie',
  TIME: 'Ladezeit',
  PARKING_TIME: 'Standzeit',
  FLAT: 'Ladevorgang',
} as const;

/**
 * Whether a tariff, and the terms by which its energy price changes if it does, keep to a frame: each price that can ever
 * be in force. Prices that include tax are compared before it. A time in which energy has no price is free energy: the
 * last element with ENERGY must have no restrictions, unless the frame lets energy be free. Energy and charging time may
 * be rounded up to a kWh and an hour at most. No rate of tax may be above the highest in the European Union: prices are bound
 * before tax, and what is more would be a price. A most price must leave the floor for a full charge, unless energy may be
 * free. The refusal names the bound, the price that was found, and where, in `language`.
 */
export function checkFrame(
  frame: PriceFrame,
  tariff: Tariff,
  dynamic?: DynamicTerms,
  language: Language = 'en',
): Result<Tariff, 'price-outside-frame'> {
  const fault = firstFault(frame, tariff, dynamic, language);
  return fault === undefined ? accept(tariff) : refuse('price-outside-frame', fault);
}

function firstFault(
  frame: PriceFrame,
  tariff: Tariff,
  dynamic: DynamicTerms | undefined,
  language: Language,
): string | undefined {
  const words = WORDS[language];
  if (tariff.currency !== frame.currency) return words.currency(frame.currency, tariff.currency);
  const { ENERGY, TIME, PARKING_TIME, FLAT } = candidatesOf(tariff);
  const candidates = [...ENERGY, ...TIME, ...PARKING_TIME, ...FLAT];
  for (const candidate of candidates) {
    const fault = taxFault(candidate, language);
    if (fault !== undefined) return fault;
  }
  for (const candidate of ENERGY) {
    const found = foundAt(tariff, candidate, 'kWh', language);
    const fault = stepFault(candidate, 'kWh', language) ?? energyFault(frame, found, language);
    if (fault !== undefined) return fault;
  }
  if (!frame.mayBeFree && frame.floorMicro > 0) {
    const isAlwaysPriced = ENERGY.at(-1)?.restrictions === undefined && ENERGY.length > 0;
    const floor = perUnit(frame, BigInt(frame.floorMicro), 'kWh', language);
    if (!isAlwaysPriced) return words.sometimesFree(floor);
    const mostMicro = tariff.maxPrice?.exclVatMicro;
    if (mostMicro === 0) return words.mostIsNothing(floor);
    const fullMicro = frame.floorMicro * FULL_CHARGE_KWH;
    if (mostMicro !== undefined && mostMicro < fullMicro) {
      const money = (micro: number) => `${amountInWords(micro, language)} ${frame.currency}`;
      return words.mostBelow(money(mostMicro), money(fullMicro), FULL_CHARGE_KWH);
    }
  }
  for (const candidate of TIME) {
    const found = foundAt(tariff, candidate, 'h', language);
    const fault =
      stepFault(candidate, 'h', language) ??
      ceilingFault(frame, found, frame.hourCeilingMicro ?? 0, language);
    if (fault !== undefined) return fault;
  }
  const sessionCeiling = frame.sessionCeilingMicro ?? 0;
  for (const candidate of FLAT) {
    const found = foundAt(tariff, candidate, 'session', language);
    const fault = ceilingFault(frame, found, sessionCeiling, language);
    if (fault !== undefined) return fault;
  }
  for (const least of leastPrices(tariff, candidates, language)) {
    const fault = ceilingFault(frame, least, sessionCeiling, language);
    if (fault !== undefined) return fault;
  }
  return dynamic && dynamicFault(frame, dynamic, language);
}

/** The least price before tax, and the one after it as it would be before the tariff's highest rate of tax. */
function leastPrices(
  { minPrice, taxes }: Tariff,
  candidates: readonly ActiveComponent[],
  language: Language,
): readonly Found[] {
  if (minPrice === undefined) return [];
  const { exclVatMicro, inclVatMicro } = minPrice;
  const before = plain(WORDS[language].least, exclVatMicro, 'session');
  if (inclVatMicro === undefined) return [before];
  const rates = taxes === 'none' ? [] : candidates.map(({ component }) => component.vatBp ?? 0);
  const after = plain(WORDS[language].leastAfterTax, inclVatMicro, 'session');
  return [before, beforeTax(after, Math.max(0, ...rates))];
}

function foundAt(
  { taxes }: Tariff,
  { elementIndex, component }: ActiveComponent,
  unit: Unit,
  language: Language,
): Found {
  const where = WORDS[language].component(elementIndex, component.type);
  const found = plain(where, component.priceMicro, unit);
  return taxes === 'included' ? beforeTax(found, component.vatBp ?? 0) : found;
}

function beforeTax(found: Found, vatBp: number): Found {
  return { ...found, dividend: found.dividend * 10_000n, divisor: found.divisor * BigInt(10_000 + vatBp) };
}

function plain(where: string, priceMicro: number, unit: Unit): Found {
  return { where, dividend: BigInt(priceMicro), divisor: 1n, unit };
}

function taxFault(
  { elementIndex, component: { type, vatBp = 0 } }: ActiveComponent,
  language: Language,
): string | undefined {
  if (vatBp <= MOST_VAT_BP) return undefined;
  const words = WORDS[language];
  const percent = (bp: number) => thousandthsInWords(bp * 10, language);
  return words.tax(words.component(elementIndex, type), percent(vatBp), percent(MOST_VAT_BP));
}

function stepFault(
  { elementIndex, component }: ActiveComponent,
  unit: 'kWh' | 'h',
  language: Language,
): string | undefined {
  const { type, stepSize } = component;
  if (stepSize <= MOST_STEP[unit]) return undefined;
  const words = WORDS[language];
  const size = (step: number) => (unit === 'kWh' ? energyInWords(step, language) : durationInWords(step));
  return words.step(words.component(elementIndex, type), size(stepSize), size(MOST_STEP[unit]));
}

function energyFault(frame: PriceFrame, found: Found, language: Language): string | undefined {
  const isAllowedFree = frame.mayBeFree && found.dividend === 0n;
  if (!isAllowedFree && found.dividend < BigInt(frame.floorMicro) * found.divisor) {
    const floor = perUnit(frame, BigInt(frame.floorMicro), 'kWh', language);
    return WORDS[language].below(inWords(frame, found, language), floor);
  }
  return ceilingFault(frame, found, frame.ceilingMicro, language);
}

function ceilingFault(
  frame: PriceFrame,
  found: Found,
  ceilingMicro: number,
  language: Language,
): string | undefined {
  if (found.dividend <= BigInt(ceilingMicro) * found.divisor) return undefined;
  const ceiling = perUnit(frame, BigInt(ceilingMicro), found.unit, language);
  return WORDS[language].above(inWords(frame, found, language), ceiling);
}

/** All prices of an index lie within floor and cap; where both are zero, energy is simply free. */
function dynamicFault(
  frame: PriceFrame,
  { floorMicro, capMicro, fallbackMicro }: DynamicTerms,
  language: Language,
): string | undefined {
  const words = WORDS[language];
  const isAllowedFree = frame.mayBeFree && capMicro === 0;
  const least = plain(words.dynamicFloor, floorMicro, 'kWh');
  const fallback = fallbackMicro === undefined ? undefined : plain(words.fallback, fallbackMicro, 'kWh');
  return (
    (isAllowedFree ? undefined : energyFault({ ...frame, mayBeFree: false }, least, language)) ??
    energyFault(frame, plain(words.dynamicCap, capMicro, 'kWh'), language) ??
    (fallback && energyFault(frame, fallback, language))
  );
}

function inWords(frame: PriceFrame, { where, dividend, divisor, unit }: Found, language: Language): string {
  return `${where}: ${perUnit(frame, roundedQuotient(dividend, divisor), unit, language)}`;
}

function perUnit({ currency }: PriceFrame, amountMicro: bigint, unit: Unit, language: Language): string {
  return `${amountInWords(Number(amountMicro), language)} ${currency}/${WORDS[language].units[unit]}`;
}
