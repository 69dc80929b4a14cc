import { localTime } from './localTime.ts';
import type { Tariff } from './Tariff.ts';
import {
  type ActiveComponents,
  componentsAt,
  DIMENSIONS,
  type SessionMoment,
  type Timetable,
  timetableOf,
} from './timetable.ts';

/** A stretch of time, `to` exclusive, over which the same components are in force. */
export interface ActivePeriod extends ActiveComponents {
  readonly from: number;
  readonly to: number;
}

/**
 * A session that is assumed to go on evenly: begun at `startedAt` (epoch seconds), with `energyWh`
 * consumed already, at a steady `powerW`. Current is what the power is at 230 V.
 */
export interface AssumedSession {
  readonly startedAt: number;
  readonly energyWh: number;
  readonly powerW: number;
}

const DAY_S = 86_400;
/** The voltage between phase and neutral, by which current follows from power. */
export const NOMINAL_VOLTAGE_V = 230;

/**
 * Splits a span of time (epoch seconds) into the periods of a tariff. Per dimension the first element
 * wins that has it and whose restrictions all match, asked again at each boundary in local time
 * (OCPI 2.2.1 mod_tariffs, Tariff object). An empty span gives the one period of its instant.
 *
 * Where restrictions ask how the session goes, it is the assumed one; without one they never match.
 */
export function activePeriods(
  tariff: Tariff,
  timeZone: string,
  from: number,
  to: number,
  assumed?: AssumedSession,
): readonly ActivePeriod[] {
  const timetable = timetableOf(tariff);
  if (timetable.always !== undefined) return [{ ...timetable.always, from, to }];
  const startedAt = assumed === undefined || timetable.isByClock ? undefined : assumed.startedAt;
  const periods: ActivePeriod[] = [];
  for (const span of clockSpans(timetable, timeZone, from, to, startedAt)) {
    const moment = startedAt === undefined ? undefined : momentOf(assumed, span.from - startedAt);
    const period = {
      ...componentsAt(timetable.candidates, span, moment),
      from: span.from,
      to: span.to,
    };
    const last = periods.at(-1);
    if (last !== undefined && DIMENSIONS.every((type) => last[type] === period[type])) {
      periods[periods.length - 1] = { ...last, to: period.to };
    } else periods.push(period);
  }
  return periods;
}

function momentOf(assumed: AssumedSession | undefined, durationS: number): SessionMoment | undefined {
  if (assumed === undefined) return undefined;
  const { energyWh, powerW } = assumed;
  return {
    durationS,
    energyReaches: (bound) => energyWh >= bound,
    powerReaches: (bound) => powerW >= bound,
    currentReaches: (bound) => powerW * 1000 >= bound * NOMINAL_VOLTAGE_V,
  };
}

/** A span of time within which no restriction on the clock or on the duration changes, and its beginning here. */
export interface ClockSpan {
  readonly from: number;
  readonly to: number;
  readonly day: number;
  readonly dayOfWeek: number;
  readonly secondOfDay: number;
}

/**
 * Cuts a span of time wherever a timetable's answer may change by the clock, or by the duration since
 * `startedAt` where one is given. An empty span gives the one of its instant.
 */
export function clockSpans(
  timetable: Timetable,
  timeZone: string,
  from: number,
  to: number,
  startedAt?: number,
): readonly ClockSpan[] {
  const spans: ClockSpan[] = [];
  let at = from;
  do {
    const { day, dayOfWeek, secondOfDay, steadyUntil } = localTime(timeZone, at);
    const mark = timetable.marks.find((second) => second > secondOfDay) ?? DAY_S;
    let until = Math.min(at + mark - secondOfDay, steadyUntil, to);
    if (startedAt !== undefined) {
      const durationS = timetable.durationsS.find((bound) => startedAt + bound > at);
      if (durationS !== undefined) until = Math.min(until, startedAt + durationS);
    }
    spans.push({ from: at, to: until, day, dayOfWeek, secondOfDay });
    at = until;
  } while (at < to);
  return spans;
}
