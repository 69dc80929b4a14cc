import type { DynamicTerms } from './DynamicTerms.ts';
import type { PriceFrame } from './PriceFrame.ts';
import { accept, type Result, refuse } from './Result.ts';
import { roundedQuotient } from './roundedQuotient.ts';
import type { Tariff } from './Tariff.ts';
import { type ActiveComponent, candidatesOf } from './timetable.ts';
import { amountInWords, durationInWords, energyInWords } from './words.ts';

/** Energy is billed in steps of a kWh at most, charging time in steps of an hour: more would be a price of its own. */
const MOST_STEP = { kWh: 1_000, h: 3_600 } as const;

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
 * be rounded up to a kWh and an hour at most. The most that a session costs is the operator's own business, unless it
 * makes the session free. The refusal names the bound, the price that was found, and where.
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
  const { ENERGY, TIME, FLAT } = candidatesOf(tariff);
  for (const candidate of ENERGY) {
    const found = foundAt(tariff, candidate, 'kWh');
    const fault = stepFault(candidate, 'kWh') ?? energyFault(frame, found);
    if (fault !== undefined) return fault;
  }
  if (!frame.mayBeFree && frame.floorMicro > 0) {
    const isAlwaysPriced = ENERGY.at(-1)?.restrictions === undefined && ENERGY.length > 0;
    const floor = perUnit(frame, BigInt(frame.floorMicro), 'kWh');
    if (!isAlwaysPriced) return `energy is free where no element prices it; the floor is ${floor}`;
    if (tariff.maxPrice?.exclVatMicro === 0) return `max_price makes energy free; the floor is ${floor}`;
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
  const least = tariff.minPrice && plain('min_price', tariff.minPrice.exclVatMicro, 'session');
  return (least && ceilingFault(frame, least, sessionCeiling)) ?? (dynamic && dynamicFault(frame, dynamic));
}

function foundAt(
  { taxes }: Tariff,
  { elementIndex, component }: ActiveComponent,
  unit: Found['unit'],
): Found {
  const found = plain(`elements[${elementIndex}] ${component.type}`, component.priceMicro, unit);
  if (taxes !== 'included') return found;
  return { ...found, dividend: found.dividend * 10_000n, divisor: BigInt(10_000 + (component.vatBp ?? 0)) };
}

function plain(where: string, priceMicro: number, unit: Found['unit']): Found {
  return { where, dividend: BigInt(priceMicro), divisor: 1n, unit };
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
