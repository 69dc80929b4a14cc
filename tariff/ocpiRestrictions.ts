import {
  decimal,
  items,
  type JsonField,
  type JsonRefusal,
  members,
  oneOf,
  reportAt,
  text,
  whole,
} from './readJson.ts';
import type { TariffRestrictions } from './Tariff.ts';

/** Restrictions as OCPI JSON (2.2.1 and 2.3.0 mod_tariffs, TariffRestrictions). */
export interface OcpiRestrictionsJson {
  readonly start_time?: string;
  readonly end_time?: string;
  readonly start_date?: string;
  readonly end_date?: string;
  readonly min_kwh?: number;
  readonly max_kwh?: number;
  readonly min_current?: number;
  readonly max_current?: number;
  readonly min_power?: number;
  readonly max_power?: number;
  readonly min_duration?: number;
  readonly max_duration?: number;
  readonly day_of_week?: readonly string[];
  readonly reservation?: string;
}

/**
 * Why restrictions are refused, besides what any JSON can be refused for:
 * - `unsupported-restriction`: one that the standard does not have
 * - `empty-restriction`: a span that never matches
 */
export type RestrictionRefusal = JsonRefusal | 'unsupported-restriction' | 'empty-restriction';

type Field = JsonField<RestrictionRefusal>;

/** How large a bound may be: Wh, mA and W, seconds, days from 1970 to the year 2999; see docs/rounding.md. */
export const RESTRICTION_BOUNDS = { amount: 100_000_000, durationS: 1_000_000_000, day: 376_199 } as const;

const DAYS = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'] as const;
const TIME_OF_DAY = /^([01]\d|2[0-3]):[0-5]\d$/;
const DATE = /^[12]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const RESERVATIONS = ['RESERVATION', 'RESERVATION_EXPIRES'] as const;
const MINUTES_OF_DAY = 1440;
const DAY_MS = 86_400_000;

/** The amounts with a least and a most value: their names there and here, and how many of ours make one of theirs. */
const AMOUNTS = [
  ['min_kwh', 'minEnergyWh'],
  ['max_kwh', 'maxEnergyWh'],
  ['min_current', 'minCurrentMa'],
  ['max_current', 'maxCurrentMa'],
  ['min_power', 'minPowerW'],
  ['max_power', 'maxPowerW'],
] as const;
const AMOUNT_DECIMALS = 3;
const DURATIONS = [
  ['min_duration', 'minDurationS'],
  ['max_duration', 'maxDurationS'],
] as const;
const KNOWN: readonly string[] = [
  'start_time',
  'end_time',
  'start_date',
  'end_date',
  ...AMOUNTS.map(([name]) => name),
  ...DURATIONS.map(([name]) => name),
  'day_of_week',
  'reservation',
];

/**
 * Reads restrictions. kWh, kW and A have three decimals, which is as fine as a Wh, a W and a mA. Without any
 * restriction there are none.
 */
export function readRestrictions(field: Field): TariffRestrictions | undefined {
  const restrictions = members(field);
  for (const name of restrictions.names) {
    if (!KNOWN.includes(name) && restrictions.optional(name)) {
      reportAt(field, 'unsupported-restriction', `${name} is not supported`);
    }
  }
  const start = restrictions.optional('start_time');
  const end = restrictions.optional('end_time');
  const days = restrictions.optional('day_of_week');
  const startDate = restrictions.optional('start_date');
  const endDate = restrictions.optional('end_date');
  const reservation = restrictions.optional('reservation');
  const daysOfWeek = days && readDays(days);
  const read: TariffRestrictions = {
    ...(start && { startMinute: readTimeOfDay(start) }),
    // An end of 00:00 means the end of the day (mod_tariffs, TariffRestrictions).
    ...(end && { endMinute: readTimeOfDay(end) || MINUTES_OF_DAY }),
    ...(daysOfWeek !== undefined && daysOfWeek.length > 0 && { daysOfWeek }),
    ...(startDate && { startDay: readDate(startDate) }),
    ...(endDate && { endDay: readDate(endDate) }),
    ...Object.fromEntries(
      AMOUNTS.flatMap(([name, key]) => {
        const amount = restrictions.optional(name);
        if (amount === undefined) return [];
        return [[key, decimal(amount, AMOUNT_DECIMALS, RESTRICTION_BOUNDS.amount / 1000)]];
      }),
    ),
    ...Object.fromEntries(
      DURATIONS.flatMap(([name, key]) => {
        const duration = restrictions.optional(name);
        return duration === undefined ? [] : [[key, whole(duration, 0, RESTRICTION_BOUNDS.durationS)]];
      }),
    ),
    ...(reservation && { reservation: oneOf(reservation, RESERVATIONS) }),
  };
  const never = neverMatching(read);
  if (never !== undefined) reportAt(field, 'empty-restriction', never);
  return Object.keys(read).length === 0 ? undefined : read;
}

/** Why restrictions can never match; undefined if they can. */
export function neverMatching(restrictions: TariffRestrictions): string | undefined {
  const { startMinute, endMinute, startDay = 0, endDay } = restrictions;
  if (startMinute !== undefined && startMinute === endMinute) return 'start_time and end_time are the same';
  if (endDay !== undefined && endDay <= startDay) return 'end_date is not after start_date';
  const spans = [
    ['kwh', restrictions.minEnergyWh, restrictions.maxEnergyWh],
    ['current', restrictions.minCurrentMa, restrictions.maxCurrentMa],
    ['power', restrictions.minPowerW, restrictions.maxPowerW],
    ['duration', restrictions.minDurationS, restrictions.maxDurationS],
  ] as const;
  const empty = spans.find(([, least = 0, most]) => most !== undefined && most <= least);
  return empty && `max_${empty[0]} is not above min_${empty[0]}, or 0`;
}

function readTimeOfDay(field: Field): number {
  const time = text(field, TIME_OF_DAY, 'a time of day such as 08:30');
  return time === '' ? 0 : Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

function readDays(field: Field): readonly number[] {
  const named = new Set(items(field, 0, DAYS.length).map((day) => oneOf(day, DAYS)));
  return DAYS.flatMap((day, index) => (named.has(day) ? [index + 1] : []));
}

function readDate(field: Field): number {
  const date = text(field, DATE, 'a date such as 2026-01-31');
  if (date === '') return 0;
  const day = Date.parse(`${date}T00:00:00Z`) / DAY_MS;
  if (day >= 0 && printDate(day) === date) return day;
  reportAt(field, 'invalid-time', 'expected a day of the calendar from 1970 on');
  return 0;
}

function printDate(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** Restrictions as OCPI JSON; `readRestrictions` gives the same back. */
export function printRestrictions(restrictions: TariffRestrictions): OcpiRestrictionsJson {
  const { startMinute, endMinute, daysOfWeek, startDay, endDay, reservation } = restrictions;
  return {
    ...(startMinute !== undefined && { start_time: printTimeOfDay(startMinute) }),
    ...(endMinute !== undefined && { end_time: printTimeOfDay(endMinute) }),
    ...(startDay !== undefined && { start_date: printDate(startDay) }),
    ...(endDay !== undefined && { end_date: printDate(endDay) }),
    ...Object.fromEntries(
      AMOUNTS.flatMap(([name, key]) => {
        const amount = restrictions[key];
        return amount === undefined ? [] : [[name, amount / 1000]];
      }),
    ),
    ...Object.fromEntries(
      DURATIONS.flatMap(([name, key]) => {
        const durationS = restrictions[key];
        return durationS === undefined ? [] : [[name, durationS]];
      }),
    ),
    ...(daysOfWeek && { day_of_week: daysOfWeek.map((day) => DAYS[day - 1] as string) }),
    ...(reservation && { reservation }),
  };
}

/** Minutes after midnight as OCPI writes them; the end of the day, 1440, is `00:00`. */
function printTimeOfDay(minute: number): string {
  const ofDay = minute % MINUTES_OF_DAY;
  return `${String(Math.floor(ofDay / 60)).padStart(2, '0')}:${String(ofDay % 60).padStart(2, '0')}`;
}
