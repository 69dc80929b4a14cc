import type { DynamicTerms } from './DynamicTerms.ts';
import type { PriceFrame } from './PriceFrame.ts';
import { accept, type Result, refuse } from './Result.ts';
import { roundedQuotient } from './roundedQuotient.ts';
import type { Tariff } from './Tariff.ts';
import { type ActiveComponent, candidatesOf } from './timetable.ts';
import { amountInWords, durationInWords, energyInWords } from './words.ts';

/** Energy is billed in steps of a kWh at most, charging time in steps of an hour: more would be a price of its own. */
const MOST_STEP = { kWh: 1_000, h: 3_600 } as const;

/** A full charge of a large car: what a session costs at most must not undercut the floor before it. */
const FULL_CHARGE_KWH = 100;

/** The highest standard rate of VAT in the European Union (Hungary; Directive 2006/112/EC sets no highest itself). */
const MOST_VAT_BP = 2_700;

/** A price that was found, as a fraction of micro-units before tax, and where. */
interface Found {
  readonly where: string;
  readonly dividend: bigint;
  readonly divisor: bigint;
  readonly unit: 'kWh' | 'h' | 'session';
}

/**
 * Whether a tariff, and the terms by which its energy price changes if it does, keep to a frame: each price that can ever
 * be in force. Prices that include tax are compared before it. A time in which energy has no price is free energy: the
 * last element with ENERGY must have no restrictions, unless the frame lets energy be free. Energy and charging time may
 * be rounded up to a kWh and an hour at most. No rate of tax may be above the highest in the European Union: prices are bound
 * before tax, and what is more would be a price. A most price must leave the floor for a full charge, unless energy may be
 * free. The refusal names the bound, the price that was found, and where.
 */
export function checkFrame(
  frame: PriceFrame,
  tariff: Tariff,
  dynamic?: DynamicTerms,
): Result<Tariff, 'price-outside-frame'> {
  const fault = firstFault(frame, tariff, dynamic);
  return fault === undefined ? accept(tariff) : refuse('price-outside-frame', fault);
}

function firstFault(frame: PriceFrame, tariff: Tariff, dynamic?: DynamicTerms): string | undefined {
  if (tariff.currency !== frame.currency) {
    return `the frame is in ${frame.currency}, the tariff in ${tariff.currency}`;
  }
  const { ENERGY, TIME, PARKING_TIME, FLAT } = candidatesOf(tariff);
  const candidates = [...ENERGY, ...TIME, ...PARKING_TIME, ...FLAT];
  for (const candidate of candidates) {
    const fault = taxFault(candidate);
    if (fault !== undefined) return fault;
  }
  for (const candidate of ENERGY) {
    const found = foundAt(tariff, candidate, 'kWh');
    const fault = stepFault(candidate, 'kWh') ?? energyFault(frame, found);
    if (fault !== undefined) return fault;
  }
  if (!frame.mayBeFree && frame.floorMicro > 0) {
    const isAlwaysPriced = ENERGY.at(-1)?.restrictions === undefined && ENERGY.length > 0;
    const floor = perUnit(frame, BigInt(frame.floorMicro), 'kWh');
    if (!isAlwaysPriced) return `energy is free where no element prices it; the floor is ${floor}`;
    const mostMicro = tariff.maxPrice?.exclVatMicro;
    if (mostMicro === 0) return `max_price makes energy free; the floor is ${floor}`;
    const fullMicro = frame.floorMicro * FULL_CHARGE_KWH;
    if (mostMicro !== undefined && mostMicro < fullMicro) {
      const [most, full] = [mostMicro, fullMicro].map((micro) => `${amountInWords(micro)} ${frame.currency}`);
      return `max_price: ${most} is below ${full}, the floor of ${FULL_CHARGE_KWH} kWh`;
    }
  }
  for (const candidate of TIME) {
    const found = foundAt(tariff, candidate, 'h');
    const fault = stepFault(candidate, 'h') ?? ceilingFault(frame, found, frame.hourCeilingMicro ?? 0);
    if (fault !== undefined) return fault;
  }
  const sessionCeiling = frame.sessionCeilingMicro ?? 0;
  for (const candidate of FLAT) {
    const fault = ceilingFault(frame, foundAt(tariff, candidate, 'session'), sessionCeiling);
    if (fault !== undefined) return fault;
  }
  for (const least of leastPrices(tariff, candidates)) {
    const fault = ceilingFault(frame, least, sessionCeiling);
    if (fault !== undefined) return fault;
  }
  return dynamic && dynamicFault(frame, dynamic);
}

/** The least price before tax, and the one after it as it would be before the tariff's highest rate of tax. */
function leastPrices({ minPrice, taxes }: Tariff, candidates: readonly ActiveComponent[]): readonly Found[] {
  if (minPrice === undefined) return [];
  const { exclVatMicro, inclVatMicro } = minPrice;
  const before = plain('min_price', exclVatMicro, 'session');
  if (inclVatMicro === undefined) return [before];
  const rates = taxes === 'none' ? [] : candidates.map(({ component }) => component.vatBp ?? 0);
  const after = plain('min_price after tax', inclVatMicro, 'session');
  return [before, beforeTax(after, Math.max(0, ...rates))];
}

function foundAt(
  { taxes }: Tariff,
  { elementIndex, component }: ActiveComponent,
  unit: Found['unit'],
): Found {
  const found = plain(`elements[${elementIndex}] ${component.type}`, component.priceMicro, unit);
  return taxes === 'included' ? beforeTax(found, component.vatBp ?? 0) : found;
}

function beforeTax(found: Found, vatBp: number): Found {
  return { ...found, dividend: found.dividend * 10_000n, divisor: found.divisor * BigInt(10_000 + vatBp) };
}

function plain(where: string, priceMicro: number, unit: Found['unit']): Found {
  return { where, dividend: BigInt(priceMicro), divisor: 1n, unit };
}

function taxFault({ elementIndex, component: { type, vatBp = 0 } }: ActiveComponent): string | undefined {
  if (vatBp <= MOST_VAT_BP) return undefined;
  return `elements[${elementIndex}] ${type}: ${vatBp / 100} % VAT are above the most, ${MOST_VAT_BP / 100} %`;
}

function stepFault({ elementIndex, component }: ActiveComponent, unit: 'kWh' | 'h'): string | undefined {
  const { type, stepSize } = component;
  if (stepSize <= MOST_STEP[unit]) return undefined;
  const [step, most] = [stepSize, MOST_STEP[unit]].map(
    unit === 'kWh' ? (wh) => energyInWords(wh) : durationInWords,
  );
  return `elements[${elementIndex}] ${type}: steps of ${step} are above the most, ${most}`;
}

function energyFault(frame: PriceFrame, found: Found): string | undefined {
  const isAllowedFree = frame.mayBeFree && found.dividend === 0n;
  if (!isAllowedFree && found.dividend < BigInt(frame.floorMicro) * found.divisor) {
    return `${inWords(frame, found)} is below the floor of ${perUnit(frame, BigInt(frame.floorMicro), 'kWh')}`;
  }
  return ceilingFault(frame, found, frame.ceilingMicro);
}

function ceilingFault(frame: PriceFrame, found: Found, ceilingMicro: number): string | undefined {
  if (found.dividend <= BigInt(ceilingMicro) * found.divisor) return undefined;
  return `${inWords(frame, found)} is above the ceiling of ${perUnit(frame, BigInt(ceilingMicro), found.unit)}`;
}

/** All prices of an index lie within floor and cap; where both are zero, energy is simply free. */
function dynamicFault(
  frame: PriceFrame,
  { floorMicro, capMicro, fallbackMicro }: DynamicTerms,
): string | undefined {
  const isAllowedFree = frame.mayBeFree && capMicro === 0;
  const least = plain('the dynamic floor', floorMicro, 'kWh');
  const fallback = fallbackMicro === undefined ? undefined : plain('the fallback', fallbackMicro, 'kWh');
  return (
    (isAllowedFree ? undefined : energyFault({ ...frame, mayBeFree: false }, least)) ??
    energyFault(frame, plain('the dynamic cap', capMicro, 'kWh')) ??
    (fallback && energyFault(frame, fallback))
  );
}

function inWords(frame: PriceFrame, { where, dividend, divisor, unit }: Found): string {
  return `${where}: ${perUnit(frame, roundedQuotient(dividend, divisor), unit)}`;
}

function perUnit({ currency }: PriceFrame, amountMicro: bigint, unit: Found['unit']): string {
  return `${amountInWords(Number(amountMicro))} ${currency}/${unit}`;
}
