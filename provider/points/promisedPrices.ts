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

/** What a station may offer now, as far as its provider knows. */
export interface PromisedPrices {
  /** Every offer that it may make. A charge is promised at the dearest of what it costs by each. */
  readonly offers: readonly [EnergyPrices, ...EnergyPrices[]];
  /** For people: the highest price of each quarter-hour. */
  readonly prices: EnergyPrices;
  /** Whether it has no signal that it may rely on. */
  readonly isFallback: boolean;
}

/**
 * What the map may promise of a dynamic point now (epoch s): every price that its station may offer by what it may
 * hold. So a station never offers more than the map promised while it holds what the map believes. Refused where
 * the station may have no price to offer.
 */
export function promisedPrices(
  terms: DynamicTerms,
  { taken, carried }: HeldSignals,
  now: number,
): Result<PromisedPrices, 'no-fresh-price'> {
  const surely = offerPrices(terms, taken, now);
  if (!surely.ok) return surely;
  const { prices, isFallback } = surely.value;
  const isLater = carried !== undefined && (taken === undefined || carried.issuedAt > taken.issuedAt);
  const perhaps = isLater ? offerPrices(terms, carried, now) : surely;
  if (!perhaps.ok || perhaps === surely) return accept({ offers: [prices], prices, isFallback });
  return accept({
    offers: [prices, perhaps.value.prices],
    prices: dearest(prices, perhaps.value.prices),
    isFallback,
  });
}

/**
 * What the map may promise while a station may still go by other terms than those in force: what it may offer by
 * either. Of terms for another area, whose signals we do not know the station to hold, the cap counts.
 */
export function promisedPricesOfBoth(
  inForce: DynamicTerms,
  held: DynamicTerms,
  signals: HeldSignals,
  now: number,
): Result<PromisedPrices, 'no-fresh-price'> {
  const promised = promisedPrices(inForce, signals, now);
  if (!promised.ok) return promised;
  const { offers, prices, isFallback } = promised.value;
  const before =
    held.area === inForce.area ? promisedPrices(held, signals, now) : accept(capped(held, prices));
  if (!before.ok) return before;
  return accept({
    offers: [...offers, ...before.value.offers],
    prices: dearest(prices, before.value.prices),
    isFallback,
  });
}

function capped({ capMicro }: DynamicTerms, { firstAt }: EnergyPrices): PromisedPrices {
  const prices = { firstAt, pricesMicro: [], otherwiseMicro: capMicro };
  return { offers: [prices], prices, isFallback: true };
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
