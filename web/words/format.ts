import { type Language, localeOf } from './Language.ts';

const formats = new Map<string, Intl.NumberFormat>();

function numberFormat(language: Language, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const name = language + JSON.stringify(options);
  const format = formats.get(name) ?? new Intl.NumberFormat(localeOf(language), options);
  formats.set(name, format);
  return format;
}

/** An amount in micro-units rounded half away from zero to cents: 6_105_000 EUR is `6,11 €`. */
export function formatMoney(amountMicro: number, currency: string, language: Language): string {
  const cents = Math.floor((Math.abs(amountMicro) + 5_000) / 10_000);
  return numberFormat(language, { style: 'currency', currency: knownCurrency(currency) }).format(
    Math.sign(amountMicro) * (cents / 100),
  );
}

/** An amount with all its places, at least two: prices per kWh and exact sums, 123_400 EUR is `0,1234 €`. */
export function formatExactMoney(amountMicro: number, currency: string, language: Language): string {
  return numberFormat(language, {
    style: 'currency',
    currency: knownCurrency(currency),
    minimumFractionDigits: 2,
    maximumFractionDigits: 6,
  }).format(amountMicro / 1_000_000);
}

/** What stands for a currency beside a field: `€`, `CHF`. */
export function currencySign(currency: string): string {
  const parts = numberFormat('de', { style: 'currency', currency: knownCurrency(currency) }).formatToParts(0);
  return parts.find(({ type }) => type === 'currency')?.value ?? currency;
}

/** Tenths of a percent with their sign: `+12,3 %`, `-4 %`. */
export function formatChange(perMille: number, language: Language): string {
  return numberFormat(language, {
    style: 'percent',
    maximumFractionDigits: 1,
    signDisplay: 'exceptZero',
  }).format(perMille / 1000);
}

/** Energy in Wh as kWh: whole watt-hours where `isExact`, else one place. */
export function formatEnergy(energyWh: number, language: Language, isExact = false): string {
  const places = isExact ? 3 : energyWh < 10_000 ? 2 : 1;
  return `${numberFormat(language, { minimumFractionDigits: isExact ? 3 : 0, maximumFractionDigits: places }).format(energyWh / 1000)} kWh`;
}

/** Power in W as kW with at most one place. */
export function formatPower(powerW: number, language: Language): string {
  return `${numberFormat(language, { maximumFractionDigits: 1 }).format(powerW / 1000)} kW`;
}

/** CO2 of a kilowatt-hour in grams. */
export function formatGrams(grams: number, language: Language): string {
  return `${numberFormat(language, { maximumFractionDigits: 0 }).format(grams)} g`;
}

/** A mass in grams: `240 g`, `1,2 kg`. */
export function formatMass(massG: number, language: Language): string {
  if (massG < 950) return `${massG < 100 ? Math.round(massG) : Math.round(massG / 10) * 10} g`;
  return `${numberFormat(language, { maximumFractionDigits: 1 }).format(massG / 1000)} kg`;
}

/** A distance in metres: `340 m`, `1,2 km`, `18 km`. */
export function formatDistance(distanceM: number, language: Language): string {
  if (distanceM < 950) return `${Math.max(10, Math.round(distanceM / 10) * 10)} m`;
  const places = distanceM < 9_950 ? 1 : 0;
  return `${numberFormat(language, { minimumFractionDigits: places, maximumFractionDigits: places }).format(distanceM / 1000)} km`;
}

/** A duration in seconds: `45 s`, `7 min`, `2 h 05 min`. */
export function formatDuration(durationS: number): string {
  const seconds = Math.max(0, Math.round(durationS));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** A running time in seconds as a clock: `07:42`, `2:07:42`. */
export function formatClock(durationS: number): string {
  const seconds = Math.max(0, Math.floor(durationS));
  const pad = (part: number) => String(part).padStart(2, '0');
  const minutes = `${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
  return seconds < 3600 ? minutes : `${Math.floor(seconds / 3600)}:${minutes}`;
}

/** Date and time of an instant, epoch seconds, in the device's zone or the given one. */
export function formatInstant(at: number, language: Language, timeZone?: string): string {
  return new Intl.DateTimeFormat(localeOf(language), {
    dateStyle: 'medium',
    timeStyle: 'short',
    ...(timeZone !== undefined && { timeZone }),
  }).format(at * 1000);
}

/** Time of day of an instant, epoch seconds, in the device's zone or the given one. */
export function formatTimeOfDay(at: number, language: Language, timeZone?: string): string {
  const zone = timeZone !== undefined && { timeZone };
  return new Intl.DateTimeFormat(localeOf(language), { timeStyle: 'short', ...zone }).format(at * 1000);
}

/** A time of day with its day of the week, `Di., 08:45`: for spans longer than a day. */
export function formatWeekdayTime(at: number, language: Language, timeZone?: string): string {
  return `${formatWeekday(at, language, timeZone)}, ${formatTimeOfDay(at, language, timeZone)}`;
}

/** A day as a date. */
export function formatDay(at: number, language: Language, timeZone?: string): string {
  const zone = timeZone !== undefined && { timeZone };
  return new Intl.DateTimeFormat(localeOf(language), { dateStyle: 'medium', ...zone }).format(at * 1000);
}

/** The day of the week, short. */
export function formatWeekday(at: number, language: Language, timeZone?: string): string {
  const zone = timeZone !== undefined && { timeZone };
  return new Intl.DateTimeFormat(localeOf(language), { weekday: 'short', ...zone }).format(at * 1000);
}

/** A month such as `2026-11` in words. */
export function formatMonth(month: string, language: Language): string {
  return new Intl.DateTimeFormat(localeOf(language), {
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  }).format(new Date(`${month}-15T12:00:00Z`));
}

/** An EVSE-ID with its separators, as it is printed on stations: `DE*BBB*E001`. */
export function formatEvseId(evseId: string): string {
  const plain = evseId.replaceAll('*', '');
  const parts = /^([A-Z]{2})([A-Z0-9]{3})(E[A-Z0-9]+)$/.exec(plain);
  return parts === null || evseId.includes('*') ? evseId : parts.slice(1).join('*');
}

/** Bytes that nobody reads to the end: `0x12ab34…cd56`. */
export function shorten(hex: string): string {
  return hex.length <= 16 ? hex : `${hex.slice(0, 8)}…${hex.slice(-4)}`;
}

const knownCurrency = (currency: string): string => (/^[A-Z]{3}$/.test(currency) ? currency : 'EUR');
