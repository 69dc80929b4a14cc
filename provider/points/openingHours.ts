import { localTime } from '@p2p-power/tariff/localTime';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import type { OpeningTimes } from './PointSchemas.ts';

export type OpeningRefusal = 'unknown-weekday' | 'unknown-times' | 'lists-differ';

const registerDays = ['Montag', 'Dienstag', 'Mittwoch', 'Donnerstag', 'Freitag', 'Samstag', 'Sonntag'];
const shortDays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const timeSpan = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/;

/**
 * Opening hours as the register of the Bundesnetzagentur writes them: `247`, `Eingeschränkt` or
 * `Keine Angabe`, and two lists that go together, weekdays and times of day. Null = nobody says.
 */
export function parseRegisterHours(
  kind: string,
  weekdays: string,
  times: string,
): Result<OpeningTimes | null, OpeningRefusal> {
  const days = splitList(weekdays);
  const spans = splitList(times);
  if (days.length === 0 && spans.length === 0)
    return accept(kind.trim() === '247' ? { twentyfourseven: true } : null);
  if (days.length !== spans.length)
    return refuse('lists-differ', `${days.length} weekdays and ${spans.length} times of day`);
  const regularHours: NonNullable<OpeningTimes['regular_hours']> = [];
  for (const [index, day] of days.entries()) {
    const weekday = registerDays.indexOf(day) + 1;
    if (weekday === 0) return refuse('unknown-weekday', `${day.slice(0, 30)} is no weekday`);
    const span = spans[index] as string;
    if (!timeSpan.test(span)) return refuse('unknown-times', `${span.slice(0, 30)} is no span of a day`);
    const [begin = '', end = ''] = span.split('-');
    regularHours.push({ weekday, period_begin: begin, period_end: end });
  }
  const isAlways =
    new Set(regularHours.map((hours) => hours.weekday)).size === 7 &&
    regularHours.every((hours) => hours.period_begin === '00:00' && hours.period_end === '23:59');
  return accept(
    isAlways ? { twentyfourseven: true } : { twentyfourseven: false, regular_hours: regularHours },
  );
}

const splitList = (text: string) =>
  text
    .split(';')
    .map((item) => item.trim())
    .filter((item) => item !== '');

const minuteOf = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/**
 * Whether it is open at a time (epoch seconds). A span that ends at 23:59 lasts until midnight, one
 * that ends before it begins lasts into the next day.
 */
export function isOpenAt(openingTimes: OpeningTimes, timeZone: string, at: number): boolean {
  if (openingTimes.twentyfourseven) return true;
  const { dayOfWeek: weekday, secondOfDay } = localTime(timeZone, at);
  const minute = Math.floor(secondOfDay / 60);
  const dayBefore = weekday === 1 ? 7 : weekday - 1;
  return (openingTimes.regular_hours ?? []).some((hours) => {
    const begin = minuteOf(hours.period_begin);
    const end = hours.period_end === '23:59' ? 1440 : minuteOf(hours.period_end);
    if (begin < end) return hours.weekday === weekday && minute >= begin && minute < end;
    return (hours.weekday === weekday && minute >= begin) || (hours.weekday === dayBefore && minute < end);
  });
}

/** For people: `always`, or `Mon–Fri 05:30–22:00; Sat 06:00–14:00`. */
export function printOpeningTimes(openingTimes: OpeningTimes): string {
  if (openingTimes.twentyfourseven) return 'always';
  const runs: { from: number; to: number; span: string }[] = [];
  for (const hours of openingTimes.regular_hours ?? []) {
    const span = `${hours.period_begin}–${hours.period_end === '23:59' ? '24:00' : hours.period_end}`;
    const last = runs.at(-1);
    if (last && last.span === span && last.to + 1 === hours.weekday) last.to = hours.weekday;
    else runs.push({ from: hours.weekday, to: hours.weekday, span });
  }
  const dayOf = (weekday: number) => shortDays[weekday - 1] as string;
  return runs
    .map(({ from, to, span }) => `${from === to ? dayOf(from) : `${dayOf(from)}–${dayOf(to)}`} ${span}`)
    .join('; ');
}
