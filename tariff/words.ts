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

const RESTRICTION_WORDS = {
  en: {
    from: 'from',
    until: 'until',
    first: 'first',
    after: 'after',
    below: 'below',
    RESERVATION: 'reserved',
    RESERVATION_EXPIRES: 'reservation not used',
  },
  de: {
    from: 'ab',
    until: 'bis',
    first: 'erste',
    after: 'nach',
    below: 'unter',
    RESERVATION: 'Reservierung',
    RESERVATION_EXPIRES: 'Reservierung nicht genutzt',
  },
} as const;

/** When restrictions match, e.g. `Mon–Fri 08:00–18:00, first 10 kWh`; empty where there are none. */
export function restrictionsInWords(
  restrictions: TariffRestrictions | undefined,
  language: Language = 'en',
): string {
  return restrictionWords(restrictions, language).join(', ');
}

/** The parts of {@link restrictionsInWords}, each short. */
export function restrictionWords(
  restrictions: TariffRestrictions | undefined,
  language: Language,
): readonly string[] {
  if (restrictions === undefined) return [];
  const { startMinute, endMinute, daysOfWeek, startDay, endDay, reservation } = restrictions;
  const words = RESTRICTION_WORDS[language];
  const days = daysOfWeek === undefined ? '' : daysInWords(daysOfWeek, language);
  const isTimed = startMinute !== undefined || endMinute !== undefined;
  const times = isTimed ? `${timeOfDay(startMinute ?? 0)}–${timeOfDay(endMinute || 1440)}` : '';
  const amount = (thousandths: number, unit: string) =>
    `${thousandthsInWords(thousandths, language)} ${unit}`;
  const dates = spanInWords(startDay, endDay && endDay - 1, words.from, words.until, (day) =>
    dateInWords(day, language),
  );
  const energy = spanInWords(
    restrictions.minEnergyWh,
    restrictions.maxEnergyWh,
    words.after,
    words.first,
    (wh) => amount(wh, 'kWh'),
  );
  const duration = spanInWords(
    restrictions.minDurationS,
    restrictions.maxDurationS,
    words.after,
    words.first,
    durationInWords,
  );
  const power = spanInWords(restrictions.minPowerW, restrictions.maxPowerW, words.from, words.below, (w) =>
    amount(w, 'kW'),
  );
  const current = spanInWords(
    restrictions.minCurrentMa,
    restrictions.maxCurrentMa,
    words.from,
    words.below,
    (milliamperes) => amount(milliamperes, 'A'),
  );
  const clock = [days, times].filter(Boolean).join(' ');
  const kept = reservation === undefined ? '' : words[reservation];
  return [kept, clock, dates, energy, duration, power, current].filter((part) => part !== '');
}

function spanInWords(
  least: number | undefined,
  most: number | undefined,
  from: string,
  to: string,
  inWords: (bound: number) => string,
): string {
  if (!least) return most === undefined ? '' : `${to} ${inWords(most)}`;
  return most === undefined ? `${from} ${inWords(least)}` : `${inWords(least)}–${inWords(most)}`;
}

/** A number in thousandths without zeros at the end: 2500 is `2.5`. */
export function thousandthsInWords(thousandths: number, language: Language): string {
  const fraction = String(thousandths % 1000)
    .padStart(3, '0')
    .replace(/0+$/, '');
  const whole = Math.floor(thousandths / 1000);
  return fraction === '' ? String(whole) : `${whole}${language === 'de' ? ',' : '.'}${fraction}`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A day, counted from 1970-01-01: `1 Jan 2026`, `1.1.2026`. */
function dateInWords(day: number, language: Language): string {
  const date = new Date(day * 86_400_000);
  const [year, month, dayOfMonth] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  return language === 'de' ? `${dayOfMonth}.${month + 1}.${year}` : `${dayOfMonth} ${MONTHS[month]} ${year}`;
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

export function timeOfDay(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}
