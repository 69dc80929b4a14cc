import type { Result } from './Result.ts';
import { items, type JsonRefusal, members, readJson, whole } from './readJson.ts';

/**
 * Energy prices by quarter-hour, per kWh before tax, in micro-units, not negative. Index i covers
 * `[firstAt + 900 i, firstAt + 900 i + 900)`; `firstAt` is a multiple of 900 (epoch seconds). Times outside
 * cost `otherwiseMicro`.
 */
export interface EnergyPrices {
  readonly firstAt: number;
  readonly pricesMicro: readonly number[];
  readonly otherwiseMicro: number;
}

/** The length of a quarter-hour, in which a price never changes. */
export const QUARTER_HOUR_S = 900;

/** Four days of quarter-hours and a little more; prices as high as a tariff's (docs/rounding.md). */
export const ENERGY_PRICES_BOUNDS = { quarterHours: 400, priceMicro: 100_000_000_000 } as const;

const YEAR_9999_ENDS_AT = 253_402_300_799;

/** Reads energy prices from untrusted JSON of the same shape; other fields are passed over. */
export function parseEnergyPrices(json: unknown): Result<EnergyPrices, JsonRefusal> {
  return readJson<EnergyPrices, JsonRefusal>(json, (root) => {
    const prices = members(root);
    const firstAtField = prices.required('firstAt');
    const firstAt = whole(firstAtField, 0, YEAR_9999_ENDS_AT);
    if (firstAt % QUARTER_HOUR_S !== 0) {
      firstAtField.report('invalid-time', 'firstAt: expected the start of a quarter-hour');
    }
    return {
      firstAt,
      pricesMicro: items(prices.required('pricesMicro'), 0, ENERGY_PRICES_BOUNDS.quarterHours).map((price) =>
        whole(price, 0, ENERGY_PRICES_BOUNDS.priceMicro),
      ),
      otherwiseMicro: whole(prices.required('otherwiseMicro'), 0, ENERGY_PRICES_BOUNDS.priceMicro),
    };
  });
}

/** Whether prices are what `parseEnergyPrices` gives. */
export function areEnergyPricesSound({ firstAt, pricesMicro, otherwiseMicro }: EnergyPrices): boolean {
  return (
    isWholeTo(firstAt, YEAR_9999_ENDS_AT) &&
    firstAt % QUARTER_HOUR_S === 0 &&
    pricesMicro.length <= ENERGY_PRICES_BOUNDS.quarterHours &&
    pricesMicro.every((priceMicro) => isWholeTo(priceMicro, ENERGY_PRICES_BOUNDS.priceMicro)) &&
    isWholeTo(otherwiseMicro, ENERGY_PRICES_BOUNDS.priceMicro)
  );
}

function isWholeTo(value: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value <= most;
}

/** The price at a time (epoch seconds), and until when it stays the same; Infinity after the last quarter-hour. */
export function energyPriceAt(
  { firstAt, pricesMicro, otherwiseMicro }: EnergyPrices,
  at: number,
): { readonly priceMicro: number; readonly until: number } {
  const priceOf = (index: number): number => pricesMicro[index] ?? otherwiseMicro;
  let index = Math.max(Math.floor((at - firstAt) / QUARTER_HOUR_S), -1);
  const priceMicro = priceOf(index);
  do index += 1;
  while (index < pricesMicro.length && priceOf(index) === priceMicro);
  // Behind the last quarter-hour the other price holds for good.
  const isForGood = index >= pricesMicro.length && priceMicro === otherwiseMicro;
  return { priceMicro, until: isForGood ? Number.POSITIVE_INFINITY : firstAt + index * QUARTER_HOUR_S };
}
