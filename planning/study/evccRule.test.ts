import { expect, test } from 'vitest';
import { evccRule, evccTimes, startsOf } from './evccRule.ts';

const hour = 3_600;
const slots = (...values: number[]) =>
  values.map((priceMicroPerKwh, index) => ({ from: index * hour, to: (index + 1) * hour, priceMicroPerKwh }));
const times = (taken: readonly { from: number; to: number }[]) =>
  taken.map(({ from, to }) => [from / hour, to / hour]);

test('the cheapest slots are taken, later ones first among equals', () => {
  expect(times(evccRule(slots(5, 1, 4, 1, 1), 2 * hour))).toEqual([
    [3, 4],
    [4, 5],
  ]);
});

test('the part of the last slot is late where the charge begins with it, early after others', () => {
  expect(times(evccRule(slots(2, 1, 9), 1.5 * hour))).toEqual([
    [0.5, 1],
    [1, 2],
  ]);
  expect(times(evccRule(slots(1, 2, 9), 1.5 * hour))).toEqual([
    [0, 1],
    [1, 1.5],
  ]);
  expect(times(evccRule(slots(1, 2), 0.5 * hour))).toEqual([[0, 0.5]]);
});

test('what fits after the known prices is left until then', () => {
  expect(evccTimes(slots(1, 2), 0, 4 * hour, 2 * hour)).toEqual([]);
  expect(times(evccTimes(slots(2, 1), 0, 3 * hour, 2 * hour))).toEqual([[1, 2]]);
});

test('where time is short it charges on end', () => {
  expect(times(evccTimes(slots(1, 2), 0, 2 * hour, 2 * hour))).toEqual([[0, 2]]);
  expect(times(evccTimes([], 0, 3 * hour, hour))).toEqual([[2, 3]]);
  expect(evccTimes(slots(1), 0, hour, 0)).toEqual([]);
});

test('times that touch are one start', () => {
  expect(
    startsOf([
      { from: 0, to: 1 },
      { from: 1, to: 2 },
      { from: 3, to: 4 },
    ]),
  ).toBe(2);
});
