import { localTime } from '@p2p-power/tariff/localTime';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { replayRecording } from './replayRecording.ts';

const zone = 'Europe/Vienna';
const epoch = (text: string) => Date.parse(text) / 1000;
/** A recording whose values tell when they were: the epoch second of each quarter-hour. */
const recordedFrom = epoch('2025-09-30T22:00:00Z');
const recording = {
  firstAt: recordedFrom,
  values: Array.from({ length: 325 * 96 }, (_, index) => recordedFrom + index * 900),
};
const play = (from: number, to: number) => replayRecording(recording, { from, to }, zone);

test('every quarter-hour is of the same weekday and time of the day, whatever the year', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: epoch('2024-01-01T00:00:00Z'), max: epoch('2031-01-01T00:00:00Z') }),
      (at) => {
        const from = at - (at % 900);
        const [value] = play(from, from + 900).values;
        const now = localTime(zone, from);
        const then = localTime(zone, value as number);
        const isSkipped = then.secondOfDay === now.secondOfDay - 3_600 && now.secondOfDay < 3 * 3_600;
        expect(then.dayOfWeek).toBe(now.dayOfWeek);
        if (!isSkipped) expect(then.secondOfDay).toBe(now.secondOfDay);
      },
    ),
  );
});

test('a day of the recording is itself, one a year later is of 52 weeks before', () => {
  const day = epoch('2026-02-01T23:00:00Z');
  expect(play(day, day + 900).values).toEqual([day]);
  const year = 364 * 86_400;
  expect(play(day + year, day + year + 900).values).toEqual([day]);
  expect(play(day + 3 * year, day + 3 * year + 900).values).toEqual([day]);
});

test('of a season that was not recorded, the nearest recorded week stands for it', () => {
  const from = epoch('2026-09-15T10:00:00Z');
  const [value] = play(from, from + 900).values;
  expect(new Date((value as number) * 1_000).toISOString()).toBe('2025-10-07T10:00:00.000Z');
});

test('a day of 25 hours plays 25, one of 23 plays 23, and nothing is missing', () => {
  const autumn = play(epoch('2026-10-24T22:00:00Z'), epoch('2026-10-25T23:00:00Z')).values;
  expect(autumn).toHaveLength(100);
  expect(autumn.every((value) => value !== null)).toBe(true);
  // The recorded day, a year before, had the hour twice as well: each is itself.
  expect(new Set(autumn).size).toBe(100);
  const spring = play(epoch('2027-03-27T23:00:00Z'), epoch('2027-03-28T22:00:00Z')).values;
  expect(spring).toHaveLength(92);
  expect(spring.every((value) => value !== null)).toBe(true);
  // An ordinary Sunday played from the recorded day of 23 hours: the hour before stands for the one that was skipped.
  const ordinary = play(
    epoch('2027-03-27T23:00:00Z') + 364 * 86_400 * 5,
    epoch('2027-03-28T23:00:00Z') + 364 * 86_400 * 5,
  );
  expect(ordinary.values.every((value) => value !== null)).toBe(true);
});

test('with less than a week recorded, days that are not in it are unknown', () => {
  const short = { firstAt: recordedFrom, values: recording.values.slice(0, 96) };
  const values = replayRecording(
    short,
    { from: recordedFrom + 86_400, to: recordedFrom + 87_300 },
    zone,
  ).values;
  expect(values).toEqual([null]);
  expect(replayRecording({ firstAt: 0, values: [] }, { from: 0, to: 900 }, zone).values).toEqual([null]);
});
