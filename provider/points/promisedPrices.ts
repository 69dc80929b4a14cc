import { type DynamicTerms, offerPrices, type PriceIndex } from '@p2p-power/tariff/DynamicTerms';
import type { EnergyPrices } from '@p2p-power/tariff/EnergyPrices';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';

/** A price signal, or that there is one of which nothing is known here: a peer's that could not be fetched. */
export type PossibleSignal = PriceIndex | 'unknown';

/** The price signals that a point's station may hold, as far as its provider knows. */
export interface HeldSignals {
  /** The one that it said it holds when it last asked. */
  readonly taken?: PossibleSignal | undefined;
  /** Those that were given to it or to couriers since: each may have come to the station, or not. */
  readonly given?: readonly PossibleSignal[] | undefined;
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

type Offered = ReturnType<typeof offerPrices>;

/** A station's clock and ours may differ by so much, s: by one of them a signal may be too old already. */
const clockSkewS = 120;

/**
 * What the map may promise of a dynamic point now (epoch s): every price that its station may offer by what it may
 * hold. So a station never offers more than the map promised while it holds what the map believes. Refused where
 * the station may have no price to offer.
 */
export function promisedPrices(
  terms: DynamicTerms,
  { taken, given = [] }: HeldSignals,
  now: number,
): Result<PromisedPrices, 'no-fresh-price'> {
  const surely = offerBy(terms, taken, now);
  if (!surely.ok) return surely;
  const { prices, isFallback } = surely.value;
  const later = given.filter((signal) => issuedAtOf(signal) > issuedAtOf(taken));
  const perhaps = [
    ...byOtherClocks(terms, taken, now),
    ...later.flatMap((signal) => [offerBy(terms, signal, now), ...byOtherClocks(terms, signal, now)]),
  ].flatMap((offered) => (offered.ok ? [offered.value.prices] : []));
  return accept({ offers: [prices, ...perhaps], prices: perhaps.reduce(dearest, prices), isFallback });
}

/** What a station offers that holds a signal. One that is not known may price anything up to the cap. */
function offerBy(terms: DynamicTerms, signal: PossibleSignal | undefined, now: number): Offered {
  if (signal !== 'unknown') return offerPrices(terms, signal, now);
  if (terms.fallbackMicro === undefined) return refuse('no-fresh-price', 'the signal it took is not known');
  const prices = { firstAt: now - (now % 900), pricesMicro: [], otherwiseMicro: terms.capMicro };
  return accept({ prices, isFallback: true });
}

/** What it offers where its clock takes a signal for too old that is not so here, or the other way round. */
function byOtherClocks(
  terms: DynamicTerms,
  signal: PossibleSignal | undefined,
  now: number,
): readonly Offered[] {
  if (signal === undefined || signal === 'unknown') return [];
  const isTooOld = (issuedAt: number) => now - issuedAt > terms.maxAgeS;
  return [-clockSkewS, clockSkewS].flatMap((aheadS) => {
    const issuedAt = signal.issuedAt - aheadS;
    const isSame = isTooOld(issuedAt) === isTooOld(signal.issuedAt);
    return isSame ? [] : [offerPrices(terms, { ...signal, issuedAt }, now)];
  });
}

const issuedAtOf = (signal: PossibleSignal | undefined): number => {
  if (signal === undefined) return Number.NEGATIVE_INFINITY;
  return signal === 'unknown' ? Number.POSITIVE_INFINITY : signal.issuedAt;
};

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
