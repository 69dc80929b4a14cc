import type { PriceComponent, Tariff } from '@p2p-power/tariff/Tariff';
import { expect, it } from 'vitest';
import { type BatteryState, planSessionDischarge } from './sessionDischarge.ts';
import type { SessionTerms, SessionWish } from './sessionWish.ts';

/** 2026-06-01 00:00 UTC. */
const NOW = 1_780_272_000;
const HOUR_S = 3_600;

const battery: BatteryState = {
  levelWh: 40_000,
  capacityWh: 60_000,
  maxChargeW: 10_000,
  maxDischargeW: 10_000,
  chargePerMille: 950,
  dischargePerMille: 950,
  wearMicroPerKwh: 10_000,
};
const wish: SessionWish = {
  mode: 'cheapest',
  startAt: 0,
  leaveAt: NOW + 6 * HOUR_S,
  maxPowerW: 0,
  maxEnergyWh: 60_000,
  maxAmountMicro: 50_000_000,
  mayDischarge: true,
  reserveWh: 20_000,
  targetWh: 45_000,
};
/** Dear for four hours, then cheap; waiting costs an hour what it costs. */
function termsOf(waitingMicro: number, cheapMicro = 100_000): SessionTerms {
  const energy: PriceComponent = { type: 'ENERGY', priceMicro: 900_000, stepSize: 1 };
  const parking: PriceComponent = { type: 'PARKING_TIME', priceMicro: waitingMicro, stepSize: 1 };
  const elements = [{ priceComponents: waitingMicro === 0 ? [energy] : [energy, parking] }];
  return {
    tariff: { id: 'T', currency: 'EUR', lastUpdated: NOW, elements } as unknown as Tariff,
    timeZone: 'UTC',
    prices: {
      firstAt: NOW,
      pricesMicro: Array.from({ length: 24 }, (_, quarter) => (quarter < 16 ? 400_000 : cheapMicro)),
      otherwiseMicro: 900_000,
    },
    maxPowerW: 10_000,
    feedInMicroPerKwh: 250_000,
  };
}

it('gives back where it pays, the target reached by the time', () => {
  const made = planSessionDischarge(termsOf(0), wish, {}, battery, NOW, 0);
  expect(made).toMatchObject({ basis: 'cheapest', levelWh: 45_000 });
  expect(made?.givenWh).toBeGreaterThan(0);
});

it('gives nothing back for less than five cents', () => {
  // Two cheap hours give 14 kWh back what they cost, losses and wear counted, and a little more at 0.21.
  const givenWh = (cheapMicro: number) =>
    planSessionDischarge(termsOf(0, cheapMicro), wish, {}, battery, NOW, 0)?.givenWh;
  expect(givenWh(210_000)).toBeGreaterThan(10_000);
  expect(givenWh(214_000)).toBe(0);
});

it('leaves it to a plan without giving where the amount would be waited away before the car is full', () => {
  // Four hours of waiting cost 8.00, and some 18 kWh 1.80.
  expect(planSessionDischarge(termsOf(2_000_000), wish, {}, battery, NOW, 0)).toBeDefined();
  const bound = { ...wish, maxAmountMicro: 7_000_000 };
  expect(planSessionDischarge(termsOf(0), bound, {}, battery, NOW, 0)).toBeDefined();
  expect(planSessionDischarge(termsOf(2_000_000), bound, {}, battery, NOW, 0)).toBeUndefined();
});

it('gives back as much as the signed energy and amount allow', () => {
  const made = (bounds: Partial<SessionWish>) =>
    planSessionDischarge(termsOf(0), { ...wish, ...bounds }, {}, battery, NOW, 0);
  const most = made({});
  const [little, less] = [made({ maxEnergyWh: 8_000 }), made({ maxEnergyWh: 12_000 })];
  expect(most?.drawnWh).toBeGreaterThan(12_000);
  // 5,264 Wh are for the target; nearly all of the rest is given back, losses taken off.
  expect(little?.drawnWh).toBeLessThanOrEqual(8_000);
  expect(little?.givenWh).toBeGreaterThan(2_400);
  expect(less?.drawnWh).toBeLessThanOrEqual(12_000);
  expect(less?.givenWh).toBeGreaterThan(6_000);
  expect(less?.savedMicro).toBeGreaterThan(little?.savedMicro ?? Number.NaN);
  const cheap = made({ maxAmountMicro: 1_000_000 });
  expect(cheap?.drawnMicro).toBeLessThanOrEqual(1_000_000);
  expect(cheap?.drawnWh).toBeGreaterThan(9_500);
  for (const plan of [little, less, cheap])
    expect(plan).toMatchObject({ basis: 'cheapest', levelWh: 45_000 });
});

it('gives back when the grid is red rather than before, for half of the gain at least', () => {
  const grid = [{ from: NOW + 2 * HOUR_S, to: NOW + 3 * HOUR_S, state: 'red' as const }];
  const before = planSessionDischarge(termsOf(0), wish, {}, battery, NOW, 0);
  const made = planSessionDischarge(termsOf(0), wish, { grid }, battery, NOW, 0);
  const givenIn = (plan: typeof made) =>
    plan?.slots.reduce(
      (sum, { from, to, powerW }) =>
        powerW < 0 && from >= NOW + 2 * HOUR_S && to <= NOW + 3 * HOUR_S ? sum - powerW * (to - from) : sum,
      0,
    );
  expect(givenIn(made)).toBeGreaterThan(givenIn(before) ?? Number.NaN);
  expect(2 * (made?.savedMicro ?? 0)).toBeGreaterThanOrEqual(before?.savedMicro ?? Number.NaN);
});
