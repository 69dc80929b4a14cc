import fc from 'fast-check';
import { expect, test } from 'vitest';
import { endOf, priceSlots, valueAt } from './QuarterHours.ts';
import { MONDAY, prices } from './testing/arbitraries.ts';

test('slots say what the series says, and lie next to one another', () => {
  fc.assert(
    fc.property(prices, fc.nat(14 * 86_400), fc.nat(3 * 86_400), (series, startS, lengthS) => {
      const from = MONDAY + startS;
      const until = Math.min(from + lengthS, endOf(series));
      let at = from;
      for (const slot of priceSlots(series, from, from + lengthS)) {
        expect(slot.from).toBe(at);
        for (let time = slot.from; time < slot.to; time += 450)
          expect(slot.priceMicroPerKwh).toBe(valueAt(series, time));
        at = slot.to;
      }
      expect(at).toBe(Math.max(from, until));
    }),
    { numRuns: 30 },
  );
});

test('neighbours of one price are one slot', () => {
  const series = { firstAt: 0, values: [1, 1, 2] };
  expect(priceSlots(series, 100, 9_999)).toEqual([
    { from: 100, to: 1_800, priceMicroPerKwh: 1 },
    { from: 1_800, to: 2_700, priceMicroPerKwh: 2 },
  ]);
});

test('where the series does not reach, nothing is made up', () => {
  expect(() => valueAt({ firstAt: 0, values: [1] }, 900)).toThrow(RangeError);
  expect(() => valueAt({ firstAt: 0, values: [1] }, -1)).toThrow(RangeError);
});
