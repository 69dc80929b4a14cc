import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  emaidCheckDigit,
  emaidProviderId,
  formatEmaid,
  parseEmaid,
  printEmaid,
  pseudonymousEmaid,
} from './Emaid.ts';

const published = [
  ['NN123ABCDEFGHI', 'T'],
  ['FRXYZ123456789', '2'],
  ['ITA1B2C3E4F5G6', '4'],
  ['ESZU8WOX834H1D', 'R'],
  ['PT73902837ABCZ', 'Z'],
  ['DE83DUIEN83QGZ', 'D'],
  ['DE83DUIEN83ZGQ', 'M'],
  ['DE8AA001234567', '0'],
  ['NLTNM000122045', 'U'],
] as const;

describe('the published check digits', () => {
  test.each(published)('%s has %s', (first14, checkDigit) => {
    expect(emaidCheckDigit(first14)).toBe(checkDigit);
    expect(parseEmaid(first14 + checkDigit)).toMatchObject({ ok: true, value: { checkDigit } });
    expect(parseEmaid(first14)).toMatchObject({ ok: true, value: { checkDigit } });
  });
});

test('hyphens and case do not matter', () => {
  const parsed = parseEmaid('de-8aa-001234567-0');
  if (!parsed.ok) throw new Error(parsed.detail);
  expect(formatEmaid(parsed.value)).toBe('DE8AA0012345670');
  expect(printEmaid(parsed.value)).toBe('DE-8AA-001234567-0');
  expect(emaidProviderId(parsed.value)).toBe('DE8AA');
});

test.each([
  '',
  'DE8AA',
  'DE-8AA001234567-0',
  'DE8AA00123456700',
  'D18AA0012345670',
  'DE8AA00123456_0',
  7,
  null,
])('%j is none', (text) => {
  expect(parseEmaid(text)).toMatchObject({ ok: false, refusal: 'not-an-emaid' });
});

const char = fc.constantFrom(...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ');
const letter = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZ');
const first14 = fc
  .tuple(letter, letter, fc.array(char, { minLength: 12, maxLength: 12 }))
  .map(([a, b, rest]) => a + b + rest.join(''));

test('any single wrong character is noticed', () => {
  fc.assert(
    fc.property(first14, fc.nat(13), char, (text, at, wrong) => {
      const spoilt = text.slice(0, at) + wrong + text.slice(at + 1);
      fc.pre(spoilt !== text && /^[A-Z]{2}/.test(spoilt));
      expect(emaidCheckDigit(spoilt)).not.toBe(emaidCheckDigit(text));
    }),
  );
});

test('two neighbours that change places are noticed', () => {
  fc.assert(
    fc.property(first14, fc.integer({ min: 2, max: 12 }), (text, at) => {
      const swapped = text.slice(0, at) + text[at + 1] + text[at] + text.slice(at + 2);
      fc.pre(swapped !== text);
      expect(emaidCheckDigit(swapped)).not.toBe(emaidCheckDigit(text));
    }),
  );
});

test('a pseudonym is an eMAID of its provider, and takes up the random bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 32 }), (random) => {
      const emaid = pseudonymousEmaid('DEAAA', random);
      expect(parseEmaid(formatEmaid(emaid))).toEqual({ ok: true, value: emaid });
      expect(formatEmaid(emaid).startsWith('DEAAAC')).toBe(true);
    }),
  );
  const emaid = (last: number) => formatEmaid(pseudonymousEmaid('DEAAA', new Uint8Array(16).fill(last, 15)));
  expect(new Set([0, 1, 2, 3].map(emaid)).size).toBe(4);
  expect(() => pseudonymousEmaid('DEAAA', new Uint8Array(15))).toThrow(RangeError);
  expect(() => pseudonymousEmaid('aaa', new Uint8Array(16))).toThrow(RangeError);
});

test('no input makes the parser throw', () => {
  fc.assert(fc.property(fc.anything(), (text) => void parseEmaid(text)));
  fc.assert(fc.property(fc.string(), (text) => void parseEmaid(text)));
});
