import type { ActiveComponent, ActivePeriod } from './activePeriods.ts';
import { energyPeriods } from './energyPeriods.ts';
import type { PriceComponentType, PricedSession, SessionReading, Tariff } from './Tariff.ts';

/**
 * A component in force over a stretch of the session, with what was consumed under it. `from` and `to`
 * are the first and last instant of consumption. Quantities are in Wh or s (1 for FLAT), as numerators
 * over the denominator of the session.
 */
export interface Stretch {
  readonly active: ActiveComponent;
  readonly from: number;
  readonly to: number;
  readonly measured: bigint;
  /** What is billed: the measured quantity and what `step_size` adds to it. */
  readonly billed: bigint;
}

/** The stretches of a session in order of their start, FLAT first; only what was consumed is there. */
export interface Consumption {
  readonly stretches: readonly Stretch[];
  /** 1 unless a boundary cuts the energy between two readings. */
  readonly denominator: bigint;
}

/** Deals what a sound session consumed out to the components that were in force. */
export function consume(tariff: Tariff, { timeZone, readings, prices }: PricedSession): Consumption {
  const startAt = (readings[0] as SessionReading).at;
  const endAt = (readings.at(-1) as SessionReading).at;
  const periods = energyPeriods(tariff, timeZone, startAt, endAt, prices);
  const counts = count(readings, periods);
  const denominator = denominatorOf(counts);
  const measured = counts.map((counted) => stretchOf(counted, denominator));
  const stretches = stepUp(stepUp(measured, denominator, 'ENERGY'), denominator, 'TIME', 'PARKING_TIME');
  // FLAT is owed once, the first time that an element with it is in force.
  const flat = periods.find((period) => period.FLAT !== undefined);
  if (flat?.FLAT === undefined) return { stretches, denominator };
  const once = {
    active: flat.FLAT,
    from: flat.from,
    to: flat.from,
    measured: denominator,
    billed: denominator,
  };
  return { stretches: [once, ...stretches], denominator };
}

/** A stretch while it is counted. */
interface Count {
  readonly active: ActiveComponent;
  from: number;
  to: number;
  /** Whole Wh or s, from reading intervals that lie wholly in the stretch. */
  whole: number;
  /** Energy of intervals that a boundary cuts: Wh × seconds of the part, and seconds of the interval. */
  readonly parts: [share: number, intervalS: number][];
}

/** Walks readings and periods side by side. A stretch lasts while its component stays in force. */
function count(readings: readonly SessionReading[], periods: readonly ActivePeriod[]): readonly Count[] {
  const counts: Count[] = [];
  const current: Partial<Record<PriceComponentType, Count>> = {};
  const enter = (period: ActivePeriod): void => {
    for (const type of ['ENERGY', 'TIME', 'PARKING_TIME'] as const) {
      const active = period[type];
      if (active === current[type]?.active) continue;
      const opened = active && { active, from: -1, to: -1, whole: 0, parts: [] };
      if (opened !== undefined) counts.push(opened);
      if (opened === undefined) delete current[type];
      else current[type] = opened;
    }
  };
  let next = 0;
  let period = periods[next] as ActivePeriod;
  enter(period);
  for (let index = 1; index < readings.length; index += 1) {
    const start = readings[index - 1] as SessionReading;
    const end = readings[index] as SessionReading;
    const energyWh = end.importWh - start.importWh;
    const intervalS = end.at - start.at;
    let at = start.at;
    do {
      if (at >= period.to && next + 1 < periods.length) {
        next += 1;
        period = periods[next] as ActivePeriod;
        enter(period);
      }
      const to = Math.min(end.at, period.to);
      const partS = to - at;
      const energy = energyWh > 0 ? current.ENERGY : undefined;
      if (energy !== undefined) {
        reach(energy, at, to);
        if (partS === intervalS) energy.whole += energyWh;
        else energy.parts.push([energyWh * partS, intervalS]);
      }
      const time = start.state === 'charging' ? current.TIME : current.PARKING_TIME;
      if (time !== undefined && partS > 0) {
        reach(time, at, to);
        time.whole += partS;
      }
      at = to;
    } while (at < end.at);
  }
  return counts.filter(({ from }) => from >= 0);
}

function reach(counted: Count, from: number, to: number): void {
  if (counted.from < 0) counted.from = from;
  counted.to = to;
}

function stretchOf({ active, from, to, whole, parts }: Count, denominator: bigint): Stretch {
  let measured = BigInt(whole) * denominator;
  for (const [share, intervalS] of parts) measured += (BigInt(share) * denominator) / BigInt(intervalS);
  return { active, from, to, measured, billed: measured };
}

/** The least common denominator of all quantities. */
function denominatorOf(counts: readonly Count[]): bigint {
  let denominator = 1n;
  for (const { parts } of counts) {
    for (const [, intervalS] of parts) denominator = leastCommonMultiple(denominator, BigInt(intervalS));
  }
  return denominator;
}

function leastCommonMultiple(a: bigint, b: bigint): bigint {
  let [divisor, rest] = [a, b];
  while (rest > 0n) [divisor, rest] = [rest, divisor % rest];
  return (a / divisor) * b;
}

/**
 * Rounds up by `step_size`, which counts once per session for energy and once for both time-based
 * dimensions together: of the stretch that was consumed last, the session's total of its dimension
 * becomes a multiple of its step, and the difference is billed with it (OCPI 2.2.1 mod_cdrs, step_size).
 * A step of 0, which `parseTariff` does not let through, rounds nothing.
 */
function stepUp(
  stretches: readonly Stretch[],
  denominator: bigint,
  ...types: readonly PriceComponentType[]
): readonly Stretch[] {
  let last: Stretch | undefined;
  for (const stretch of stretches) {
    if (types.includes(stretch.active.component.type) && stretch.to >= (last?.to ?? 0)) last = stretch;
  }
  if (last === undefined) return stretches;
  const { type, stepSize } = last.active.component;
  if (stepSize === 0) return stretches;
  let total = 0n;
  for (const { active, measured } of stretches) if (active.component.type === type) total += measured;
  const step = BigInt(stepSize) * denominator;
  const over = total % step;
  if (over === 0n) return stretches;
  const added = step - over;
  return stretches.map((stretch) =>
    stretch === last ? { ...stretch, billed: stretch.billed + added } : stretch,
  );
}
