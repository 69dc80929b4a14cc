import { dayStart, wallTime } from './localClock.ts';

/** When the auction's prices of the next day are there, in seconds after local midnight: the exchange names 12:57, and its members have them by 13:00. */
const PUBLISHED_AT_S = 13 * 3_600;

/** Until when day-ahead prices are known at an instant: to the end of the local day, from 13:00 on to the end of the next. */
export function knownUntil(timeZone: string, at: number): number {
  const secondOfDay = ((wallTime(timeZone, at) % 86_400) + 86_400) % 86_400;
  return dayStart(timeZone, at, secondOfDay < PUBLISHED_AT_S ? 1 : 2);
}
