import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChargeWish } from './ChargeWish.ts';
import { type PriceTier, planTiers } from './planTiers.ts';

const NOW = 1_000_800;
const HOUR_S = 3_600;

const hours = (cents: readonly number[]) =>
  cents.map((cent, index) => ({
    from: NOW + index * HOUR_S,
    to: NOW + (index + 1) * HOUR_S,
    priceMicroPerKwh: cent * 10_000,
  }));

function wishOf(first: readonly number[], change: Partial<ChargeWish> = {}): ChargeWish {
  return {
    now: NOW,
    readyBy: NOW + first.length * HOUR_S,
    energyWh: 6_000,
    maxPowerW: 3_000,
    minPowerW: 0,
    slots: hours(first),
    mode: 'cheapest',
    ...change,
  };
}
const tiersOf = (...tiers: readonly (readonly [number, readonly number[]])[]): readonly PriceTier[] =>
  tiers.map(([fromWh, cents]) => ({ fromWh, slots: hours(cents) }));

describe('planTiers', () => {
  it('draws the first kilowatt-hours where they are dear little, to have the cheap ones where they are cheapest', () => {
    // By the prices of now the third hour is best. But from 3 kWh on it costs 2 cents, and the first tier is little dearer before.
    const [first, next] = [
      [12, 12, 10],
      [30, 30, 2],
    ];
    const made = planTiers(wishOf(first), tiersOf([0, first], [3_000, next]));
    expect(made.expectedCostMicro).toBe(3 * 120_000 + 3 * 20_000);
    // Both of the first hours cost the same: the second goes on without a stop.
    expect(made.slots).toEqual([{ from: NOW + HOUR_S, to: NOW + 3 * HOUR_S, powerW: 3_000 }]);
  });

  it('prices energy by the tier in which it falls, whatever the mode', () => {
    const tiers = tiersOf([0, [10, 10, 10]], [2_000, [50, 50, 50]]);
    for (const mode of ['immediate', 'cheapest'] as const)
      expect(planTiers(wishOf([10, 10, 10], { mode }), tiers).expectedCostMicro).toBe(
        2 * 100_000 + 4 * 500_000,
      );
  });

  it('passes a bound within a slot, where both sides of it are best', () => {
    const [first, next] = [
      [20, 5, 20],
      [40, 6, 40],
    ];
    const asked = wishOf(first, { energyWh: 3_000 });
    const made = planTiers(asked, tiersOf([0, first], [1_000, next]));
    expect(made.expectedCostMicro).toBe(50_000 + 2 * 60_000);
  });

  it('buys what an amount allows at the prices of the tiers', () => {
    const tiers = tiersOf([0, [10, 10, 10]], [2_000, [50, 50, 50]]);
    expect(planTiers(wishOf([10, 10, 10], { maxAmountMicro: 700_000 }), tiers)).toMatchObject({
      energyWh: 3_000,
      expectedCostMicro: 700_000,
    });
  });

  it('counts what starts count, and goes on over a bound without one', () => {
    const [first, next] = [
      [10, 11, 11],
      [12, 10, 10],
    ];
    const starts = { perStart: 50_000 };
    const made = planTiers(wishOf(first, { starts }), tiersOf([0, first], [3_000, next]));
    expect(made.objective).toBe(6 * 100_000 + 50_000);
    expect(made.slots).toEqual([{ from: NOW, to: NOW + 2 * HOUR_S, powerW: 3_000 }]);
  });
});

/** The least cost of so many kWh, every way to spread whole ones over hours of up to 3 tried; cents. */
function bestOfAll(tiers: readonly PriceTier[], hourCount: number, needKwh: number): number {
  const costOf = (hour: number, drawn: number): number => {
    const tier = tiers.findLast(({ fromWh }) => fromWh <= drawn * 1_000)!;
    return tier.slots[hour]!.priceMicroPerKwh;
  };
  let best = Number.POSITIVE_INFINITY;
  const spread = (hour: number, drawn: number, cost: number): void => {
    if (drawn === needKwh) best = Math.min(best, cost);
    if (hour === hourCount || drawn === needKwh) return;
    let sum = cost;
    spread(hour + 1, drawn, sum);
    for (let taken = 0; taken < 3 && drawn + taken < needKwh; taken += 1) {
      sum += costOf(hour, drawn + taken);
      spread(hour + 1, drawn + taken + 1, sum);
    }
  };
  spread(0, 0, 0);
  return best;
}

describe('planTiers, on any tiers', () => {
  const cents = fc.integer({ min: 0, max: 40 });
  const rows = (count: number) =>
    fc.integer({ min: 1, max: 5 }).chain((hourCount) =>
      fc.record({
        first: fc.array(cents, { minLength: hourCount, maxLength: hourCount }),
        others: fc.array(
          fc.tuple(
            fc.integer({ min: 1, max: 4 }),
            fc.array(cents, { minLength: hourCount, maxLength: hourCount }),
          ),
          { minLength: count, maxLength: count },
        ),
        needKwh: fc.integer({ min: 1, max: 3 * hourCount }),
      }),
    );
  const tiersFrom = (first: readonly number[], others: readonly (readonly [number, readonly number[]])[]) => {
    const bounds = others.map((_, index) =>
      others.slice(0, index + 1).reduce((sum, [more]) => sum + more, 0),
    );
    return tiersOf([0, first], ...others.map(([, row], index) => [bounds[index]! * 1_000, row] as const));
  };
  /** Two seconds' energy at the highest price. */
  const room = 700;

  it('with one bound costs the least there is', () => {
    fc.assert(
      fc.property(rows(1), ({ first, others, needKwh }) => {
        const tiers = tiersFrom(first, others);
        const made = planTiers(wishOf(first, { energyWh: needKwh * 1_000 }), tiers);
        expect(
          Math.abs(made.expectedCostMicro - bestOfAll(tiers, first.length, needKwh)),
        ).toBeLessThanOrEqual(room);
      }),
      { numRuns: 200 },
    );
  });

  it('with two bounds costs seldom more than the least, and never more than at the prices of now', () => {
    let [count, dearer] = [0, 0];
    fc.assert(
      fc.property(rows(2), ({ first, others, needKwh }) => {
        const tiers = tiersFrom(first, others);
        const asked = wishOf(first, { energyWh: needKwh * 1_000 });
        const made = planTiers(asked, tiers);
        const best = bestOfAll(tiers, first.length, needKwh);
        expect(made.expectedCostMicro).toBeGreaterThanOrEqual(best - room);
        count += 1;
        if (made.expectedCostMicro > best + room) dearer += 1;
      }),
      { numRuns: 200 },
    );
    expect(dearer / count).toBeLessThan(0.2);
  });
});
