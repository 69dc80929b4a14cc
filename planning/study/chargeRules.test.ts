import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { START_MICRO } from '../sessionWish.ts';
import { accountCharge, quarterParts } from './accountCharge.ts';
import {
  type ChargeRule,
  chargeAtOnce,
  chargeByEvcc,
  chargeByPlan,
  chargeBySparingPlan,
  chargeClairvoyantly,
} from './chargeRules.ts';
import { knownUntil } from './dayAhead.ts';
import { gridHours } from './gridHours.ts';
import type { QuarterHours } from './QuarterHours.ts';
import { changedFrom, charge, chargeOf, MONDAY, OSLO, prices } from './testing/arbitraries.ts';

const someHours = gridHours([{ from: MONDAY + 18 * 3_600, ws: 1 }], OSLO);
const rules: Readonly<Record<string, ChargeRule>> = {
  chargeAtOnce,
  chargeByEvcc,
  chargeByPlan,
  chargeBySparingPlan: chargeBySparingPlan(someHours),
  chargeClairvoyantly,
};
const market = (series: QuarterHours) => ({ prices: series, timeZone: OSLO });
const costOf = (rule: ChargeRule, of: Parameters<ChargeRule>[0], series: QuarterHours) =>
  accountCharge(rule(of, market(series)), series, 0).costMicro;

describe.each(Object.entries(rules))('%s', (_, rule) => {
  test('gives all the energy there is time for, within the stay and the power', () => {
    fc.assert(
      fc.property(charge, prices, (one, series) => {
        let at = one.arrivedAt;
        let ws = 0;
        for (const stretch of rule(one, market(series))) {
          expect(stretch.from).toBeGreaterThanOrEqual(at);
          expect(stretch.powerW).toBeGreaterThan(0);
          expect(stretch.powerW).toBeLessThanOrEqual(one.powerW);
          expect(stretch.ws).toBeLessThanOrEqual((stretch.to - stretch.from) * stretch.powerW);
          at = stretch.to;
          ws += stretch.ws;
        }
        expect(at).toBeLessThanOrEqual(Math.max(one.leftAt, one.arrivedAt));
        expect(ws).toBe(one.needWs);
      }),
      { numRuns: 40 },
    );
  });

  test('is not better than the clairvoyant', () => {
    fc.assert(
      fc.property(charge, prices, (one, series) => {
        // A Wh is rounded up in the wish, so that a plan's times may differ by a Wh's price.
        const tolerance = 2 * 1_000;
        expect(costOf(rule, one, series) + tolerance).toBeGreaterThanOrEqual(
          costOf(chargeClairvoyantly, one, series),
        );
      }),
      { numRuns: 40 },
    );
  });
});

describe.each(['chargeAtOnce', 'chargeByEvcc', 'chargeByPlan', 'chargeBySparingPlan'])('%s', (name) => {
  test('does the same until prices come, whatever they will be', () => {
    const rule = rules[name] as ChargeRule;
    fc.assert(
      fc.property(charge, prices, fc.integer({ min: -50, max: 50 }), (one, series, by) => {
        // Prices from the horizon at arrival on are heard of at 13:00 of a later day, 11 hours before.
        const horizon = knownUntil(OSLO, one.arrivedAt);
        const heardAt = horizon - 11 * 3_600;
        const other = changedFrom(series, horizon, (value) => value + by * 10_000);
        const before = (with_: QuarterHours) =>
          quarterParts(rule(one, market(with_))).filter(({ from }) => from < heardAt);
        expect(before(other)).toEqual(before(series));
      }),
      { numRuns: 40 },
    );
  });
});

test('with all prices known ours costs more than the clairvoyant only where that saves starts', () => {
  const series = {
    firstAt: MONDAY,
    values: Array.from({ length: 7 * 96 }, (_, i) => ((i * 7_919) % 97) * 1_000),
  };
  const arrivedAt = MONDAY + 17 * 3_600;
  const one = chargeOf({ arrivedAt, leftAt: arrivedAt + 14 * 3_600, energyWh: 20_000, powerW: 3_600 });
  const startsBy = (rule: ChargeRule) => {
    const done = rule(one, market(series));
    return done.filter(({ from }, index) => done[index - 1]?.to !== from).length;
  };
  const fewer = startsBy(chargeClairvoyantly) - startsBy(chargeByPlan);
  const dearer = costOf(chargeByPlan, one, series) - costOf(chargeClairvoyantly, one, series);
  expect(fewer).toBeGreaterThan(0);
  expect(dearer).toBeGreaterThanOrEqual(0);
  expect(dearer).toBeLessThanOrEqual(fewer * START_MICRO);
});

test('the sparing plan leaves the red hours where there is time, and ours does not', () => {
  // Cheapest in the evening, from 17 to 20 o'clock.
  const values = Array.from({ length: 7 * 96 }, (_, i) => (i % 96 >= 68 && i % 96 < 80 ? 10_000 : 20_000));
  const series = { firstAt: MONDAY, values };
  const hours = gridHours(
    [17, 18, 19].map((hour) => ({ from: MONDAY + hour * 3_600, ws: 1 })),
    OSLO,
  );
  const arrivedAt = MONDAY + 17 * 3_600;
  const long = chargeOf({ arrivedAt, leftAt: arrivedAt + 14 * 3_600, energyWh: 7_200, powerW: 3_600 });
  const short = { ...long, leftAt: arrivedAt + 3 * 3_600 };
  const evening = (rule: ChargeRule, of: typeof long) =>
    quarterParts(rule(of, market(series)))
      .filter(({ from }) => from < MONDAY + 20 * 3_600)
      .reduce((sum, { ws }) => sum + ws, 0);
  expect(evening(chargeByPlan, long)).toBe(long.needWs);
  expect(evening(chargeBySparingPlan(hours), long)).toBe(0);
  expect(evening(chargeBySparingPlan(hours), short)).toBe(short.needWs);
});
