import { accept, type Result, refuse } from '@p2p-power/tariff/Result';

/**
 * An e-mobility account identifier (ISO 15118-2 Annex H, eMI3): country, provider, nine characters of
 * the provider's own, check digit. Kept as 15 upper-case characters without hyphens.
 */
export interface Emaid {
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly party: string;
  readonly instance: string;
  readonly checkDigit: string;
}

/** Why a text is no eMAID, in order of precedence. */
export type EmaidRefusal = 'not-an-emaid' | 'wrong-check-digit';

const shape = /^([A-Z]{2})(-?)([A-Z0-9]{3})\2([A-Z0-9]{9})(?:\2([A-Z0-9]))?$/;

/**
 * Reads an eMAID in any case, with or without hyphens. One without check digit is given its own;
 * one with a wrong check digit is refused: somebody mistyped it.
 */
export function parseEmaid(text: unknown): Result<Emaid, EmaidRefusal> {
  const found = typeof text === 'string' && text.length <= 18 ? shape.exec(text.toUpperCase()) : null;
  if (!found) return refuse('not-an-emaid', 'an eMAID is country, provider, nine characters and check digit');
  const [, country = '', , party = '', instance = '', given] = found;
  const checkDigit = emaidCheckDigit(country + party + instance);
  if (given !== undefined && given !== checkDigit)
    return refuse('wrong-check-digit', `the check digit is ${given} and should be ${checkDigit}`);
  return accept({ country, party, instance, checkDigit });
}

/** 15 characters without hyphens, as signed and compared. */
export const formatEmaid = ({ country, party, instance, checkDigit }: Emaid): string =>
  country + party + instance + checkDigit;

/** With hyphens, for people: `DE-8AA-001234567-0`. */
export const printEmaid = ({ country, party, instance, checkDigit }: Emaid): string =>
  `${country}-${party}-${instance}-${checkDigit}`;

/** Country and party id, as OCPI names the provider: `DE8AA`. */
export const emaidProviderId = ({ country, party }: Emaid): string => country + party;

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/**
 * A contract id that says nothing of the driver: `C` (an eMI3 contract) and eight characters from
 * random bytes. `random` holds at least 16 bytes, new for each id; two ids collide with 36⁻⁸.
 */
export function pseudonymousEmaid(providerId: string, random: Uint8Array): Emaid {
  if (!/^[A-Z]{2}[A-Z0-9]{3}$/.test(providerId)) throw new RangeError('not a country code and party id');
  if (random.length < 16) throw new RangeError('a pseudonym needs 16 random bytes');
  let number = 0n;
  for (const byte of random.subarray(0, 16)) number = (number << 8n) | BigInt(byte);
  let instance = '';
  for (; instance.length < 8; number /= 36n) instance += alphabet[Number(number % 36n)];
  const [country, party] = [providerId.slice(0, 2), providerId.slice(2)];
  return {
    country,
    party,
    instance: `C${instance}`,
    checkDigit: emaidCheckDigit(`${country}${party}C${instance}`),
  };
}

/** Each character's value: two digits to the base 2 below, two to the base 3 above (eMI3 check digit table). */
const digitsOf: Readonly<Record<string, number>> = {
  '0': 0,
  '1': 16,
  '2': 32,
  '3': 4,
  '4': 20,
  '5': 36,
  '6': 8,
  '7': 24,
  '8': 40,
  '9': 2,
  A: 18,
  B: 34,
  C: 6,
  D: 22,
  E: 38,
  F: 10,
  G: 26,
  H: 42,
  I: 1,
  J: 17,
  K: 33,
  L: 5,
  M: 21,
  N: 37,
  O: 9,
  P: 25,
  Q: 41,
  R: 3,
  S: 19,
  T: 35,
  U: 7,
  V: 23,
  W: 39,
  X: 11,
  Y: 27,
  Z: 43,
};
const charOf = new Map(Object.entries(digitsOf).map(([char, value]) => [value, char]));

/** Per position the powers of the matrices [[0,1],[1,1]] mod 2 and [[0,1],[1,2]] mod 3, row by row. */
const powers = Array.from({ length: 14 }, (_, position) => {
  let [b11, b12, b21, b22, t11, t12, t21, t22] = [0, 1, 1, 1, 0, 1, 1, 2];
  for (let step = 0; step < position; step += 1) {
    [b11, b12, b21, b22] = [b12, (b11 + b12) % 2, b22, (b21 + b22) % 2];
    [t11, t12, t21, t22] = [t12, (t11 + 2 * t12) % 3, t22, (t21 + 2 * t22) % 3];
  }
  return { b11, b12, b21, b22, t11, t12, t21, t22 };
});

/**
 * Check digit of the first 14 characters (upper case, no hyphens): two matrix codes over the binary
 * and the ternary digits of each character, position by position.
 */
export function emaidCheckDigit(first14: string): string {
  if (!/^[A-Z]{2}[A-Z0-9]{12}$/.test(first14)) throw new RangeError('not 14 characters of an eMAID');
  let binary1 = 0;
  let binary2 = 0;
  let ternary1 = 0;
  let ternary2 = 0;
  for (let position = 0; position < 14; position += 1) {
    const power = powers[position] as (typeof powers)[number];
    const value = digitsOf[first14[position] as string] as number;
    const [q1, q2] = [value & 1, (value >> 1) & 1];
    const [r1, r2] = [(value >> 2) & 3, value >> 4];
    binary1 += q1 * power.b11 + q2 * power.b21;
    binary2 += q1 * power.b12 + q2 * power.b22;
    ternary1 += r1 * power.t11 + r2 * power.t21;
    ternary2 += r1 * power.t12 + r2 * power.t22;
  }
  // Last the ternary row times [[0,2],[2,1]].
  const [last1, last2] = [2 * ternary2, 2 * ternary1 + ternary2];
  const value = (binary1 % 2) | ((binary2 % 2) << 1) | ((last1 % 3) << 2) | ((last2 % 3) << 4);
  return charOf.get(value) as string;
}
