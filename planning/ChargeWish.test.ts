import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plan } from './ChargePlan.ts';
import type { ChargeWish, StartLimits } from './ChargeWish.ts';
import { solveExactly } from './testing/solveExactly.ts';

const NOW = 1_000_800;
const HOUR_S = 3_600;

function hours(values: readonly (number | null)[]) {
  return values.flatMap((value, hour) =>
    value === null ? [] : [{ from: NOW + hour * HOUR_S, to: NOW + (hour + 1) * HOUR_S, value }],
  );
}

function planHours(energyWh: number, prices: readonly (number | null)[], change: Partial<ChargeWish> = {}) {
  const made = plan({
    now: NOW,
    energyWh,
    maxPowerW: 10_000,
    minPowerW: 1_000,
    slots: hours(prices).map(({ from, to, value }) => ({ from, to, priceMicroPerKwh: value })),
    mode: 'cheapest',
    ...change,
  });
  const slots = made.slots.map(({ from, to, powerW }) => [
    (from - NOW) / HOUR_S,
    (to - NOW) / HOUR_S,
    powerW,
  ]);
  return { ...made, slots };
}

const signalOf = (grams: readonly (number | null)[], weightMicro = 0) => ({
  signal: { slots: hours(grams).map(({ from, to, value }) => ({ from, to, perKwh: value })), weightMicro },
});

describe('a wish for the grid’s signal', () => {
  it('greenest takes the greenest times, and of those the cheapest', () => {
    expect(planHours(10_000, [9, 2, 3], { mode: 'greenest', ...signalOf([500, 100, 100]) })).toMatchObject({
      slots: [[1, 2, 10_000]],
      expectedSignal: 1_000,
      expectedCostMicro: 20,
      basis: 'greenest',
    });
    expect(
      planHours(10_000, [1, 2, 900_000], { mode: 'greenest', ...signalOf([500, 100, 99]) }).slots,
    ).toEqual([[2, 3, 10_000]]);
  });

  it('a weight makes it part of the cost', () => {
    const grams = [500, 100];
    expect(planHours(10_000, [200_000, 300_000], signalOf(grams, 200)).slots).toEqual([[0, 1, 10_000]]);
    expect(planHours(10_000, [200_000, 300_000], signalOf(grams, 300))).toMatchObject({
      slots: [[1, 2, 10_000]],
      expectedCostMicro: 3_000_000,
      objective: 3_300_000,
      expectedSignal: 1_000,
    });
  });

  it('greenest without a signal is cheapest, and says so; unknown times count as the worst', () => {
    expect(planHours(10_000, [9, 2], { mode: 'greenest' })).toMatchObject({
      slots: [[1, 2, 10_000]],
      basis: 'cheapest',
    });
    expect(planHours(10_000, [9, 2], { mode: 'greenest', ...signalOf([100, null]) }).slots).toEqual([
      [1, 2, 10_000],
    ]);
    expect(planHours(10_000, [9, 2, 9], { mode: 'greenest', ...signalOf([100, null, 300]) }).slots).toEqual([
      [0, 1, 10_000],
    ]);
  });
});

describe('a wish up to an amount', () => {
  it('buys as much as the amount buys, at the cheapest times or at once', () => {
    const prices = [300_000, 100_000, 200_000];
    expect(planHours(30_000, prices, { maxAmountMicro: 2_000_000 })).toMatchObject({
      energyWh: 15_000,
      expectedCostMicro: 2_000_000,
      reason: 'the amount buys 15.000 kWh of 30.000 kWh; at the cheapest times of 3 h: 15.000 kWh',
    });
    expect(planHours(30_000, prices, { maxAmountMicro: 2_000_000, mode: 'immediate' })).toMatchObject({
      energyWh: 6_666,
      slots: [[0, 2_400 / HOUR_S, 10_000]],
    });
    expect(planHours(30_000, prices, { maxAmountMicro: 6_000_000 }).energyWh).toBe(30_000);
    expect(planHours(30_000, prices, { maxAmountMicro: 0 })).toMatchObject({ energyWh: 0, slots: [] });
  });

  it('no more can be had for it', () => {
    const prices = fc.array(fc.integer({ min: -20, max: 60 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(prices, fc.nat(60_000), fc.nat(10_000_000), (cents, energyWh, maxAmountMicro) => {
        const values = cents.map((one) => one * 10_000);
        const made = planHours(energyWh, values, { maxAmountMicro });
        if (made.basis !== 'cheapest') return;
        expect(made.expectedCostMicro).toBeLessThanOrEqual(maxAmountMicro);
        if (made.energyWh < energyWh)
          expect(planHours(made.energyWh + 1, values).expectedCostMicro).toBeGreaterThan(maxAmountMicro);
      }),
    );
  });
});

describe('a wish where prices end before the deadline', () => {
  it('reckons with the price that is assumed there, and says how much of the energy has none', () => {
    const wish = { readyBy: NOW + 4 * HOUR_S, assumedMicroPerKwh: 200_000 };
    expect(planHours(20_000, [300_000, 100_000, null, null], wish)).toMatchObject({
      slots: [[1, 3, 10_000]],
      unpricedWh: 10_000,
      expectedCostMicro: 3_000_000,
      basis: 'cheapest',
    });
    expect(planHours(20_000, [150_000, 100_000, null, null], wish)).toMatchObject({
      slots: [[0, 2, 10_000]],
      unpricedWh: 0,
    });
  });
});

describe('a wish that pays for its stay', () => {
  const stay = [{ from: NOW, to: NOW + 10 * HOUR_S, microPerHour: 600_000 }];
  it('waits for a cheaper time only as long as that pays', () => {
    expect(planHours(10_000, [200_000, 180_000, 100_000], { stay })).toMatchObject({
      slots: [[0, 1, 10_000]],
      stayCostMicro: 600_000,
      objective: 2_600_000,
    });
    expect(planHours(10_000, [200_000, 180_000, 50_000], { stay })).toMatchObject({
      slots: [[2, 3, 10_000]],
      stayCostMicro: 1_800_000,
    });
  });
});

describe('a wish with limits of starting', () => {
  it('runs through where one start is all there is', () => {
    const prices = [100_000, 900_000, 100_000];
    expect(planHours(20_000, prices).slots).toHaveLength(2);
    const once = planHours(20_500, prices, { starts: { mostStarts: 1 } });
    expect(once.slots).toEqual([
      [0, 1, 10_000],
      [1, 2, 1_000],
      [2, 2.95, 10_000],
    ]);
    expect(once.expectedCostMicro).toBe(1_000_000 + 900_000 + 950_000);
  });

  it('charges at once and says so where the limits leave no way', () => {
    expect(planHours(20_000, [1, null, 1], { starts: { mostStarts: 1 } })).toMatchObject({
      slots: [[0, 2, 10_000]],
      basis: 'limits-too-tight',
      reason: 'at once: 20.000 kWh cannot be had within the limits of starting',
    });
  });

  it('keeps to its limits, whatever they are, and never costs less than without them', () => {
    const prices = fc.array(fc.option(fc.integer({ min: -2, max: 9 }), { freq: 8 }), {
      minLength: 1,
      maxLength: 8,
    });
    const limits = fc.record<StartLimits>({
      mostStarts: fc.nat(3),
      minOnS: fc.constantFrom(0, 900, 3_000),
      minOffS: fc.constantFrom(0, 1_800, 4_000),
    });
    fc.assert(
      fc.property(prices, fc.integer({ min: 1, max: 50_000 }), limits, (cents, energyWh, starts) => {
        const values = cents.map((one) => one && one * 10_000);
        const made = planHours(energyWh, values, { starts });
        const free = planHours(energyWh, values);
        if (made.basis !== 'cheapest') return;
        expect(made.objective).toBeGreaterThanOrEqual(free.objective);
        const runs: number[][] = [];
        for (const [from = 0, to = 0] of made.slots) {
          const last = runs.at(-1);
          if (last?.[1] === from) last[1] = to;
          else runs.push([from, to]);
        }
        expect(runs.length).toBeLessThanOrEqual(starts.mostStarts ?? 0);
        for (const [index, [from = 0, to = 0]] of runs.entries()) {
          const next = runs[index + 1];
          if (next === undefined) continue;
          expect(to - from).toBeGreaterThanOrEqual((starts.minOnS ?? 0) / HOUR_S);
          expect((next[0] as number) - to).toBeGreaterThanOrEqual((starts.minOffS ?? 0) / HOUR_S - 1e-9);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('a plan beside the exact solver', () => {
  it('costs the same to the unit, on any prices, signal, deadline and assumed price', () => {
    const slot = fc.record({
      gapS: fc.oneof(fc.constant(0), fc.nat(900)),
      lastsS: fc.integer({ min: 1, max: 3_600 }),
      price: fc.integer({ min: -100_000, max: 900_000 }),
      perKwh: fc.integer({ min: 0, max: 900 }),
    });
    const wishes = fc.record({
      spans: fc.array(slot, { minLength: 1, maxLength: 40 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      maxPowerW: fc.integer({ min: 1, max: 22_000 }),
      weightMicro: fc.constantFrom(0, 0, 150),
      assumed: fc.option(fc.integer({ min: 0, max: 500_000 })),
    });
    fc.assert(
      fc.property(wishes, ({ spans, share, maxPowerW, weightMicro, assumed }) => {
        let at = NOW;
        const slots = spans.map(({ gapS, lastsS, price, perKwh }) => {
          const from = at + gapS;
          at = from + lastsS;
          return { from, to: at, priceMicroPerKwh: price, perKwh };
        });
        const pricedS = assumed === null ? slots.reduce((sum, { from, to }) => sum + to - from, 0) : at - NOW;
        const energyWh = Math.floor((pricedS * maxPowerW * share) / HOUR_S);
        const made = plan({
          now: NOW,
          readyBy: at,
          energyWh,
          maxPowerW,
          minPowerW: 1,
          slots,
          mode: 'cheapest',
          signal: { slots, weightMicro },
          ...(assumed !== null && { assumedMicroPerKwh: assumed }),
        });
        const worst = Math.max(...slots.map(({ perKwh }) => perKwh));
        const gapS = at - NOW - slots.reduce((sum, { from, to }) => sum + to - from, 0);
        const columns = slots.map(({ from, to, priceMicroPerKwh, perKwh }) => ({
          cost: (priceMicroPerKwh + perKwh * weightMicro) / 3_600_000,
          lower: 0,
          upper: (to - from) * maxPowerW,
        }));
        if (assumed !== null)
          columns.push({
            cost: (assumed + worst * weightMicro) / 3_600_000,
            lower: 0,
            upper: gapS * maxPowerW,
          });
        const needWs = energyWh * HOUR_S;
        const exact = solveExactly(columns, [
          { lower: needWs, upper: needWs, terms: columns.map((_, index) => [index, 1] as const) },
        ]);
        expect(made.basis).toBe('cheapest');
        expect(Math.abs(made.objective - (exact?.cost ?? Number.NaN))).toBeLessThanOrEqual(0.5 + 1e-4);
      }),
      { numRuns: 300 },
    );
  });
});
