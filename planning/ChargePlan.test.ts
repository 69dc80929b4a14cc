import type { PriceSlot } from '@p2p-power/tariff/tariffSlots';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChargePlan, nextPower, plan } from './ChargePlan.ts';
import type { ChargeWish } from './ChargeWish.ts';

const HOUR_S = 3_600;

/** Hours from `now` on with a price each; null where none is known. */
function hours(now: number, ...prices: readonly (number | null)[]): readonly PriceSlot[] {
  return prices.flatMap((priceMicroPerKwh, hour) => {
    if (priceMicroPerKwh === null) return [];
    return [{ from: now + hour * HOUR_S, to: now + (hour + 1) * HOUR_S, priceMicroPerKwh }];
  });
}

/** A wish at 1,000,000 s with 10 kW; slots and plan are told in hours from then. */
const NOW = 1_000_000;
function planHours(energyWh: number, prices: readonly (number | null)[], change: Partial<ChargeWish> = {}) {
  const wish: ChargeWish = {
    now: NOW,
    energyWh,
    maxPowerW: 10_000,
    minPowerW: 1_000,
    slots: hours(NOW, ...prices),
    mode: 'cheapest',
    ...change,
  };
  const made = plan(wish);
  const inHours = made.slots.map(({ from, to, powerW }) => [
    (from - NOW) / HOUR_S,
    (to - NOW) / HOUR_S,
    powerW,
  ]);
  return { ...made, slots: inHours };
}

describe('plan, immediate', () => {
  it('charges at once, and tells the cost of what has a price', () => {
    expect(planHours(15_000, [300_000, null, 100_000], { mode: 'immediate' })).toMatchObject({
      slots: [[0, 1.5, 10_000]],
      expectedCostMicro: 3_000_000,
      unpricedWh: 5_000,
      readyAt: NOW + 5_400,
      basis: 'immediate',
      reason: 'at once, as asked: 1 h 30 min',
    });
  });

  it('plans nothing for nothing', () => {
    expect(planHours(0, [1], { mode: 'immediate' })).toMatchObject({ slots: [], readyAt: NOW });
    expect(planHours(0, [1])).toMatchObject({ slots: [], readyAt: NOW, basis: 'cheapest' });
  });
});

describe('plan, cheapest', () => {
  it('takes the cheapest hours, and of the dearest of them only what is needed', () => {
    expect(planHours(25_000, [400_000, 100_000, 900_000, 200_000, 300_000])).toEqual({
      slots: [
        [1, 2, 10_000],
        [3, 4.5, 10_000],
      ],
      energyWh: 25_000,
      stayCostMicro: 0,
      objective: 4_500_000,
      expectedSignal: 0,
      expectedCostMicro: 1_000_000 + 2_000_000 + 1_500_000,
      unpricedWh: 0,
      readyAt: NOW + 4.5 * HOUR_S,
      basis: 'cheapest',
      reason: 'at the cheapest times of 5 h: 25.000 kWh',
    });
  });

  it('begins later rather than twice: the dearest hour is filled from its end if the run comes after it', () => {
    expect(planHours(15_000, [2, 1, 9]).slots).toEqual([[0.5, 2, 10_000]]);
  });

  it('bridges a gap at lower power rather than start twice', () => {
    // 5 kWh in the hour between: least power throughout, and all that it can for 1600 s.
    expect(planHours(25_000, [1, 2, 1]).slots).toEqual([
      [0, 1 + 1_600 / HOUR_S, 10_000],
      [1 + 1_600 / HOUR_S, 2, 1_000],
      [2, 3, 10_000],
    ]);
  });

  it('bridges as many gaps as the energy allows', () => {
    const { slots } = planHours(31_500, [1, 2, 1, 2, 1]);
    expect(slots).toHaveLength(4);
    expect(slots[0]?.[1]).toBeGreaterThan(1);
  });

  it('chooses one stretch that suffices over two earlier ones', () => {
    expect(planHours(20_000, [1, 9, 1, 1]).slots).toEqual([[2, 4, 10_000]]);
    expect(planHours(10_000, [1, 9, 1, 1]).slots).toEqual([[0, 1, 10_000]]);
  });

  it('keeps to the deadline', () => {
    const wish = planHours(20_000, [5, 6, 7, 1, 1], { readyBy: NOW + 2.5 * HOUR_S });
    expect(wish).toMatchObject({ slots: [[0, 2, 10_000]], basis: 'cheapest' });
  });

  it('charges at once and says so if the deadline cannot be met', () => {
    expect(planHours(20_000, [5, 1, 1], { readyBy: NOW + 1.5 * HOUR_S })).toMatchObject({
      slots: [[0, 2, 10_000]],
      expectedCostMicro: 60,
      basis: 'deadline-too-soon',
      reason: 'at once: 20.000 kWh take 2 h, the deadline is in 1 h 30 min',
    });
    expect(planHours(1, [1], { readyBy: NOW - 5 }).reason).toBe(
      'at once: 0.001 kWh take 1 s, the deadline is in 0 s',
    );
  });

  it('charges at once and says so if too few prices are known', () => {
    expect(planHours(20_000, [5, null, null], { readyBy: NOW + 9 * HOUR_S })).toMatchObject({
      slots: [[0, 2, 10_000]],
      unpricedWh: 10_000,
      basis: 'prices-missing',
      reason: 'at once: 20.000 kWh take 2 h, prices are known for 1 h',
    });
  });

  it('takes negative prices for what they are', () => {
    expect(planHours(10_000, [100_000, -50_000]).expectedCostMicro).toBe(-500_000);
  });

  it('leaves out prices of the past', () => {
    expect(planHours(5_000, [1, 9], { now: NOW + HOUR_S }).slots).toEqual([[1, 1.5, 10_000]]);
  });

  it.each([
    ['energyWh', { energyWh: 0.5 }],
    ['energyWh', { energyWh: -1 }],
    ['maxPowerW', { maxPowerW: 0 }],
    ['minPowerW', { minPowerW: 10_001 }],
    ['readyBy', { readyBy: Number.NaN }],
    ['slot.from', { slots: [...hours(NOW, 1), ...hours(NOW, 1)] }],
    ['slot.to', { slots: [{ from: 10, to: 9, priceMicroPerKwh: 1 }] }],
  ])('is not asked with a wrong %s', (name, change) => {
    expect(() => planHours(1, [1], change)).toThrow(new RegExp(`^${name} must be a whole number`));
  });
});

/** The least cost and, of what costs that, the fewest starts: every way to spread whole Wh over hours is tried. */
function bestOfAll(
  prices: readonly (number | null)[],
  energyWh: number,
  minPowerW: number,
  maxPowerW: number,
) {
  let best: readonly [cost: number, starts: number] = [Number.POSITIVE_INFINITY, 0];
  const spread = (hour: number, leftWh: number, cost: number, starts: number, isOn: boolean): void => {
    if (hour === prices.length) {
      const isBetter = cost < best[0] || (cost === best[0] && starts < best[1]);
      if (leftWh === 0 && isBetter) best = [cost, starts];
      return;
    }
    spread(hour + 1, leftWh, cost, starts, false);
    const price = prices[hour];
    if (price === null || price === undefined) return;
    for (let powerW = minPowerW; powerW <= Math.min(maxPowerW, leftWh); powerW += 1) {
      spread(hour + 1, leftWh - powerW, cost + powerW * price, starts + (isOn ? 0 : 1), true);
    }
  };
  spread(0, energyWh, 0, 0, false);
  return best;
}

function startsOf({ slots }: ChargePlan): number {
  return slots.filter(({ from }, index) => slots[index - 1]?.to !== from).length;
}

describe('plan, on any wish', () => {
  const wishes = fc.record({
    prices: fc.array(
      fc.option(
        fc.integer({ min: -1, max: 3 }).map((price) => price * 1_000),
        { freq: 6 },
      ),
      {
        minLength: 1,
        maxLength: 7,
      },
    ),
    energyWh: fc.integer({ min: 1, max: 12 }),
    maxPowerW: fc.integer({ min: 1, max: 3 }),
  });

  it('costs the least that is possible, with the fewest starts', () => {
    const check = ({
      prices,
      energyWh,
      maxPowerW,
    }: {
      prices: (number | null)[];
      energyWh: number;
      maxPowerW: number;
    }) => {
      const minPowerW = 1;
      const made = plan({
        now: NOW,
        energyWh,
        maxPowerW,
        minPowerW,
        slots: hours(NOW, ...prices),
        mode: 'cheapest',
      });
      const [cost, starts] = bestOfAll(prices, energyWh, minPowerW, maxPowerW);
      if (cost === Number.POSITIVE_INFINITY) {
        expect(made.basis).toBe('prices-missing');
        return;
      }
      expect(made.basis).toBe('cheapest');
      expect(made.expectedCostMicro).toBe(cost / 1_000);
      expect(startsOf(made)).toBe(starts);
    };
    fc.assert(fc.property(wishes, check), {
      numRuns: 5_000,
      // A gap between runs and a place to start anew, at the same price: the gap comes first.
      examples: [[{ prices: [1_000, null, 0, 1_000, 0, null], energyWh: 10, maxPowerW: 3 }]],
    });
  });

  it('gives the energy within the powers and the times allowed, and no more than a second too much a stretch', () => {
    const slots = fc
      .array(
        fc.record({
          gapS: fc.integer({ min: 0, max: 900 }),
          lastsS: fc.integer({ min: 0, max: 4_000 }),
          price: fc.integer({ min: -3, max: 3 }),
        }),
        { maxLength: 30 },
      )
      .map((spans) => {
        let at = NOW - 2_000;
        return spans.map(({ gapS, lastsS, price }): PriceSlot => {
          const from = at + gapS;
          at = from + lastsS;
          return { from, to: at, priceMicroPerKwh: price };
        });
      });
    const check = (
      known: readonly PriceSlot[],
      energyWh: number,
      maxPowerW: number,
      share: number,
      lastsS: number,
    ) => {
      const minPowerW = Math.floor((maxPowerW * share) / 100);
      const readyBy = NOW + lastsS;
      const made = plan({
        now: NOW,
        readyBy,
        energyWh,
        maxPowerW,
        minPowerW,
        slots: known,
        mode: 'cheapest',
      });
      let until = NOW;
      let plannedWs = 0;
      for (const { from, to, powerW } of made.slots) {
        expect(from).toBeGreaterThanOrEqual(until);
        expect(to).toBeGreaterThan(from);
        expect(powerW).toBeGreaterThanOrEqual(minPowerW);
        expect(powerW).toBeLessThanOrEqual(maxPowerW);
        plannedWs += (to - from) * powerW;
        until = to;
      }
      expect(plannedWs).toBeGreaterThanOrEqual(energyWh * 3_600);
      expect(plannedWs).toBeLessThan(energyWh * 3_600 + Math.max(1, made.slots.length) * maxPowerW);
      if (made.basis !== 'cheapest') {
        expect(made.slots).toHaveLength(energyWh > 0 ? 1 : 0);
        return;
      }
      expect(made.readyAt).toBeLessThanOrEqual(readyBy);
      for (const { from, to } of made.slots) {
        const pricedS = known.reduce(
          (sum, slot) => sum + Math.max(0, Math.min(to, slot.to) - Math.max(from, slot.from)),
          0,
        );
        expect(pricedS).toBe(to - from);
      }
    };
    fc.assert(
      fc.property(
        slots,
        fc.nat(60_000),
        fc.integer({ min: 1, max: 22_000 }),
        fc.nat(100),
        fc.nat(100_000),
        check,
      ),
      { numRuns: 1_000 },
    );
  });

  it('never costs more than charging at once', () => {
    const check = ({
      prices,
      energyWh,
      maxPowerW,
    }: {
      prices: (number | null)[];
      energyWh: number;
      maxPowerW: number;
    }) => {
      const wish = { now: NOW, energyWh, maxPowerW, minPowerW: 1, slots: hours(NOW, ...prices) };
      const [cheapest, immediate] = [
        plan({ ...wish, mode: 'cheapest' }),
        plan({ ...wish, mode: 'immediate' }),
      ];
      if (immediate.unpricedWh === 0)
        expect(cheapest.expectedCostMicro).toBeLessThanOrEqual(immediate.expectedCostMicro);
    };
    fc.assert(fc.property(wishes, check));
  });
});

describe('nextPower', () => {
  const slots = [
    { from: 100, to: 200, powerW: 5_000 },
    { from: 200, to: 250, powerW: 1_000 },
    { from: 300, to: 400, powerW: 5_000 },
  ];
  it.each([
    [99, { powerW: 0, until: 100 }],
    [100, { powerW: 5_000, until: 200 }],
    [200, { powerW: 1_000, until: 250 }],
    [250, { powerW: 0, until: 300 }],
    [399, { powerW: 5_000, until: 400 }],
    [400, { powerW: 0 }],
  ])('at %d', (at, expected) => {
    expect(nextPower({ slots }, at)).toEqual(expected);
  });
});
