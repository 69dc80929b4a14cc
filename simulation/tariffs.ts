import { plainTariff, testTariff } from '@p2p-power/protocol/testing/world';
import type { DynamicTerms } from '@p2p-power/tariff/DynamicTerms';
import type { Tariff } from '@p2p-power/tariff/Tariff';

/** Fee, energy by day and night, a least price. */
const nightTariff: Tariff = {
  ...plainTariff,
  id: 'night',
  minPrice: { exclVatMicro: 1_000_000, inclVatMicro: 1_190_000 },
  elements: [
    {
      priceComponents: [
        { type: 'FLAT', priceMicro: 500_000, vatBp: 1900, stepSize: 1 },
        { type: 'ENERGY', priceMicro: 250_000, vatBp: 1900, stepSize: 1 },
      ],
      restrictions: { startMinute: 1320, endMinute: 360 },
    },
    { priceComponents: [{ type: 'ENERGY', priceMicro: 450_000, vatBp: 1900, stepSize: 100 }] },
  ],
};

/** By the hour, energy besides, never above a most. */
const hourTariff: Tariff = {
  ...plainTariff,
  id: 'hour',
  maxPrice: { exclVatMicro: 12_000_000, inclVatMicro: 14_280_000 },
  elements: [
    {
      priceComponents: [
        { type: 'TIME', priceMicro: 2_400_000, vatBp: 1900, stepSize: 300 },
        { type: 'ENERGY', priceMicro: 200_000, vatBp: 700, stepSize: 1 },
        { type: 'PARKING_TIME', priceMicro: 6_000_000, vatBp: 1900, stepSize: 60 },
      ],
    },
  ],
};

const tariffs = [plainTariff, testTariff, nightTariff, hourTariff];

/** The tariff of the world's n-th station. */
export const tariffOf = (index: number): Tariff => tariffs[index % tariffs.length] as Tariff;

/** Whose index the dynamic points follow. */
export const indexArea = 'AT';

/**
 * How the world's n-th station makes its prices from the index; undefined where its tariff says all. Only one that
 * can ask for signals by itself may be without a fallback: nobody would bring another what it needs to sell.
 */
export function dynamicTermsOf(index: number, online: boolean): DynamicTerms | undefined {
  const terms = { area: indexArea, factorPerMille: 1_000, marginMicro: 120_000, floorMicro: 30_000 };
  if (index % 6 === 1)
    return {
      ...terms,
      capMicro: 390_000,
      ...(!online && { fallbackMicro: 350_000 }),
      maxAgeS: 10 * 3_600,
    };
  if (index % 6 === 2)
    return {
      ...terms,
      factorPerMille: 1_150,
      capMicro: 250_000,
      fallbackMicro: 245_000,
      maxAgeS: 2 * 86_400,
    };
  if (index % 6 === 4)
    return { ...terms, marginMicro: -10_000, capMicro: 380_000, fallbackMicro: 300_000, maxAgeS: 4 * 3_600 };
  return undefined;
}

/** What the world's n-th station pays for a kWh given back, micro-units; 0 where it takes none. */
export const feedInOf = (index: number): number => [0, 310_000, 0, 0, 280_000, 0][index % 6] ?? 0;
