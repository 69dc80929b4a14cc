import fc from 'fast-check';
import { expect, test } from 'vitest';
import { niceTicks, printNumber, tickDecimals } from './scale.ts';

test('ticks are round, evenly apart, and take in all values', () => {
  expect(niceTicks(0, 93.7, 5)).toEqual([0, 20, 40, 60, 80, 100]);
  expect(niceTicks(-6, 33, 5)).toEqual([-10, 0, 10, 20, 30, 40]);
  fc.assert(
    fc.property(fc.integer({ min: -10_000, max: 0 }), fc.integer({ min: 1, max: 100_000 }), (least, most) => {
      const ticks = niceTicks(least, most, 5);
      expect(ticks[0]).toBeLessThanOrEqual(least);
      expect(ticks.at(-1)).toBeGreaterThanOrEqual(most);
      expect(ticks.length).toBeLessThan(10);
    }),
  );
});

test('numbers are written for people', () => {
  expect(printNumber(1_234_567.891, 2)).toBe('1,234,567.89');
  expect(printNumber(-12.34, 1)).toBe('−12.3');
  expect(printNumber(-0.001, 1)).toBe('0.0');
  expect(printNumber(999)).toBe('999');
});

test('an axis has the decimals in which its ticks differ', () => {
  expect([[0, 20], [0, 0.5], [0, 0.25], [0]].map(tickDecimals)).toEqual([0, 1, 1, 0]);
});
