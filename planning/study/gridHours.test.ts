import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gridHours, gridSlots, gridStateAt } from './gridHours.ts';
import { MONDAY, OSLO } from './testing/arbitraries.ts';

const HOUR = 3_600;
const load = (day: number, hour: number, ws: number) => ({ from: MONDAY + (day * 24 + hour) * HOUR, ws });

test('red from 80 % of the highest hour on, yellow from 60 %, by the mean of days of a kind', () => {
  const hours = gridHours(
    [
      load(0, 18, 1_000),
      load(1, 19, 800),
      load(2, 20, 799),
      load(3, 21, 599),
      load(5, 18, 320),
      load(5, 10, 239),
    ],
    OSLO,
  );
  expect(hours.weekday.slice(17, 23)).toEqual(['green', 'red', 'red', 'yellow', 'green', 'green']);
  // Two days against five: 320 there are as much as 800 here.
  expect([hours.weekend[18], hours.weekend[10]]).toEqual(['red', 'green']);
});

test('slots cover the time and say the state of each instant, on days that clocks change too', () => {
  const hours = gridHours([load(0, 2, 1_000), load(0, 18, 700), load(6, 2, 400)], OSLO);
  fc.assert(
    fc.property(fc.nat(8 * 24 * HOUR), fc.nat(3 * 24 * HOUR), (startS, lengthS) => {
      const from = MONDAY + startS;
      let at = from;
      for (const slot of gridSlots(hours, OSLO, from, from + lengthS)) {
        expect(slot.from).toBe(at);
        for (let time = slot.from; time < slot.to; time += 600)
          expect(gridStateAt(hours, OSLO, time)).toBe(slot.state);
        at = slot.to;
      }
      expect(at).toBe(from + lengthS);
    }),
  );
});

test('without load nothing is strained', () => {
  expect(new Set([...gridHours([], OSLO).weekday, ...gridHours([], OSLO).weekend])).toEqual(
    new Set(['green']),
  );
});
