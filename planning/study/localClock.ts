import { localTime } from '@p2p-power/tariff/localTime';

const DAY_S = 86_400;
const WEEK_S = 7 * DAY_S;

/** Seconds by which the wall clock of a zone is ahead of UTC at an instant. */
export function offsetAt(timeZone: string, at: number): number {
  const { dayOfWeek, secondOfDay } = localTime(timeZone, at);
  // 1970-01-01 was a Thursday: seconds of the week from Monday on, there and in UTC.
  const aheadS = (dayOfWeek - 1) * DAY_S + secondOfDay - ((at + 3 * DAY_S) % WEEK_S);
  // Less than a day apart, but for weeks and, before 1970, a negative remainder.
  return aheadS - Math.round(aheadS / WEEK_S) * WEEK_S;
}

/**
 * The instant (epoch seconds) at which a wall clock shows a time, given as the seconds that UTC would show it at.
 * A time shown twice, when clocks go back, is the first; one that is jumped over, when they go forward, is as late
 * after the jump as it would have been without.
 */
export function instantOf(timeZone: string, wallS: number): number {
  const before = offsetAt(timeZone, wallS - DAY_S);
  const after = offsetAt(timeZone, wallS + DAY_S);
  for (const offsetS of [Math.max(before, after), Math.min(before, after)])
    if (offsetAt(timeZone, wallS - offsetS) === offsetS) return wallS - offsetS;
  return wallS - before;
}

/** What the wall clock shows at an instant, as the seconds that UTC would show it at. */
export function wallTime(timeZone: string, at: number): number {
  return at + offsetAt(timeZone, at);
}

/** The instant at which the local day begins that lies `days` after the one of an instant. */
export function dayStart(timeZone: string, at: number, days = 0): number {
  const wallDay = Math.floor(wallTime(timeZone, at) / DAY_S) + days;
  return instantOf(timeZone, wallDay * DAY_S);
}
