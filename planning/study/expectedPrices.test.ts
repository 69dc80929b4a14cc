import fc from 'fast-check';
import { expect, test } from 'vitest';
import { knownUntil } from './dayAhead.ts';
import { expectedPrices } from './expectedPrices.ts';
import { instantOf, wallTime } from './localClock.ts';
import { changedFrom, MONDAY, OSLO, prices } from './testing/arbitraries.ts';

test('what is expected is the mean of the seven days before at the same time', () => {
  const values = Array.from({ length: 10 * 96 }, (_, index) => Math.floor(index / 96) * 100 + (index % 96));
  const known = MONDAY + 7 * 86_400 + 3_600; // After the Sunday of 25 hours.
  const at = instantOf(OSLO, wallTime(OSLO, MONDAY) + 7 * 86_400);
  expect(at).toBe(known);
  const [first] = expectedPrices({ firstAt: MONDAY, values }, OSLO, known, known + 900);
  // Monday to Sunday at midnight: 0, 100, … 600.
  expect(first).toEqual({ from: known, to: known + 900, priceMicroPerKwh: 300 });
});

test('nothing is known of the future', () => {
  fc.assert(
    fc.property(prices, fc.integer({ min: 1, max: 12 * 86_400 }), fc.integer(), (series, afterS, salt) => {
      const at = MONDAY + afterS;
      const known = knownUntil(OSLO, at);
      const other = changedFrom(series, known, (value) => value + salt);
      const to = known + 3 * 86_400;
      expect(expectedPrices(other, OSLO, known, to)).toEqual(expectedPrices(series, OSLO, known, to));
    }),
    { numRuns: 30 },
  );
});

test('slots lie next to one another, also over a change of clocks', () => {
  fc.assert(
    fc.property(prices, fc.integer({ min: 2, max: 9 }), (series, days) => {
      const known = knownUntil(OSLO, MONDAY + days * 86_400);
      const slots = expectedPrices(series, OSLO, known, known + 2 * 86_400 + 77);
      let at = known;
      for (const { from, to } of slots) {
        expect(from).toBe(at);
        at = to;
      }
      expect(at).toBe(known + 2 * 86_400 + 77);
    }),
    { numRuns: 30 },
  );
});

test('without history nothing is expected', () => {
  expect(expectedPrices({ firstAt: MONDAY, values: [1] }, OSLO, MONDAY, MONDAY + 900)).toEqual([]);
});
