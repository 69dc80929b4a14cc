import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { accountCharge, quarterParts } from './accountCharge.ts';
import { BATTERY_ASSUMPTIONS, batteryOf } from './Battery.ts';
import { chargeClairvoyantly } from './chargeRules.ts';
import { knownUntil } from './dayAhead.ts';
import { chargeAndGiveBack, giveBackClairvoyantly } from './giveBack.ts';
import type { QuarterHours } from './QuarterHours.ts';
import { changedFrom, charge, chargeOf, MONDAY, OSLO, prices } from './testing/arbitraries.ts';

const market = (series: QuarterHours) => ({ prices: series, timeZone: OSLO });
const { chargePerMille, dischargePerMille, wearMicroPerKwh } = BATTERY_ASSUMPTIONS;

describe.each([
  ['chargeAndGiveBack', chargeAndGiveBack],
  ['giveBackClairvoyantly', giveBackClairvoyantly],
])('%s', (_, rule) => {
  test('keeps the battery within reserve and capacity, and leaves with what was wanted', () => {
    fc.assert(
      fc.property(charge, prices, fc.constantFrom(40_000, 77_000, 100_000), (one, series, capacityWh) => {
        fc.pre(one.needWs / 3_600 <= capacityWh);
        const battery = batteryOf(one, capacityWh);
        const { stretches, levelWs } = rule(one, market(series), battery);
        let [at, level] = [one.arrivedAt, battery.levelWh * 3_600];
        for (const { from, to, powerW, ws } of stretches) {
          expect(from).toBeGreaterThanOrEqual(at);
          expect(to).toBeLessThanOrEqual(one.leftAt);
          // A watt above the power is what whole watts may round to.
          expect(Math.abs(powerW)).toBeLessThanOrEqual(one.powerW + 1);
          level += ws > 0 ? (ws * chargePerMille) / 1_000 : (ws * 1_000) / dischargePerMille;
          at = to;
          expect(level / 3_600).toBeGreaterThanOrEqual(battery.reserveWh - 1);
          expect(level / 3_600).toBeLessThanOrEqual(capacityWh + 1);
        }
        expect(Math.abs(level - levelWs)).toBeLessThan(3_600);
        expect(battery.targetWh * 3_600 - levelWs).toBeLessThan(3_600);
      }),
      { numRuns: 60 },
    );
  });
});

test('nothing is done on prices that are not known', () => {
  fc.assert(
    fc.property(charge, prices, fc.integer({ min: -50, max: 50 }), (one, series, by) => {
      const battery = batteryOf(one, 60_000);
      const horizon = knownUntil(OSLO, one.arrivedAt);
      const heardAt = horizon - 11 * 3_600;
      const other = changedFrom(series, horizon, (value) => value + by * 10_000);
      const before = (with_: QuarterHours) =>
        quarterParts(chargeAndGiveBack(one, market(with_), battery).stretches).filter(
          ({ from }) => from < heardAt,
        );
      expect(before(other)).toEqual(before(series));
    }),
    { numRuns: 60 },
  );
});

test('with all prices known it costs no more than the best charge without, wear included', () => {
  fc.assert(
    fc.property(charge, prices, (one, series) => {
      const battery = batteryOf(one, 60_000);
      const { stretches } = giveBackClairvoyantly(one, market(series), battery);
      const account = accountCharge(stretches, series, 0);
      const wearMicro = (((account.givenWs * 1_000) / dischargePerMille) * wearMicroPerKwh) / 3_600_000;
      const without = accountCharge(chargeClairvoyantly(one, market(series)), series, 0).costMicro;
      // 20 Wh of rounding at the highest price.
      expect(account.costMicro + wearMicro).toBeLessThanOrEqual(without + 20 * 600);
    }),
    { numRuns: 60 },
  );
});

test('an evening is sold and bought back at night', () => {
  const values = Array.from({ length: 7 * 96 }, (_, i) => {
    const hour = Math.floor(i / 4) % 24;
    return hour >= 18 && hour < 20 ? 400_000 : hour >= 2 && hour < 5 ? 50_000 : 100_000;
  });
  const series = { firstAt: MONDAY, values };
  const arrivedAt = MONDAY + 17 * 3_600;
  const one = chargeOf({ arrivedAt, leftAt: arrivedAt + 14 * 3_600, energyWh: 2_000, powerW: 3_600 });
  const { stretches } = chargeAndGiveBack(one, market(series), batteryOf(one, 60_000));
  const given = stretches.filter(({ powerW }) => powerW < 0);
  expect(given).toHaveLength(1);
  expect([given[0]!.from, given[0]!.to]).toEqual([MONDAY + 18 * 3_600, MONDAY + 20 * 3_600]);
  expect(stretches.filter(({ powerW }) => powerW > 0).every(({ from }) => from >= MONDAY + 26 * 3_600)).toBe(
    true,
  );
});
