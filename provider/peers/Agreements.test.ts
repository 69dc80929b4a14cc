import fc from 'fast-check';
import { expect, test } from 'vitest';
import { agreementAt, endOfTime, spansOf } from './Agreements.ts';

const versions = (...list: readonly (readonly [validFrom: number, endsAt: number])[]) =>
  list.map(([validFrom, endsAt], index) => ({ version: index + 1, validFrom, endsAt }));

test('the newest version that has begun is in force', () => {
  const list = versions([0, 0], [100, 0], [200, 0]);
  expect([0, 99, 100, 199, 200, 1_000].map((at) => agreementAt(list, at)?.version)).toEqual([
    1, 1, 2, 2, 3, 3,
  ]);
  expect(agreementAt(versions([50, 0]), 49)).toBeUndefined();
  expect(agreementAt([], 1)).toBeUndefined();
});

test('an agreement that was given notice is in force up to its end', () => {
  const list = versions([10, 80]);
  expect(agreementAt(list, 79)?.version).toBe(1);
  expect(agreementAt(list, 80)).toBeUndefined();
  expect(spansOf(list, list[0] as (typeof list)[0])).toEqual([{ from: 10, to: 80 }]);
  expect(agreementAt(versions([10, 0], [20, 30]), 40)).toBeUndefined();
});

test('a charge belongs to one agreement, whenever it was signed, and spans say which', () => {
  const time = fc.integer({ min: 0, max: 300 });
  const lists = fc.array(fc.tuple(time, fc.oneof(fc.constant(0), time)), { maxLength: 5 });
  fc.assert(
    fc.property(lists, time, (list, at) => {
      const agreements = versions(...list);
      const owners = agreements.filter((one) =>
        spansOf(agreements, one).some(({ from, to }) => from <= at && at < to),
      );
      expect(owners).toEqual([agreementAt(agreements, at)].filter((one) => one !== undefined));
    }),
  );
  const open = versions([0, 0]);
  expect(spansOf(open, open[0] as (typeof open)[0])).toEqual([{ from: 0, to: endOfTime }]);
});

test('what comes to be agreed later changes nothing of before', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 0, max: 300 }),
      (steps, at) => {
        const begins = steps.map((_, index) =>
          steps.slice(0, index + 1).reduce((sum, step) => sum + step, 0),
        );
        const list = versions(...begins.map((from) => [from, 0] as const));
        const known = list.filter((one) => one.validFrom <= at);
        expect(agreementAt(list, at)).toEqual(agreementAt(known, at));
      },
    ),
  );
});
