import type { ActivePeriod } from './activePeriods.ts';
import { componentsAtStart, consumedWh, cutSession, type Share } from './cutSession.ts';
import { energyPeriods } from './energyPeriods.ts';
import type { PriceComponentType, PricedSession, SessionReading, Tariff } from './Tariff.ts';
import { type ActiveComponent, type ActiveComponents, type Timetable, timetableOf } from './timetable.ts';

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

/**
 * Deals what a sound session consumed out to the components that were in force. A reservation before it
 * comes first, with its own FLAT and its own steps of time (OCPI 2.2.1 mod_tariffs, `reservation`).
 */
export function consume(tariff: Tariff, session: PricedSession): Consumption {
  const { reservation, readings } = session;
  if (reservation === undefined) return consumeBy(timetableOf(tariff), tariff, session);
  const { from, to, hasExpired } = reservation;
  const at = (instant: number): SessionReading => ({
    at: instant,
    importWh: 0,
    exportWh: 0,
    state: 'charging',
  });
  const timetable = timetableOf(tariff, hasExpired ? 'expired-reservation' : 'reservation');
  const waiting = { timeZone: session.timeZone, readings: [at(from), at(to)] };
  const reserved = consumeBy(timetable, undefined, waiting).stretches;
  if (readings.length === 0) return { stretches: reserved, denominator: 1n };
  const { stretches, denominator } = consumeBy(timetableOf(tariff), tariff, session);
  const scaled = reserved.map((stretch) => ({
    ...stretch,
    measured: stretch.measured * denominator,
    billed: stretch.billed * denominator,
  }));
  return { stretches: [...scaled, ...stretches], denominator };
}

/** Where the clock alone decides, a tariff's periods do for the whole session; else it is cut piece by piece. */
function consumeBy(timetable: Timetable, tariff: Tariff | undefined, session: PricedSession): Consumption {
  const { counts, flat } =
    tariff !== undefined && timetable.isByClock
      ? countByClock(tariff, session)
      : countByPart(timetable, session);
  const denominator = denominatorOf(counts);
  const measured = counts.map((counted) => stretchOf(counted, denominator));
  const ranks = counts.map(({ rank }) => rank);
  const stretches = stepUp(
    stepUp(measured, ranks, denominator, 'ENERGY'),
    ranks,
    denominator,
    'TIME',
    'PARKING_TIME',
  );
  // FLAT is owed once, the first time that an element with it is in force.
  if (flat === undefined) return { stretches, denominator };
  const { active, at } = flat;
  const once = { active, from: at, to: at, measured: denominator, billed: denominator };
  return { stretches: [once, ...stretches], denominator };
}

/** A stretch while it is counted. */
interface Count {
  readonly active: ActiveComponent;
  from: number;
  to: number;
  /** Grows with each consumption, whichever stretch it falls to: the highest was the last. */
  rank: number;
  /** Whole Wh or s. */
  whole: number;
  /** What is no whole number of Wh or s. */
  readonly parts: Share[];
}

interface Counted {
  readonly counts: readonly Count[];
  readonly flat: { readonly active: ActiveComponent; readonly at: number } | undefined;
}

/** Opens a stretch whenever another component of a dimension comes into force. */
interface Ledger {
  readonly current: Partial<Record<PriceComponentType, Count>>;
  readonly enter: (components: ActiveComponents) => void;
  readonly reach: (counted: Count, from: number, to: number) => void;
  /** The stretches in which something was consumed. */
  readonly consumed: () => readonly Count[];
}

function openLedger(): Ledger {
  const counts: Count[] = [];
  const current: Partial<Record<PriceComponentType, Count>> = {};
  let rank = 0;
  return {
    current,
    enter: (components) => {
      for (const type of ['ENERGY', 'TIME', 'PARKING_TIME'] as const) {
        const active = components[type];
        if (active === current[type]?.active) continue;
        const opened = active && { active, from: -1, to: -1, rank: 0, whole: 0, parts: [] };
        if (opened !== undefined) counts.push(opened);
        if (opened === undefined) delete current[type];
        else current[type] = opened;
      }
    },
    reach: (counted, from, to) => {
      if (counted.rank === 0) counted.from = from;
      counted.to = to;
      rank += 1;
      counted.rank = rank;
    },
    consumed: () => counts.filter((counted) => counted.rank > 0),
  };
}

/** Walks readings and the tariff's periods side by side. */
function countByClock(tariff: Tariff, session: PricedSession): Counted {
  const { timeZone, readings, prices } = session;
  const startAt = (readings[0] as SessionReading).at;
  const endAt = (readings.at(-1) as SessionReading).at;
  const periods = energyPeriods(tariff, timeZone, startAt, endAt, prices);
  const { current, enter, reach, consumed } = openLedger();
  let next = 0;
  let period = periods[next] as ActivePeriod;
  enter(period);
  for (let index = 1; index < readings.length; index += 1) {
    const start = readings[index - 1] as SessionReading;
    const end = readings[index] as SessionReading;
    const energyWh = consumedWh(session, start, end);
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
      const energy = energyWh !== 0 ? current.ENERGY : undefined;
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
  const flat = periods.find((of) => of.FLAT !== undefined);
  return { counts: consumed(), flat: flat?.FLAT && { active: flat.FLAT, at: flat.from } };
}

/** Walks the parts into which readings, clock and registers cut the session. */
function countByPart(timetable: Timetable, session: PricedSession): Counted {
  const { current, enter, reach, consumed } = openLedger();
  const startAt = (session.readings[0] as SessionReading).at;
  const endAt = (session.readings.at(-1) as SessionReading).at;
  const atStart = startAt === endAt ? componentsAtStart(timetable, session).FLAT : undefined;
  let flat = atStart && { active: atStart, at: startAt };
  for (const part of cutSession(timetable, session)) {
    enter(part.components);
    const energy = part.energyWh[0] !== 0 ? current.ENERGY : undefined;
    if (energy !== undefined) {
      reach(energy, part.from, part.to);
      add(energy, part.energyWh);
    }
    const isInTime = part.durationS[0] > 0;
    const time = part.state === 'charging' ? current.TIME : current.PARKING_TIME;
    if (time !== undefined && isInTime) {
      reach(time, part.from, part.to);
      add(time, part.durationS);
    }
    const { FLAT } = part.components;
    if (FLAT !== undefined && isInTime) flat ??= { active: FLAT, at: part.from };
  }
  return { counts: consumed(), flat };
}

function add(counted: Count, [numerator, denominator]: Share): void {
  if (numerator % denominator === 0) counted.whole += numerator / denominator;
  else counted.parts.push([numerator, denominator]);
}

function stretchOf({ active, from, to, whole, parts }: Count, denominator: bigint): Stretch {
  let measured = BigInt(whole) * denominator;
  for (const [share, of] of parts) measured += (BigInt(share) * denominator) / BigInt(of);
  return { active, from, to, measured, billed: measured };
}

/** The least common denominator of all quantities. */
function denominatorOf(counts: readonly Count[]): bigint {
  let denominator = 1n;
  for (const { parts } of counts) {
    for (const [, of] of parts) denominator = leastCommonMultiple(denominator, BigInt(of));
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
 * A step of 0, which `parseTariff` does not let through, rounds nothing; nor is anything rounded where
 * more energy was given back than drawn.
 */
function stepUp(
  stretches: readonly Stretch[],
  ranks: readonly number[],
  denominator: bigint,
  ...types: readonly PriceComponentType[]
): readonly Stretch[] {
  let last = -1;
  for (const [index, { active }] of stretches.entries()) {
    const isLater = (ranks[index] as number) > (ranks[last] ?? 0);
    if (types.includes(active.component.type) && isLater) last = index;
  }
  const lastStretch = stretches[last];
  if (lastStretch === undefined) return stretches;
  const { type, stepSize } = lastStretch.active.component;
  if (stepSize === 0) return stretches;
  let total = 0n;
  for (const { active, measured } of stretches) if (active.component.type === type) total += measured;
  const step = BigInt(stepSize) * denominator;
  const over = total % step;
  if (over === 0n || total < 0n) return stretches;
  const added = step - over;
  return stretches.map((stretch, index) =>
    index === last ? { ...stretch, billed: stretch.billed + added } : stretch,
  );
}
