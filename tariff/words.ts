import type { TariffRestrictions } from './Tariff.ts';

/** The languages that prices are told in. */
export type Language = 'en' | 'de';

const DAY_NAMES = {
  en: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'],
  de: ['Mo', 'Di', 'Mi', 'Do', 'Fr', 'Sa', 'So'],
} as const;

/** An amount in micro-units as a plain decimal with at least two places: 390000 is `0.39`. */
export function amountInWords(amountMicro: number, language: Language = 'en'): string {
  const digits = String(Math.abs(amountMicro)).padStart(7, '0');
  const fraction = digits.slice(-6).replace(/0{1,4}$/, '');
  const mark = language === 'de' ? ',' : '.';
  return `${amountMicro < 0 ? '-' : ''}${digits.slice(0, -6)}${mark}${fraction}`;
}

/** Energy in Wh as kWh with three places: 12345 is `12.345 kWh`. */
export function energyInWords(energyWh: number, language: Language = 'en'): string {
  const digits = String(energyWh).padStart(4, '0');
  return `${digits.slice(0, -3)}${language === 'de' ? ',' : '.'}${digits.slice(-3)} kWh`;
}

/** A duration in seconds, without parts that are zero: 9000 is `2 h 30 min`. */
export function durationInWords(durationS: number): string {
  const hours = Math.floor(durationS / 3600);
  const minutes = Math.floor((durationS % 3600) / 60);
  const seconds = durationS % 60;
  const parts = [hours > 0 && `${hours} h`, minutes > 0 && `${minutes} min`, seconds > 0 && `${seconds} s`];
  return parts.filter(Boolean).join(' ') || '0 s';
}

/** When restrictions match, e.g. `Mon–Fri 08:00–18:00`; empty where there are none. */
export function restrictionsInWords(
  restrictions: TariffRestrictions | undefined,
  language: Language = 'en',
): string {
  if (restrictions === undefined) return '';
  const { startMinute, endMinute, daysOfWeek } = restrictions;
  const days = daysOfWeek === undefined ? '' : daysInWords(daysOfWeek, language);
  const isTimed = startMinute !== undefined || endMinute !== undefined;
  const times = isTimed ? `${timeOfDay(startMinute ?? 0)}–${timeOfDay(endMinute || 1440)}` : '';
  return [days, times].filter(Boolean).join(' ');
}

/** Runs of three days and more are joined: Monday to Friday, but `Sat, Sun`. */
function daysInWords(daysOfWeek: readonly number[], language: Language): string {
  const runs: number[][] = [];
  for (const day of daysOfWeek) {
    const run = runs.at(-1);
    if (run !== undefined && run.at(-1) === day - 1) run.push(day);
    else runs.push([day]);
  }
  const name = (day: number | undefined) => DAY_NAMES[language][(day ?? 1) - 1];
  return runs
    .flatMap((run) => (run.length > 2 ? [`${name(run[0])}–${name(run.at(-1))}`] : run.map(name)))
    .join(', ');
}

function timeOfDay(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}
