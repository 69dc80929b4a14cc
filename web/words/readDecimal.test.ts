import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { printDecimal, readDecimal } from './readDecimal.ts';

const places = fc.integer({ min: 0, max: 6 });
const language = fc.constantFrom('de' as const, 'en' as const);

describe('a number as it is typed', () => {
  test.each([
    ['0,39', 6, 390_000],
    ['0.39', 6, 390_000],
    [' 12 ', 6, 12_000_000],
    ['0,123456', 6, 123_456],
    ['0,390000000', 6, 390_000],
    ['19', 2, 1_900],
    ['5,', 2, 500],
    ['-0,05', 6, -50_000],
    ['−0,05', 6, -50_000],
    ['-0', 6, 0],
  ])('%j with %i places is %i', (typed, digits, value) => {
    expect(readDecimal(typed, digits, true)).toBe(value);
  });

  test.each([
    ['', 6],
    [',5', 6],
    ['1.000,00', 6],
    ['0,1234567', 6],
    ['1e3', 6],
    ['0x10', 6],
    ['drei', 6],
    ['1234567890', 2],
    ['Infinity', 2],
  ])('%j with %i places is none', (typed, digits) => {
    expect(readDecimal(typed, digits, true)).toBeUndefined();
  });

  test('has a sign only where one makes sense', () => {
    expect(readDecimal('-1', 2)).toBeUndefined();
  });

  test('is read back as it was printed, in both languages', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -999_999_999, max: 999_999_999 }),
        places,
        language,
        (value, digits, spoken) => {
          expect(readDecimal(printDecimal(value, digits, spoken), digits, true)).toBe(value);
        },
      ),
    );
  });

  test('prints the places that money has', () => {
    expect(printDecimal(500_000, 6, 'de', 2)).toBe('0,50');
    expect(printDecimal(3_000_000, 6, 'en', 2)).toBe('3.00');
    expect(printDecimal(1_900, 2, 'de')).toBe('19');
  });

  test('whatever is typed is a safe whole number or none', () => {
    fc.assert(
      fc.property(fc.string(), places, (typed, digits) => {
        const read = readDecimal(typed, digits, true);
        expect(read === undefined || Number.isSafeInteger(read)).toBe(true);
      }),
    );
  });
});
