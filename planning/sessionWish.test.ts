import type { EnergyPrices } from '@p2p-power/tariff/EnergyPrices';
import type { PriceComponent, Tariff } from '@p2p-power/tariff/Tariff';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextPower } from './ChargePlan.ts';
import { RED_MICRO, YELLOW_MICRO } from './gridState.ts';
import {
  type Outlook,
  planSession,
  type SessionTerms,
  type SessionWish,
  sessionWish,
} from './sessionWish.ts';

/** 2026-06-01 00:00 UTC. */
const NOW = 1_780_272_000;
const HOUR_S = 3_600;
const QUARTER_S = 900;

function tariffOf(...priceComponents: readonly PriceComponent[]): Tariff {
  return {
    id: 'T',
    currency: 'EUR',
    lastUpdated: NOW,
    elements: [{ priceComponents }],
  } as unknown as Tariff;
}
const energy = (priceMicro: number, vatBp = 0): PriceComponent => ({
  type: 'ENERGY',
  priceMicro,
  vatBp,
  stepSize: 1,
});
const perHour = (type: 'TIME' | 'PARKING_TIME' | 'FLAT', priceMicro: number): PriceComponent => ({
  type,
  priceMicro,
  stepSize: 1,
});

/** Prices by the hour, in cents before tax. */
function hourly(...cents: readonly number[]): EnergyPrices {
  return {
    firstAt: NOW,
    pricesMicro: cents.flatMap((one) => Array.from({ length: 4 }, () => one * 10_000)),
    otherwiseMicro: 900_000,
  };
}

const termsOf = (prices?: EnergyPrices, tariff = tariffOf(energy(900_000))): SessionTerms => ({
  tariff,
  timeZone: 'UTC',
  ...(prices && { prices }),
  maxPowerW: 10_000,
  feedInMicroPerKwh: 0,
});
const wish: SessionWish = {
  mode: 'cheapest',
  startAt: 0,
  leaveAt: NOW + 6 * HOUR_S,
  maxPowerW: 0,
  maxEnergyWh: 20_000,
  maxAmountMicro: 50_000_000,
  mayDischarge: false,
  reserveWh: 0,
  targetWh: 0,
};
const timesOf = (slots: readonly { from: number; to: number; powerW: number }[]) =>
  slots.map(({ from, to, powerW }) => [(from - NOW) / HOUR_S, (to - NOW) / HOUR_S, powerW]);
const planned = (terms: SessionTerms, change: Partial<SessionWish> = {}, outlook: Outlook = {}) =>
  planSession(terms, { ...wish, ...change }, outlook, NOW, 0);

describe('the plan of a session', () => {
  const dynamic = termsOf(hourly(40, 10, 30, 10, 50, 60));

  it('takes the cheapest of the offered quarter-hours before the driver leaves', () => {
    expect(timesOf(planned(dynamic).slots)).toEqual([
      [1, 2, 10_000],
      [3, 4, 10_000],
    ]);
    expect(timesOf(planned(dynamic, { leaveAt: NOW + 3 * HOUR_S }).slots)).toEqual([[1, 3, 10_000]]);
    expect(
      planned(termsOf(hourly(40, 10), tariffOf(energy(900_000, 2_000))), { maxEnergyWh: 10_000 }),
    ).toMatchObject({ expectedCostMicro: 1_200_000 });
  });

  it('takes restrictions as they are at full power, since the session began', () => {
    const tariff: Tariff = {
      ...tariffOf(),
      elements: [
        { priceComponents: [energy(900_000)], restrictions: { maxDurationS: 2 * HOUR_S } },
        { priceComponents: [energy(100_000)], restrictions: { minPowerW: 10_000 } },
        { priceComponents: [energy(500_000)] },
      ],
    };
    const plan = planned(termsOf(undefined, tariff), { startAt: NOW - HOUR_S });
    expect(timesOf(plan.slots)).toEqual([[1, 3, 10_000]]);
  });

  it('reckons with the price of the kilowatt-hours in which its energy falls', () => {
    const tariff: Tariff = {
      ...tariffOf(),
      elements: [
        {
          priceComponents: [energy(200_000)],
          restrictions: { maxEnergyWh: 10_000, startMinute: 0, endMinute: 60 },
        },
        { priceComponents: [energy(250_000)], restrictions: { maxEnergyWh: 10_000 } },
        { priceComponents: [energy(100_000)], restrictions: { startMinute: 60, endMinute: 120 } },
        { priceComponents: [energy(500_000)] },
      ],
    } as unknown as Tariff;
    const terms = termsOf(undefined, tariff);
    // The first hour for the first 10 kWh, so that the next ones fall into the hour in which they are cheap.
    const made = planned(terms);
    expect(timesOf(made.slots)).toEqual([[0, 2, 10_000]]);
    expect(made.expectedCostMicro).toBe(2_000_000 + 1_000_000);
    expect(planSession(terms, wish, {}, NOW + 60, 160, made)).toBe(made);
    expect(planSession(terms, wish, {}, NOW + HOUR_S, 10_000, made)).toBe(made);
    // Half an hour late, 5 kWh would cost 0.50 a kWh after it: the bound of money counts them so.
    const late = planSession(
      terms,
      { ...wish, maxAmountMicro: 3_500_000 },
      {},
      NOW + HOUR_S / 2,
      0,
      undefined,
      0,
    );
    expect(late.energyWh).toBeLessThan(20_000);
  });

  it('begins not before the time wished, and at once where that is the wish', () => {
    expect(timesOf(planned(dynamic, { mode: 'immediate' }).slots)).toEqual([[0, 2, 10_000]]);
    expect(timesOf(planned(dynamic, { mode: 'immediate', startAt: NOW + HOUR_S }).slots)).toEqual([
      [1, 3, 10_000],
    ]);
    expect(timesOf(planned(dynamic, { startAt: NOW + 2 * HOUR_S }).slots)).toEqual([[2, 4, 10_000]]);
  });

  it('keeps to the power wished', () => {
    expect(planned(dynamic, { maxPowerW: 4_000 }).slots.every(({ powerW }) => powerW <= 4_000)).toBe(true);
  });

  it('buys what the amount allows, the fee for the session taken off', () => {
    const fee = tariffOf(energy(900_000), perHour('FLAT', 500_000));
    expect(planned(dynamic, { maxAmountMicro: 1_500_000 }).energyWh).toBe(15_000);
    expect(planned(termsOf(dynamic.prices, fee), { maxAmountMicro: 1_500_000 }).energyWh).toBe(10_000);
  });

  it('takes the cleanest times where CO2 is known, and the cheapest where it is not', () => {
    const carbon = {
      firstAt: NOW,
      gramsPerKwh: Array.from({ length: 24 }, (_, index) => (index < 8 ? 100 : 300)),
    };
    const made = planned(dynamic, { mode: 'greenest' }, { carbon });
    expect(made).toMatchObject({ basis: 'greenest', expectedSignal: 2_000 });
    expect(timesOf(made.slots)).toEqual([[0, 2, 10_000]]);
    expect(planned(dynamic, { mode: 'greenest' })).toMatchObject({ basis: 'cheapest' });
  });

  it('is no green plan where the signal says nothing of the time until the driver leaves', () => {
    const past = { carbon: { firstAt: NOW - 4 * QUARTER_S, gramsPerKwh: [100, 200, 300, 400] } };
    const later = { carbon: { firstAt: NOW + 6 * HOUR_S, gramsPerKwh: [100, 200] } };
    const cheapest = planned(dynamic);
    for (const outlook of [past, later]) {
      const made = planned(dynamic, { mode: 'greenest' }, outlook);
      expect(made.basis).toBe('cheapest');
      expect(made.slots).toEqual(cheapest.slots);
    }
  });

  it('leaves yellow for some money, red for the deadline only, and keeps every limit', () => {
    const grid = (state: 'yellow' | 'red', limitW?: number): Outlook => ({
      grid: [{ from: NOW + HOUR_S, to: NOW + 2 * HOUR_S, state, ...(limitW !== undefined && { limitW }) }],
    });
    const short = { maxEnergyWh: 10_000 };
    const cents = (other: number) => termsOf(hourly(90, 10, other, 90, 90, 90));
    const [below, above] = [10 + YELLOW_MICRO / 10_000 - 1, 10 + YELLOW_MICRO / 10_000 + 1];
    expect(timesOf(planned(cents(below), short, grid('yellow')).slots)).toEqual([[2, 3, 10_000]]);
    expect(timesOf(planned(cents(above), short, grid('yellow')).slots)).toEqual([[1, 2, 10_000]]);
    expect(timesOf(planned(cents(89), short, grid('red')).slots)).toEqual([[2, 3, 10_000]]);
    expect(RED_MICRO).toBeGreaterThan(900_000);
    const tight = { maxEnergyWh: 20_000, leaveAt: NOW + 2 * HOUR_S };
    expect(timesOf(planned(cents(89), tight, grid('red')).slots)).toEqual([[0, 2, 10_000]]);
    expect(
      timesOf(
        planned(
          cents(89),
          { ...short, mode: 'immediate' },
          { grid: [{ from: NOW, to: NOW + HOUR_S, state: 'green', limitW: 5_000 }] },
        ).slots,
      ),
    ).toEqual([
      [0, 1, 5_000],
      [1, 1.5, 10_000],
    ]);
  });

  it('stays within two weeks, whatever was signed', () => {
    const far = sessionWish(dynamic, { ...wish, leaveAt: 250_000_000_000 }, {}, NOW, 0);
    expect(far.readyBy).toBe(NOW + 14 * 86_400);
    expect(far.slots.at(-1)?.to).toBe(NOW + 14 * 86_400);
  });
});

describe('time that costs', () => {
  it('with a time to leave, charging takes the place of time that costs while waiting', () => {
    const free = termsOf(hourly(30, 31, 30, 30, 30, 30));
    const tariff: Tariff = {
      ...tariffOf(energy(900_000)),
      elements: [
        {
          priceComponents: [perHour('PARKING_TIME', 600_000)],
          restrictions: { startMinute: 60, endMinute: 120 },
        },
        { priceComponents: [energy(900_000)] },
      ],
    } as unknown as Tariff;
    const short = { maxEnergyWh: 10_000 };
    expect(timesOf(planned(free, short).slots)).toEqual([[0, 1, 10_000]]);
    // An hour's charging saves 0.60 of parking, which is worth 6 cents a kWh.
    expect(timesOf(planned(termsOf(free.prices, tariff), short).slots)).toEqual([[1, 2, 10_000]]);
  });

  it('without one the driver leaves when the car is ready, and waiting is paid', () => {
    const tariff = tariffOf(energy(900_000), perHour('PARKING_TIME', 3_000_000));
    const short = { maxEnergyWh: 10_000, leaveAt: 0 };
    expect(timesOf(planned(termsOf(hourly(40, 15, 15)), short).slots)).toEqual([[1, 2, 10_000]]);
    expect(timesOf(planned(termsOf(hourly(40, 15, 15), tariff), short).slots)).toEqual([[0, 1, 10_000]]);
    expect(planned(termsOf(hourly(80, 15, 15), tariff), short)).toMatchObject({ stayCostMicro: 3_000_000 });
  });

  it('with an amount, waiting counts as it does in the bill: no session ends by it before it charges', () => {
    const tariff = tariffOf(energy(900_000), perHour('PARKING_TIME', 1_000_000));
    const terms = termsOf(hourly(40, 38, 36, 34, 32, 10, 90), tariff);
    const bought = { maxEnergyWh: 10_000, maxAmountMicro: 4_500_000, leaveAt: NOW + 7 * HOUR_S };
    // In the sixth hour 10 kWh cost 1.00, and the five hours before it 5.00: that is more than was signed.
    const made = planned(terms, bought);
    expect(made.energyWh).toBe(10_000);
    expect(made.expectedCostMicro + made.stayCostMicro).toBeLessThanOrEqual(4_500_000);
    expect(timesOf(made.slots)).toEqual([[0, 1, 10_000]]);
    expect(timesOf(planned(terms, { ...bought, maxAmountMicro: 6_000_000 }).slots)).toEqual([[5, 6, 10_000]]);
    // 2 kWh at once cost 0.80; whatever waits buys less.
    expect(planned(terms, { ...bought, maxAmountMicro: 800_000 })).toMatchObject({ energyWh: 2_000 });
  });

  it('time while charging is in the price of a kWh, so that the car draws all it can', () => {
    const terms = termsOf(hourly(10, 20, 10), tariffOf(energy(900_000), perHour('TIME', 1_000_000)));
    const made = planned(terms, { maxEnergyWh: 25_000, leaveAt: NOW + 3 * HOUR_S });
    expect(made.slots.every(({ powerW }) => powerW === 10_000)).toBe(true);
    // 2.5 h at 1.00 besides 20 kWh at 0.10 and 5 kWh at 0.20.
    expect(made.expectedCostMicro).toBe(2_500_000 + 2_000_000 + 1_000_000);
  });
});

describe('planning again', () => {
  const prices = hourly(40, 10, 30, 10, 50, 60);
  const terms = termsOf(prices);

  it('is the very plan that was shown while nothing is better by the margin', () => {
    const shown = planned(terms);
    for (let at = NOW; at < NOW + HOUR_S; at += 60)
      expect(planSession(terms, wish, {}, at, 0, shown)).toBe(shown);
    // A start less counts half a cent besides the price.
    const better = termsOf(hourly(40, 10, 30, 10, 9.6, 60));
    expect(planSession(better, wish, {}, NOW, 0, shown)).toBe(shown);
    const muchBetter = termsOf(hourly(40, 10, 30, 10, 9.5, 60));
    expect(timesOf(planSession(muchBetter, wish, {}, NOW, 0, shown).slots)).not.toEqual(timesOf(shown.slots));
  });

  it('makes up for a car that takes less, and not for what a minute gives', () => {
    const shown = planned(terms);
    const halfway = NOW + 1.5 * HOUR_S;
    expect(planSession(terms, wish, {}, halfway, 4_900, shown)).toBe(shown);
    const behind = planSession(terms, wish, {}, halfway, 3_000, shown);
    // 2 kWh more at 0.30, after what was shown.
    expect(timesOf(behind.slots)).toEqual([
      [1.5, 2.2, 10_000],
      [3, 4, 10_000],
    ]);
  });

  it('without a time to leave is not put off for ever', () => {
    const open = { ...wish, leaveAt: 0, maxEnergyWh: 10_000 };
    const shown = planSession(terms, open, {}, NOW, 0);
    expect(timesOf(shown.slots)).toEqual([[1, 2, 10_000]]);
    // Tomorrow energy is free.
    const free = termsOf({
      ...prices,
      pricesMicro: [...prices.pricesMicro, ...Array.from({ length: 96 }, () => 0)],
    });
    expect(planSession(free, open, {}, NOW + HOUR_S / 2, 0, shown)).toBe(shown);
  });

  it('in mode greenest moves for 100 g of CO2 and not for less', () => {
    const carbon = (last: number): Outlook => ({
      carbon: {
        firstAt: NOW,
        gramsPerKwh: [300, 300, 300, 300, 200, 200, 200, 200, 300, 300, 300, 300, last, last, last, last],
      },
    });
    const green = { ...wish, mode: 'greenest', maxEnergyWh: 10_000, leaveAt: NOW + 4 * HOUR_S } as const;
    const shown = planSession(terms, green, carbon(250), NOW, 0);
    expect(timesOf(shown.slots)).toEqual([[1, 2, 10_000]]);
    expect(planSession(terms, green, carbon(191), NOW, 0, shown)).toBe(shown);
    expect(timesOf(planSession(terms, green, carbon(189), NOW, 0, shown).slots)).toEqual([[3, 4, 10_000]]);
  });

  it('goes on at once as it began', () => {
    const now = { ...wish, mode: 'immediate' } as const;
    const shown = planSession(terms, now, {}, NOW, 0);
    expect(planSession(terms, now, {}, NOW + 600, 1_500, shown)).toBe(shown);
    expect(planSession(terms, now, {}, NOW + 7_300, 19_000, shown)).not.toBe(shown);
  });

  it('never jitters: minute by minute on the same prices, the car is on exactly when it was shown', () => {
    const cents = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 2, maxLength: 10 });
    fc.assert(
      fc.property(cents, fc.integer({ min: 500, max: 40_000 }), (some, maxEnergyWh) => {
        const asked = { ...wish, maxEnergyWh, leaveAt: NOW + some.length * HOUR_S };
        const offered = termsOf(hourly(...some));
        const shown = planSession(offered, asked, {}, NOW, 0);
        let plan = shown;
        let takenWs = 0;
        const differs: number[] = [];
        for (let at = NOW; at < asked.leaveAt; at += 60) {
          const takenWh = Math.min(Math.floor(takenWs / HOUR_S), maxEnergyWh);
          if (takenWh < maxEnergyWh) plan = planSession(offered, asked, {}, at, takenWh, plan);
          for (let second = at; second < at + 60; second += 1) {
            const { powerW } = nextPower(plan, second);
            if (powerW !== nextPower(shown, second).powerW) differs.push(second);
            takenWs = Math.min(takenWs + powerW, maxEnergyWh * HOUR_S);
          }
        }
        expect(differs).toEqual([]);
        if (shown.basis === 'cheapest') expect(Math.floor(takenWs / HOUR_S)).toBe(maxEnergyWh);
      }),
      { numRuns: 100 },
    );
  });

  it('throws at nothing that a driver can sign', () => {
    const any = fc.record({
      mode: fc.constantFrom('immediate' as const, 'cheapest' as const, 'greenest' as const),
      startAt: fc.constantFrom(0, NOW + 7 * QUARTER_S, Number.MAX_SAFE_INTEGER),
      leaveAt: fc.constantFrom(0, NOW - 5, NOW + 3 * HOUR_S, Number.MAX_SAFE_INTEGER),
      maxPowerW: fc.constantFrom(0, 1, 5_000, Number.MAX_SAFE_INTEGER),
      maxEnergyWh: fc.constantFrom(1, 20_000, Number.MAX_SAFE_INTEGER),
      maxAmountMicro: fc.constantFrom(1, 3_000_000, Number.MAX_SAFE_INTEGER),
      mayDischarge: fc.boolean(),
      reserveWh: fc.nat(),
      targetWh: fc.nat(),
    });
    fc.assert(
      fc.property(any, fc.nat(30_000), (asked, takenWh) => {
        const first = planSession(terms, asked, {}, NOW, 0);
        planSession(terms, asked, {}, NOW + 300, takenWh, first);
      }),
      { numRuns: 300 },
    );
  });
});
