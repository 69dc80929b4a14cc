import type { Language } from './Language.ts';

/**
 * A decimal number as a person types it, comma or point, as a whole number of its smallest unit: `0,39` with six places
 * is 390000. Undefined where it is none, has more places, or more than nine digits before them. A sign is read where
 * `isSigned`.
 */
export function readDecimal(typed: string, places: number, isSigned = false): number | undefined {
  const match = /^\s*([-−–+]?)(\d{1,9})(?:[.,](\d*))?\s*$/.exec(typed);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = ''] = match;
  const digits = fraction.replace(/0+$/, '');
  if (digits.length > places || (sign !== '' && !isSigned)) return undefined;
  const read = Number(whole + digits.padEnd(places, '0'));
  if (!Number.isSafeInteger(read)) return undefined;
  return sign === '' || sign === '+' || read === 0 ? read : -read;
}

/** The other way round, as one would type it: 390000 with six places is `0,39` or `0.39`. */
export function printDecimal(value: number, places: number, language: Language, leastPlaces = 0): string {
  const digits = String(Math.abs(value)).padStart(places + 1, '0');
  const whole = digits.slice(0, digits.length - places);
  const fraction = digits
    .slice(digits.length - places)
    .replace(/0+$/, '')
    .padEnd(leastPlaces, '0');
  const sign = value < 0 ? '-' : '';
  return fraction === '' ? sign + whole : `${sign}${whole}${language === 'de' ? ',' : '.'}${fraction}`;
}
