import { expect, test } from 'vitest';
import { isoDuration } from './isoDuration.ts';

test.each([
  ['PT15M', 900],
  ['PT1H', 3_600],
  ['P1DT2H3M4S', 93_784],
  ['P2W', 1_209_600],
  ['PT0S', 0],
  ['P0D', 0],
  ['P9999Y', Number.POSITIVE_INFINITY],
])('%s is %s s', (text, seconds) => {
  expect(isoDuration(text)).toBe(seconds);
});

test.each(['', 'P', 'PT', '15M', 'P1M', 'P1Y', 'PT1.5H', '-PT1H', 'PT1H ', 900, null, undefined])(
  '%s is none that we count',
  (text) => {
    expect(isoDuration(text)).toBeUndefined();
  },
);
