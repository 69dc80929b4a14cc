import { price } from '../price.ts';
import type { PricedSession, SessionReading, Tariff } from '../Tariff.ts';

const base = {
  countryCode: 'DE',
  partyId: 'P2P',
  id: 'bench',
  currency: 'EUR',
  lastUpdatedAt: 1_767_225_600,
};
const energy = (priceMicro: number) => [{ type: 'ENERGY', priceMicro, vatBp: 1900, stepSize: 1 }] as const;

/**
 * Energy and a start fee; the same with a cheaper night, whose boundary cuts each session in two; and energy
 * that is cheaper from 10 kWh on, which each session passes between two readings.
 */
const tariffs: Readonly<Record<'simple' | 'dayAndNight' | 'byEnergy', Tariff>> = {
  simple: {
    ...base,
    elements: [
      {
        priceComponents: [
          ...energy(390_000),
          { type: 'FLAT', priceMicro: 500_000, vatBp: 1900, stepSize: 1 },
        ],
      },
    ],
  },
  dayAndNight: {
    ...base,
    elements: [
      { priceComponents: energy(290_000), restrictions: { startMinute: 22 * 60, endMinute: 6 * 60 } },
      { priceComponents: energy(390_000) },
    ],
  },
  byEnergy: {
    ...base,
    elements: [
      { priceComponents: energy(390_000), restrictions: { maxEnergyWh: 10_000 } },
      { priceComponents: energy(290_000) },
    ],
  },
};

/** Sessions of 20 readings in the evening in Berlin, on as many days as there are sessions. */
const sessions: readonly PricedSession[] = Array.from({ length: 300 }, (_, day) => ({
  timeZone: 'Europe/Berlin',
  readings: Array.from({ length: 20 }, (_, index): SessionReading => {
    const at = 1_767_225_600 + day * 86_400 + 18 * 3600 + 437 + index * 900;
    return {
      at,
      importWh: day * 40_000 + index * 1_987,
      exportWh: 0,
      state: index < 15 ? 'charging' : 'parking',
    };
  }),
}));

/** The same sessions with another price each quarter-hour, at whose boundaries no reading lies. */
const quarterHourly: readonly PricedSession[] = sessions.map((session, day) => ({
  ...session,
  prices: {
    firstAt: 1_767_225_600 + day * 86_400,
    pricesMicro: Array.from({ length: 96 }, (_, index) => 100_000 + ((index * 7_919) % 90_000)),
    otherwiseMicro: 390_000,
  },
}));

/**
 * Prices per second on one thread for sessions of 20 readings, measured for about `durationMs` after a
 * warm-up. `nowMs` is a steady clock such as `performance.now`.
 */
export function measurePrices(
  nowMs: () => number,
  durationMs: number,
): {
  readonly simplePerS: number;
  readonly dayAndNightPerS: number;
  readonly byEnergyPerS: number;
  readonly quarterHourlyPerS: number;
} {
  const measure = (tariff: Tariff, measured = sessions): number => {
    for (const session of measured) price(tariff, session);
    const startedMs = nowMs();
    let [count, elapsedMs] = [0, 0];
    while (elapsedMs < durationMs) {
      for (const session of measured) price(tariff, session);
      count += measured.length;
      elapsedMs = nowMs() - startedMs;
    }
    return Math.round((count * 1000) / elapsedMs);
  };
  return {
    simplePerS: measure(tariffs.simple),
    dayAndNightPerS: measure(tariffs.dayAndNight),
    byEnergyPerS: measure(tariffs.byEnergy),
    quarterHourlyPerS: measure(tariffs.simple, quarterHourly),
  };
}
