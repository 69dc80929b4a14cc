import { expect, test } from 'vitest';
import { openLoadProfile } from './LoadProfile.ts';
import { MONDAY, OSLO } from './testing/arbitraries.ts';

test('the peak is the highest mean of a quarter-hour, of all that was added', () => {
  const profile = openLoadProfile(MONDAY + 5_000, MONDAY + 6_000, OSLO);
  profile.add([{ from: MONDAY + 100, ws: 900_000 }], 0);
  profile.add([{ from: MONDAY + 604_800 + 800, ws: 900_000 }], 604_800);
  profile.add([{ from: MONDAY + 900, ws: 1_700_000 }], 0);
  expect(profile.peakW()).toBe(2_000);
});

test('the day is the mean over all days, by local time', () => {
  const profile = openLoadProfile(MONDAY, MONDAY + 86_400, OSLO);
  profile.add([{ from: MONDAY + 12 * 3_600, ws: 1_800_000 }], 0);
  const day = profile.dayW();
  expect(day).toHaveLength(96);
  expect(day[48]).toBe(1_000);
  expect(day.reduce((sum, powerW) => sum + powerW, 0)).toBe(1_000);
});

test('what lies outside is a fault, never lost', () => {
  const profile = openLoadProfile(MONDAY, MONDAY, OSLO);
  expect(() => profile.add([{ from: MONDAY + 2 * 86_400, ws: 1 }], 0)).toThrow(RangeError);
});
