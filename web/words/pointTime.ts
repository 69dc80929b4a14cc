import { isTimeZone } from '@p2p-power/tariff/localTime';
import { formatInstant, formatTimeOfDay } from './format.ts';
import { type Language, localeOf } from './Language.ts';

/**
 * Times of a charge as clocks at its point show them, epoch seconds; with the zone's name (`GMT-5`, `MEZ`) where the
 * device's clock shows another time. Without a zone, or with one that nobody knows, they are the device's.
 */
export function instantAtPoint(at: number, language: Language, timeZone?: string): string {
  return withZone(formatInstant(at, language, known(timeZone)), at, language, timeZone);
}

/** The time of day alone. */
export function timeAtPoint(at: number, language: Language, timeZone?: string): string {
  return withZone(formatTimeOfDay(at, language, known(timeZone)), at, language, timeZone);
}

/** The name of a zone at an instant; undefined where the device's clock shows the same time anyway. */
export function foreignZone(at: number, language: Language, zoneName?: string): string | undefined {
  const timeZone = known(zoneName);
  if (timeZone === undefined || formatInstant(at, language, timeZone) === formatInstant(at, language))
    return undefined;
  const parts = new Intl.DateTimeFormat(localeOf(language), {
    timeZone,
    hour: 'numeric',
    timeZoneName: 'short',
  }).formatToParts(at * 1000);
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? timeZone;
}

function withZone(told: string, at: number, language: Language, timeZone: string | undefined): string {
  const zone = foreignZone(at, language, timeZone);
  return zone === undefined ? told : `${told} ${zone}`;
}

const known = (timeZone: string | undefined): string | undefined =>
  timeZone !== undefined && isTimeZone(timeZone) ? timeZone : undefined;
