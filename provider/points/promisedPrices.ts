import { type DynamicTerms, offerPrices, type PriceIndex } from '@p2p-power/tariff/DynamicTerms';
import type { EnergyPrices } from '@p2p-power/tariff/EnergyPrices';
import { accept, type Result } from '@p2p-power/tariff/Result';

/** The price signals that a point's station may hold, as far as its provider knows. */
export interface HeldSignals {
  /** The one that it took itself when it last asked. */
  readonly taken?: PriceIndex | undefined;
  /** The one that was last given to a courier: it may have come to the station, or not. */
  readonly carried?: PriceIndex | undefined;
}

/**
 * What the map may promise of a dynamic point now (epoch s): of every price that its station may offer, by
 * what it may hold, the dearest, quarter-hour by quarter-hour. So a station never offers more than the map
 * promised while it holds what the map believes. Refused where the station may have no price to offer.
 */
export function promisedPrices(
  terms: DynamicTerms,
  { taken, carried }: HeldSignals,
  now: number,
): Result<{ readonly prices: EnergyPrices; readonly isFallback: boolean }, 'no-fresh-price'> {
  const surely = offerPrices(terms, taken, now);
  if (!surely.ok) return surely;
  if (carried === undefined || (taken !== undefined && carried.issuedAt <= taken.issuedAt)) return surely;
  const perhaps = offerPrices(terms, carried, now);
  if (!perhaps.ok) return surely;
  const { isFallback, prices } = surely.value;
  return accept({ prices: dearest(prices, perhaps.value.prices), isFallback });
}

/** Of two offers of one moment the higher price of each quarter-hour. */
function dearest(one: EnergyPrices, other: EnergyPrices): EnergyPrices {
  const length = Math.max(one.pricesMicro.length, other.pricesMicro.length);
  const at = ({ pricesMicro, otherwiseMicro }: EnergyPrices, index: number) =>
    pricesMicro[index] ?? otherwiseMicro;
  return {
    firstAt: one.firstAt,
    pricesMicro: Array.from({ length }, (_, index) => Math.max(at(one, index), at(other, index))),
    otherwiseMicro: Math.max(one.otherwiseMicro, other.otherwiseMicro),
  };
}
