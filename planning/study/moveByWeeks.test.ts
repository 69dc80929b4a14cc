import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wallTime } from './localClock.ts';
import { moveByWeeks } from './moveByWeeks.ts';

const at = (iso: string) => Date.parse(iso) / 1_000;
const OSLO = 'Europe/Oslo';
const year2024 = { from: at('2023-12-31T23:00:00Z'), to: at('2024-12-31T23:00:00Z') };

test('a Friday evening in March stays one', () => {
  const session = { arrivedAt: at('2019-03-15T16:30:00Z'), leftAt: at('2019-03-16T06:00:00Z') };
  const moved = moveByWeeks(session, year2024, OSLO);
  expect(new Date(moved!.arrivedAt * 1_000).toISOString()).toBe('2024-03-15T16:30:00.000Z');
  expect(moved!.leftAt - moved!.arrivedAt).toBe(13.5 * 3_600);
});

test('where the clocks have changed meanwhile the local time stays', () => {
  // In 2019 clocks went forward on March 31, in 2024 on the same day; in 2025 on the 30th.
  const session = { arrivedAt: at('2019-03-30T17:00:00Z'), leftAt: at('2019-03-30T20:00:00Z') };
  const moved = moveByWeeks(
    session,
    { from: at('2025-01-01T00:00:00Z'), to: at('2025-12-31T00:00:00Z') },
    OSLO,
  );
  expect(wallTime(OSLO, moved!.arrivedAt) % 604_800).toBe(wallTime(OSLO, session.arrivedAt) % 604_800);
});

test('a season that the period lacks takes the nearest weeks that it has', () => {
  const session = { arrivedAt: at('2019-09-03T16:00:00Z'), leftAt: at('2019-09-04T05:00:00Z') };
  const lacking = { from: at('2025-09-29T22:00:00Z'), to: at('2026-08-21T22:00:00Z') };
  const moved = moveByWeeks(session, lacking, OSLO)!;
  expect(new Date(moved.arrivedAt * 1_000).toISOString()).toBe('2026-08-18T16:00:00.000Z');
});

test('what is longer than the period has no place in it', () => {
  expect(moveByWeeks({ arrivedAt: 0, leftAt: 1_000_000 }, { from: 0, to: 900_000 }, OSLO)).toBeUndefined();
});

test('weekday, time of day and length stay, and it lies within the period', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: at('2018-01-01T00:00:00Z'), max: at('2021-01-01T00:00:00Z') }),
      fc.integer({ min: 0, max: 10 * 86_400 }),
      fc.integer({ min: 21, max: 400 }),
      (arrivedAt, lengthS, days) => {
        const period = { from: at('2024-02-01T00:00:00Z'), to: at('2024-02-01T00:00:00Z') + days * 86_400 };
        const moved = moveByWeeks({ arrivedAt, leftAt: arrivedAt + lengthS }, period, OSLO)!;
        expect(moved.leftAt - moved.arrivedAt).toBe(lengthS);
        expect(moved.arrivedAt).toBeGreaterThanOrEqual(period.from);
        expect(moved.leftAt).toBeLessThanOrEqual(period.to);
        const movedS = wallTime(OSLO, moved.arrivedAt) - wallTime(OSLO, arrivedAt);
        // Only a time that is jumped over by the clocks, here or there, is another by an hour.
        expect([0, 3_600, 604_800 - 3_600]).toContain(((movedS % 604_800) + 604_800) % 604_800);
      },
    ),
  );
});
