import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dayStart, instantOf, offsetAt, wallTime } from './localClock.ts';

const at = (iso: string) => Date.parse(iso) / 1_000;

test('the clock of a zone is ahead or behind as it is', () => {
  expect(offsetAt('Europe/Oslo', at('2025-01-01T00:00:00Z'))).toBe(3_600);
  expect(offsetAt('Europe/Oslo', at('2025-07-01T00:00:00Z'))).toBe(7_200);
  expect(offsetAt('America/New_York', at('2025-01-01T00:00:00Z'))).toBe(-5 * 3_600);
  expect(offsetAt('Pacific/Auckland', at('2025-01-01T00:00:00Z'))).toBe(13 * 3_600);
});

test('a time that is shown twice is the first, one that is jumped over comes as late after the jump', () => {
  expect(instantOf('Europe/Oslo', at('2025-10-26T02:30:00Z'))).toBe(at('2025-10-26T00:30:00Z'));
  expect(instantOf('Europe/Oslo', at('2025-03-30T02:30:00Z'))).toBe(at('2025-03-30T01:30:00Z'));
});

test('days begin at local midnight, and have 23, 24 or 25 hours', () => {
  const hours = (iso: string) =>
    (dayStart('Europe/Oslo', at(iso), 1) - dayStart('Europe/Oslo', at(iso))) / 3_600;
  expect([
    hours('2025-03-30T12:00:00Z'),
    hours('2025-07-01T12:00:00Z'),
    hours('2025-10-26T12:00:00Z'),
  ]).toEqual([23, 24, 25]);
  expect(dayStart('Europe/Oslo', at('2025-07-01T22:30:00Z'))).toBe(at('2025-07-01T22:00:00Z'));
});

test('an instant comes back from what its clock shows, or an hour earlier where that is shown twice', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1_500_000_000, max: 1_800_000_000 }), (instant) => {
      const back = instantOf('Europe/Oslo', wallTime('Europe/Oslo', instant));
      expect([0, 3_600]).toContain(instant - back);
      expect(wallTime('Europe/Oslo', back)).toBe(wallTime('Europe/Oslo', instant));
    }),
  );
});
