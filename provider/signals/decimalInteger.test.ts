import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decimalInteger } from './decimalInteger.ts';

test.each([
  [100.35, 3, 100_350],
  ['100.3', 3, 100_300],
  [-500, 3, -500_000],
  [0.1 + 0.2, 6, 300_000],
  ['0.0005', 3, 1],
  ['-0.0005', 3, -1],
  ['0.00049', 3, 0],
  [1e-7, 6, 0],
  [5e-7, 6, 1],
  ['1.5E2', 0, 150],
  ['.5', 0, 1],
  ['-0', 3, 0],
])('%s with %i places is %i', (value, places, integer) => {
  expect(decimalInteger(value, places)).toBe(integer);
});

test.each(['', '.', 'abc', '1,5', '0x10', '1e999', Number.NaN, Number.POSITIVE_INFINITY, '9999999999999999'])(
  '%s is no decimal that fits',
  (value) => {
    expect(decimalInteger(value, 3)).toBeUndefined();
  },
);

test('what was written with that many places comes back exactly, with zeros behind it too', () => {
  const amounts = fc.integer({ min: -10_000_000_000, max: 10_000_000_000 });
  fc.assert(
    fc.property(amounts, fc.nat(6), (amount, zeros) => {
      const digits = String(Math.abs(amount)).padStart(4, '0');
      const text = `${amount < 0 ? '-' : ''}${digits.slice(0, -3)}.${digits.slice(-3)}${'0'.repeat(zeros)}`;
      expect(decimalInteger(text, 3)).toBe(amount);
      expect(decimalInteger(Number(text), 3)).toBe(amount);
    }),
  );
});
