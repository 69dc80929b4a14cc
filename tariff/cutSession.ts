import { type ClockSpan, clockSpans, NOMINAL_VOLTAGE_V } from './activePeriods.ts';
import type { EnergyPrices } from './EnergyPrices.ts';
import { pricedComponents, priceSpans } from './energyPeriods.ts';
import type { PricedSession, RecordedReading } from './Tariff.ts';
import { type ActiveComponents, componentsAt, type SessionMoment, type Timetable } from './timetable.ts';

/** A whole number of Wh or s over a whole number. */
export type Share = readonly [numerator: number, denominator: number];

/**
 * A part of a session over which the same components are in force, between two readings: what was
 * consumed in it and how long it lasted, exactly. `from` and `to` are epoch seconds, rounded down where
 * the register passes a bound within a second.
 */
export interface SessionPart {
  readonly components: ActiveComponents;
  readonly from: number;
  readonly to: number;
  readonly energyWh: Share;
  readonly durationS: Share;
  readonly state: RecordedReading['state'];
}

/** What the ENERGY dimension counts between two readings, Wh: what was drawn, or that less what was given back. */
export function consumedWh(
  { energy }: Pick<PricedSession, 'energy'>,
  start: RecordedReading,
  end: RecordedReading,
): number {
  const importWh = end.importWh - start.importWh;
  return energy === 'net' ? importWh - (end.exportWh - start.exportWh) : importWh;
}

/**
 * Cuts a session wherever a component may come into force or leave it: by the clock, by the price of the
 * quarter-hour, by the duration, where the register passes an amount of energy (linear in time between two
 * readings), and at each reading, from which power and current hold up to the next. What two readings of
 * the same second have between them counts as consumed at that second; at the very end of a session, in
 * its last.
 *
 * Power is energy over time of the interval unless its first reading says it; current likewise, and else
 * follows from power at 230 V. Energy in no time has more power than any bound.
 */
export function cutSession(timetable: Timetable, session: PricedSession): readonly SessionPart[] {
  const { timeZone, readings, prices } = session;
  const first = readings[0] as RecordedReading;
  const endAt = (readings.at(-1) as RecordedReading).at;
  const spans = pricedSpans(clockSpans(timetable, timeZone, first.at, endAt, first.at), prices);
  const atPrice = pricedComponents();
  const parts: SessionPart[] = [];
  let next = 0;
  let beforeWh = 0;
  for (let index = 1; index < readings.length; index += 1) {
    const start = readings[index - 1] as RecordedReading;
    const end = readings[index] as RecordedReading;
    const interval = intervalOf(timetable, start, end, beforeWh, consumedWh(session, start, end));
    if (interval.length === 0) continue;
    for (let from = 0; ; ) {
      while (next + 1 < spans.length && start.at >= (spans[next] as PricedSpan).to) next += 1;
      const span = spans[next] as PricedSpan;
      const until = Math.min(end.at, span.to) - start.at;
      const to = interval.seconds === 0 ? interval.length : until * interval.width;
      const cuts = interval.energyCuts.filter((cut) => cut > from && cut < to);
      for (const cut of [...cuts, to]) {
        const moment = momentAt(interval, from, span.from - first.at);
        const components = componentsAt(timetable.candidates, span, moment);
        const { ENERGY } = components;
        const { priceMicro } = span;
        parts.push({
          ...partOf(interval, from, cut),
          components:
            ENERGY === undefined || priceMicro === undefined
              ? components
              : { ...components, ENERGY: atPrice(ENERGY, priceMicro) },
        });
        from = cut;
      }
      if (start.at + until >= end.at) break;
      next += 1;
    }
    beforeWh += interval.energyWh;
  }
  return parts;
}

/** The components at the only instant of a session that takes no time. */
export function componentsAtStart(
  timetable: Timetable,
  { timeZone, readings }: PricedSession,
): ActiveComponents {
  const { at } = readings[0] as RecordedReading;
  const reaches = (bound: number) => bound <= 0;
  const moment = { durationS: 0, energyReaches: reaches, powerReaches: reaches, currentReaches: reaches };
  const span = clockSpans(timetable, timeZone, at, at)[0] as ClockSpan;
  return componentsAt(timetable.candidates, span, moment);
}

interface PricedSpan extends ClockSpan {
  readonly priceMicro?: number;
}

function pricedSpans(spans: readonly ClockSpan[], prices: EnergyPrices | undefined): readonly PricedSpan[] {
  if (prices === undefined) return spans;
  return spans.flatMap((span) =>
    priceSpans(prices, span.from, span.to).map((priced): PricedSpan => ({ ...span, ...priced })),
  );
}

/**
 * An interval between two readings, measured in steps so small that both its seconds and its Wh are whole
 * numbers of them: `width` steps a second, `depth` steps a Wh, `length` in all.
 */
interface Interval {
  readonly start: RecordedReading;
  readonly seconds: number;
  readonly beforeWh: number;
  readonly energyWh: number;
  readonly width: number;
  readonly depth: number;
  readonly length: number;
  /** Where the register passes an amount at which the answer may change, in it or beyond, ascending. */
  readonly energyCuts: readonly number[];
}

function intervalOf(
  timetable: Timetable,
  start: RecordedReading,
  end: RecordedReading,
  beforeWh: number,
  energyWh: number,
): Interval {
  const seconds = end.at - start.at;
  const width = Math.abs(energyWh) || 1;
  const depth = seconds || 1;
  const length = seconds === 0 ? Math.abs(energyWh) : seconds * width;
  const passed = timetable.energiesWh
    .map((bound) => (bound - beforeWh) * Math.sign(energyWh) * depth)
    .sort((a, b) => a - b);
  return { start, seconds, beforeWh, energyWh, width, depth, length, energyCuts: passed };
}

/** How the session goes within a part that begins at a step of an interval; its parts cross no bound. */
function momentAt(interval: Interval, step: number, durationS: number): SessionMoment {
  const { start, seconds, beforeWh, energyWh, depth } = interval;
  const { powerW, currentMa } = start;
  const sign = Math.sign(energyWh);
  return {
    durationS,
    // A register that falls leaves a bound at once, one that rises has it when it reaches it.
    energyReaches: (bound) => {
      const aboveSteps = (beforeWh - bound) * depth + sign * step;
      return sign < 0 ? aboveSteps > 0 : aboveSteps >= 0;
    },
    powerReaches: (bound) => (powerW === undefined ? energyWh * 3600 >= bound * seconds : powerW >= bound),
    currentReaches: (bound) => {
      if (currentMa !== undefined) return currentMa >= bound;
      const boundMw = BigInt(bound) * BigInt(NOMINAL_VOLTAGE_V);
      if (powerW !== undefined) return BigInt(powerW) * 1000n >= boundMw;
      return BigInt(energyWh) * 3_600_000n >= boundMw * BigInt(seconds);
    },
  };
}

function partOf(interval: Interval, from: number, to: number): Omit<SessionPart, 'components'> {
  const { start, seconds, energyWh, width, depth } = interval;
  const at = (step: number) => start.at + (seconds === 0 ? 0 : Math.floor(step / width));
  return {
    from: at(from),
    to: at(to),
    energyWh: [Math.sign(energyWh) * (to - from), depth],
    durationS: seconds === 0 ? [0, 1] : [to - from, width],
    state: start.state,
  };
}
