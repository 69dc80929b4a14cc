import fc from 'fast-check';
import { expect, test } from 'vitest';
import { firstKnown, quarterHours, type Stretch } from './quarterHours.ts';

const from = 1_790_000_100 - (1_790_000_100 % 86_400);
const span = { from, to: from + 86_400 };
const quarter = (index: number, value: number | null, length = 1): Stretch => ({
  from: from + index * 900,
  to: from + (index + length) * 900,
  value,
});

test('an hour is four quarters, what is not said is null, the end is the last value', () => {
  const row = quarterHours([quarter(6, 3), quarter(0, 1, 4), quarter(8, null)], span);
  expect(row).toEqual({ ok: true, value: { firstAt: from, values: [1, 1, 1, 1, null, null, 3] } });
});

test('what lies outside of the span is left out', () => {
  const row = quarterHours([quarter(-4, 1, 5), quarter(95, 2, 4)], span);
  expect(row.ok && row.value.values).toHaveLength(96);
  expect(row.ok && [row.value.values[0], row.value.values[1], row.value.values[95]]).toEqual([1, null, 2]);
});

test.each([
  [[{ from: from + 1, to: from + 900, value: 1 }], 'unexpected-form'],
  [[{ from: from + 900, to: from, value: 1 }], 'unexpected-form'],
  [[{ from, to: from + 901, value: 1 }], 'unexpected-form'],
  [[quarter(0, 1), quarter(0, 2)], 'contradicting-values'],
  [[quarter(0, 1, 4), quarter(3, 2)], 'contradicting-values'],
  [[], 'not-published'],
  [[quarter(0, null)], 'not-published'],
  [[quarter(200, 1)], 'not-published'],
])('%j is refused as %s', (stretches, refusal) => {
  expect(quarterHours(stretches, span)).toMatchObject({ ok: false, refusal });
});

test('neither order nor saying it twice changes anything', () => {
  const values = fc.array(fc.option(fc.integer({ min: -500_000, max: 500_000 })), {
    minLength: 1,
    maxLength: 96,
  });
  fc.assert(
    fc.property(values, fc.infiniteStream(fc.nat(1_000)), (row, chance) => {
      fc.pre(row.some((value) => value !== null));
      const stretches = row.map((value, index) => quarter(index, value));
      const mixed = [...stretches, ...stretches.filter(() => (chance.next().value ?? 0) % 3 === 0)]
        .map((one) => ({ one, at: chance.next().value ?? 0 }))
        .toSorted((a, b) => a.at - b.at)
        .map(({ one }) => one);
      const last = row.findLastIndex((value) => value !== null);
      expect(quarterHours(mixed, span)).toEqual({
        ok: true,
        value: { firstAt: from, values: row.slice(0, last + 1) },
      });
    }),
  );
});

test('of several rows the first that knows a quarter-hour counts', () => {
  const rows = [
    [null, 2, null],
    [1, 5],
    [null, null, null, 9],
  ].map((values) => ({ firstAt: from, values }));
  expect(firstKnown(rows)?.values).toEqual([1, 2, null, 9]);
  expect(firstKnown([])).toBeUndefined();
});
