import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runsOf, stepAt } from './planStep.ts';

const slots = [
  { from: 1_000, to: 2_000, powerW: 11_000 },
  { from: 2_000, to: 2_500, powerW: 4_000 },
  { from: 4_000, to: 5_000, powerW: 11_000 },
  { from: 5_000, to: 6_000, powerW: -7_000 },
  { from: 7_000, to: 8_000, powerW: -7_000 },
];

test('a plan says what it does now and when that changes', () => {
  expect(stepAt(slots, 0)).toEqual({ kind: 'starts', at: 1_000 });
  expect(stepAt(slots, 1_000)).toEqual({ kind: 'pauses', until: 2_500 });
  expect(stepAt(slots, 2_200)).toEqual({ kind: 'pauses', until: 2_500 });
  expect(stepAt(slots, 2_500)).toEqual({ kind: 'starts', at: 4_000 });
  expect(stepAt(slots, 4_500)).toEqual({ kind: 'charges', until: 5_000 });
  expect(stepAt(slots, 5_500)).toEqual({ kind: 'gives-back', until: 6_000 });
  expect(stepAt(slots, 6_500)).toEqual({ kind: 'gives-back-later', at: 7_000 });
  expect(stepAt(slots, 8_000)).toEqual({ kind: 'through' });
  expect(stepAt([], 8_000)).toEqual({ kind: 'through' });
});

test('a time without power is no run', () => {
  expect(runsOf([{ from: 1, to: 2, powerW: 0 }])).toEqual([]);
});

test('runs cover exactly what slots do, and never touch', () => {
  const plans = fc
    .array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 5 }), fc.boolean()), {
      maxLength: 12,
    })
    .map((parts) => {
      let at = 0;
      return parts.map(([gap, length, isBack]) => {
        const from = at + gap;
        at = from + length;
        return { from, to: at, powerW: isBack ? -1 : 1 };
      });
    });
  fc.assert(
    fc.property(plans, (plan) => {
      const runs = runsOf(plan);
      const seconds = (list: typeof plan) => list.reduce((sum, { from, to }) => sum + to - from, 0);
      expect(seconds([...runs])).toBe(seconds(plan));
      runs.forEach(({ from, powerW }, index) => {
        const before = runs[index - 1];
        if (before !== undefined) expect(before.to < from || before.powerW !== powerW).toBe(true);
      });
    }),
  );
});
