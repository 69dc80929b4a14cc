import { expect, test } from 'vitest';
import { priceShape } from './priceShape.ts';
import { MONDAY, OSLO } from './testing/arbitraries.ts';

test('mean, low and high of each time of day, by the local clock', () => {
  // Eleven days; the value is the number of the day, at noon ten times that.
  const values = Array.from({ length: 11 * 96 }, (_, index) => {
    const day = Math.floor(index / 96);
    return index % 96 === 48 && day < 6 ? day * 10 : day;
  });
  const shape = priceShape({ firstAt: MONDAY, values }, OSLO);
  expect(shape).toHaveLength(96);
  expect(shape[47]).toEqual({ meanMicro: 5, lowMicro: 1, highMicro: 9 });
  expect(shape[48]!.meanMicro).toBe(Math.round((0 + 10 + 20 + 30 + 40 + 50 + 6 + 7 + 8 + 9 + 10) / 11));
});

test('an empty series has a flat shape', () => {
  expect(priceShape({ firstAt: 0, values: [] }, OSLO)[0]).toEqual({
    meanMicro: 0,
    lowMicro: 0,
    highMicro: 0,
  });
});
