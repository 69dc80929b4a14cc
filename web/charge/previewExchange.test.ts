import { planSessionDischarge } from '@p2p-power/planning/sessionDischarge';
import type { SessionTerms, SessionWish } from '@p2p-power/planning/sessionWish';
import type { Tariff } from '@p2p-power/tariff/Tariff';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { previewExchange } from './previewExchange.ts';
import { statedBattery } from './statedBattery.ts';

/** 22:00 in Berlin. */
const now = 1_795_381_200;
const hour = 3_600;
const tariffOf = (priceComponents: Tariff['elements'][number]['priceComponents']): Tariff => ({
  countryCode: 'DE',
  partyId: 'BBB',
  id: 'dynamic',
  currency: 'EUR',
  elements: [{ priceComponents }],
  lastUpdatedAt: now,
});
const energy = { type: 'ENERGY', priceMicro: 600_000, stepSize: 1 } as const;
/** Dear for two hours, then cheap. */
const hourly = [400, 400, 300, 200, 100, 100, 100, 100, 100];
const terms: SessionTerms = {
  tariff: tariffOf([energy]),
  timeZone: 'Europe/Berlin',
  prices: {
    firstAt: now,
    pricesMicro: hourly.flatMap((milli) => Array(4).fill(milli * 1_000)),
    otherwiseMicro: 600_000,
  },
  maxPowerW: 10_000,
  feedInMicroPerKwh: 380_000,
};
const wish: SessionWish = {
  mode: 'cheapest',
  startAt: 0,
  leaveAt: now + 9 * hour,
  maxPowerW: 0,
  maxEnergyWh: 60_000,
  maxAmountMicro: 40_000_000,
  mayDischarge: true,
  reserveWh: 20_000,
  targetWh: 40_000,
};
const batteryAt = (levelPerMille: number) => {
  const battery = statedBattery({ batteryWh: 50_000, levelPerMille }, terms);
  if (battery === undefined) throw new Error('no battery');
  return battery;
};

describe('the plan that is shown before anything is signed', () => {
  const battery = batteryAt(600);
  const preview = previewExchange(terms, wish, {}, battery, now);

  test('is the one that the station makes of the same words of the car', () => {
    expect(preview?.plan).toEqual(planSessionDischarge(terms, wish, {}, battery, now, 0));
    expect(preview?.plan.givenWh).toBeGreaterThan(9_000);
  });

  test('says what the driver pays, earns and saves against charging to the same level now', () => {
    // 9.3 kWh given of 10 in the battery above the reserve, and 20 kWh stored of 21.505 drawn at 0.10.
    expect(preview).toMatchObject({ earnedMicro: 3_534_000, paidMicro: 2_150_500 });
    // 10.753 kWh at 0.40 now.
    expect(preview?.atOnceMicro).toBe(4_301_200);
    expect(preview?.plan.wearMicro).toBe(500_000);
    expect(preview?.savedMicro).toBe(4_301_200 - 2_150_500 + 3_534_000 - 500_000);
    expect(preview?.plan.levelWh).toBe(40_000);
  });

  test('is none where the station would plan as for a car that gives nothing back', () => {
    for (const other of [
      { mode: 'immediate' as const },
      { mayDischarge: false },
      { leaveAt: 0 },
      { leaveAt: now + 600, targetWh: 50_000 },
    ])
      expect(previewExchange(terms, { ...wish, ...other }, {}, battery, now)).toBeUndefined();
    expect(previewExchange({ ...terms, feedInMicroPerKwh: 0 }, wish, {}, battery, now)).toBeUndefined();
  });

  test('gives nothing back where that does not pay, and says what is saved all the same', () => {
    const cheap = { ...terms, feedInMicroPerKwh: 120_000 };
    const alone = previewExchange(cheap, wish, {}, battery, now);
    expect(alone?.plan.givenWh).toBe(0);
    expect(alone).toMatchObject({ earnedMicro: 0, atOnceMicro: 4_301_200, paidMicro: 1_075_300 });
  });

  test('a car that is fuller than wished has nothing to charge now', () => {
    const full = previewExchange(terms, { ...wish, targetWh: 30_000 }, {}, batteryAt(1_000), now);
    expect(full?.atOnceMicro).toBe(0);
    expect(full?.savedMicro).toBeGreaterThan(0);
  });

  test('counts that the car stands there until it leaves, where that costs something', () => {
    const parking = { type: 'PARKING_TIME', priceMicro: 600_000, stepSize: 1 } as const;
    const standing = { ...terms, tariff: tariffOf([energy, parking]) };
    const charged = previewExchange(standing, wish, {}, battery, now);
    const seconds = (charged?.plan.slots ?? [])
      .filter(({ powerW }) => powerW > 0)
      .reduce((sum, { from, to }) => sum + to - from, 0);
    const energyMicro = 2_150_500;
    expect(charged?.paidMicro).toBe(energyMicro + Math.round(((9 * hour - seconds) * 600_000) / hour));
  });
});

test('saves what the planner says it saves beside charging at the cheapest, and never makes the level less than wished', () => {
  let given = 0;
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 600_000 }), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 0, max: 1_000 }),
      fc.integer({ min: 0, max: 50_000 }),
      fc.integer({ min: 0, max: 600_000 }),
      (pricesMicro, levelPerMille, targetWh, feedInMicroPerKwh) => {
        const offered = {
          ...terms,
          feedInMicroPerKwh,
          prices: { firstAt: now, pricesMicro, otherwiseMicro: 600_000 },
        };
        const asked = { ...wish, targetWh, reserveWh: Math.min(wish.reserveWh, targetWh) };
        const shown = previewExchange(offered, asked, {}, batteryAt(levelPerMille), now);
        if (shown === undefined) return;
        const { plan, paidMicro, earnedMicro, atOnceMicro, savedMicro } = shown;
        given += plan.givenWh > 0 ? 1 : 0;
        expect(savedMicro).toBe(atOnceMicro - paidMicro + earnedMicro - plan.wearMicro);
        // Whole Wh and whole seconds may fall on either side of a quarter-hour.
        expect(savedMicro).toBeGreaterThanOrEqual(plan.savedMicro - 10_000);
        expect(plan.levelWh).toBeGreaterThanOrEqual(targetWh);
        expect(Math.abs(paidMicro - plan.drawnMicro)).toBeLessThanOrEqual(10_000);
        expect(Math.abs(earnedMicro - plan.earnedMicro)).toBeLessThanOrEqual(600);
      },
    ),
    { numRuns: 100 },
  );
  expect(given).toBeGreaterThan(10);
});
