import { planSession, type SessionTerms, type SessionWish } from '@p2p-power/planning/sessionWish';
import { estimate } from '@p2p-power/tariff/price';
import type { Tariff } from '@p2p-power/tariff/Tariff';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  carbonChartSlots,
  carbonOf,
  previewPlan,
  priceChartSlots,
  priceOfSlots,
  spanOf,
} from './previewPlan.ts';

/** 2026-11-22T21:00:00Z, 22:00 in Berlin. */
const now = 1_795_381_200;
const hour = 3_600;

const tariff: Tariff = {
  countryCode: 'DE',
  partyId: 'BBB',
  id: 'dynamic',
  currency: 'EUR',
  elements: [
    {
      priceComponents: [
        { type: 'FLAT', priceMicro: 500_000, vatBp: 1_900, stepSize: 1 },
        { type: 'ENERGY', priceMicro: 600_000, vatBp: 1_900, stepSize: 1 },
      ],
    },
  ],
  lastUpdatedAt: now,
};
/** Dear in the evening, cheap from two to five, then dear again. */
const hourly = [400, 380, 360, 300, 200, 180, 190, 320, 420, 440].map((milli) => milli * 1_000);
const terms: SessionTerms = {
  tariff,
  timeZone: 'Europe/Berlin',
  prices: {
    firstAt: now,
    pricesMicro: hourly.flatMap((price) => Array(4).fill(price)),
    otherwiseMicro: 500_000,
  },
  maxPowerW: 11_000,
  feedInMicroPerKwh: 0,
};
const wish: SessionWish = {
  mode: 'cheapest',
  startAt: 0,
  leaveAt: now + 9 * hour,
  maxPowerW: 0,
  maxEnergyWh: 22_000,
  maxAmountMicro: 40_000_000,
  mayDischarge: false,
  reserveWh: 0,
  targetWh: 0,
};

describe('the plan that is shown', () => {
  test('is the one that the station will make of the same words', () => {
    expect(previewPlan(terms, wish, {}, now).plan).toEqual(planSession(terms, wish, {}, now, 0));
  });

  test('costs what the finished session will, and the saving is against the same energy at once', () => {
    const { plan, costMicro, atOnceMicro, byLeavingWh } = previewPlan(terms, wish, {}, now);
    expect(plan.slots).toEqual([{ from: now + 5 * hour, to: now + 7 * hour, powerW: 11_000 }]);
    // 0.50 + 11 kWh × 0.18 + 11 kWh × 0.19, and 19 % tax.
    expect(costMicro).toBe(Math.round((500_000 + 11 * 180_000 + 11 * 190_000) * 1.19));
    expect(atOnceMicro).toBe(Math.round((500_000 + 11 * 400_000 + 11 * 380_000) * 1.19));
    expect(byLeavingWh).toBe(22_000);
  });

  test('at once is its own comparison', () => {
    const { costMicro, atOnceMicro, plan } = previewPlan(terms, { ...wish, mode: 'immediate' }, {}, now);
    expect(plan.basis).toBe('immediate');
    expect(costMicro).toBe(atOnceMicro);
    const { prices } = terms;
    const asEstimated = estimate(tariff, {
      timeZone: terms.timeZone,
      startAt: now,
      energyWh: 22_000,
      powerW: 11_000,
      parkingS: 0,
      ...(prices && { prices }),
    });
    expect(costMicro).toBe(asEstimated.inclVatMicro);
  });

  test('says what will be in the car where the time is too short', () => {
    const short = previewPlan(terms, { ...wish, leaveAt: now + hour }, {}, now);
    expect(short.plan.basis).toBe('deadline-too-soon');
    expect(short.byLeavingWh).toBe(11_000);
    expect(short.slots).toEqual([{ from: now, to: now + hour, powerW: 11_000 }]);
    expect(short.costMicro).toBe(Math.round((500_000 + 11 * 400_000) * 1.19));
    expect(short.atOnceMicro).toBe(short.costMicro);
  });

  test('buys what the amount buys, and compares no more than that', () => {
    const bought = previewPlan(terms, { ...wish, maxAmountMicro: 3_000_000 }, {}, now);
    expect(bought.plan.energyWh).toBeLessThan(22_000);
    expect(bought.costMicro).toBeLessThanOrEqual(3_000_000);
    expect(bought.atOnceMicro).toBeGreaterThan(bought.costMicro);
  });

  test('in the greenest hours tells the grams, at once beside them', () => {
    const gramsPerKwh = hourly.flatMap((_, index) => Array(4).fill(index === 2 || index === 3 ? 100 : 400));
    const outlook = { carbon: { firstAt: now, gramsPerKwh } };
    const green = previewPlan(terms, { ...wish, mode: 'greenest' }, outlook, now);
    expect(green.plan.basis).toBe('greenest');
    expect([green.carbonG, green.atOnceCarbonG]).toEqual([2_200, 8_800]);
  });

  test('never costs more than at once in mode cheapest, whatever the prices', () => {
    const pricesMicro = fc.array(fc.integer({ min: 0, max: 600_000 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(pricesMicro, fc.integer({ min: 1, max: 60_000 }), (row, maxEnergyWh) => {
        const offered = { ...terms, prices: { firstAt: now, pricesMicro: row, otherwiseMicro: 600_000 } };
        const { costMicro, atOnceMicro } = previewPlan(offered, { ...wish, maxEnergyWh }, {}, now);
        // A plan ends at whole seconds: a watt-hour may fall on either side of a quarter-hour.
        expect(costMicro).toBeLessThanOrEqual(atOnceMicro + 4 * 720);
      }),
      { numRuns: 50 },
    );
  });
});

describe('what slots cost and emit', () => {
  test('waiting before and between counts as standing there', () => {
    const standing: Tariff = {
      ...tariff,
      elements: [{ priceComponents: [{ type: 'PARKING_TIME', priceMicro: 1_000_000, stepSize: 1 }] }],
    };
    const slots = [
      { from: now + hour, to: now + 2 * hour, powerW: 10_000 },
      { from: now + 4 * hour, to: now + 5 * hour, powerW: 10_000 },
    ];
    expect(priceOfSlots({ tariff: standing, timeZone: 'Europe/Berlin' }, slots, 20_000, now)).toBe(3_000_000);
    expect(priceOfSlots({ tariff: standing, timeZone: 'Europe/Berlin' }, [], 0, now)).toBe(0);
  });

  test('grams are counted by the part of the quarter-hour, and not at all where one is unknown', () => {
    const carbon = { firstAt: now, gramsPerKwh: [100, 300, null] };
    const from = (at: number, to: number) => [{ from: now + at, to: now + to, powerW: 4_000 }];
    expect(carbonOf(from(450, 1_350), carbon)).toBe(200);
    expect(carbonOf(from(0, 1_801), carbon)).toBeUndefined();
    expect(carbonOf(from(0, 900), undefined)).toBeUndefined();
    expect(carbonOf([], undefined)).toBe(0);
  });
});

describe('what the picture shows', () => {
  test('goes to the departure, or until all is charged where there is none', () => {
    expect(spanOf({ readyAt: now + hour }, now + 9 * hour, now)).toEqual({ from: now, to: now + 9 * hour });
    expect(spanOf({ readyAt: now + 9 * hour }, now + hour, now).to).toBe(now + hour);
    expect(spanOf({ readyAt: now + 20 * hour }, 0, now).to).toBe(now + 20 * hour);
    expect(spanOf({ readyAt: now }, 0, now).to).toBe(now + 12 * hour);
  });

  test('has the prices with tax, and those of the offer in the place of the tariff’s', () => {
    const slots = priceChartSlots(terms, { from: now, to: now + 11 * hour });
    expect(slots[0]).toEqual({ from: now, to: now + hour, value: 476_000 });
    expect(slots.at(-1)).toEqual({ from: now + 10 * hour, to: now + 11 * hour, value: 595_000 });
  });

  test('has grams only where they are known', () => {
    const carbon = { firstAt: now - 900, gramsPerKwh: [1, 2, null, 4] };
    expect(carbonChartSlots(carbon, { from: now, to: now + 1_800 })).toEqual([
      { from: now, to: now + 900, value: 2 },
    ]);
    expect(carbonChartSlots(undefined, { from: now, to: now + 900 })).toEqual([]);
  });
});
