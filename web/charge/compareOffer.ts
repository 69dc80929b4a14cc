import type { Hex } from '@p2p-power/protocol/Hex';
import type { EnergyPrices } from '@p2p-power/tariff/EnergyPrices';
import { estimate } from '@p2p-power/tariff/price';
import type { Tariff } from '@p2p-power/tariff/Tariff';

/** What my charge is assumed to be: so much energy at so much power, from now. */
export interface UsualCharge {
  readonly energyWh: number;
  readonly powerW: number;
}

/** What the map, that is the provider, had said of a point before the driver stood there. */
export interface KnownConditions {
  readonly tariff?: Tariff;
  readonly tariffId?: Hex;
  /** For the usual charge, where no tariff was given. */
  readonly priceMicro?: number;
  readonly maxPowerW: number;
  /** Where its prices change by the quarter-hour: those that were said, the highest that was promised. */
  readonly dynamic?: {
    readonly nextHours: EnergyPrices;
    readonly capMicro: number;
    readonly isFallback: boolean;
  };
}

/** One difference between what was said before and what the station offers; `known` first. */
export type Mismatch =
  | { readonly kind: 'price'; readonly knownMicro: number; readonly offeredMicro: number }
  | { readonly kind: 'tariff' }
  /** The station knows no market price and asks its fallback, where market prices were said. */
  | { readonly kind: 'fallback' }
  /** A price above the highest that was promised, per kWh before tax. */
  | { readonly kind: 'cap'; readonly knownMicro: number; readonly offeredMicro: number }
  | { readonly kind: 'power'; readonly knownW: number; readonly offeredW: number };

export interface OfferedConditions {
  readonly tariff: Tariff;
  readonly tariffId: Hex;
  readonly timeZone: string;
  readonly maxPowerW: number;
  /** The prices of the offer, where they are dynamic. */
  readonly prices?: EnergyPrices;
}

/**
 * No charge is slower: IEC 61851-1 begins at 6 A, 1.38 kW on one phase. What says less, or nothing, is
 * reckoned with this, for a charge of years cannot be priced.
 */
const leastPowerW = 1_000;

/** The price of the usual charge if it began at `now`, in micro-units with tax. */
export function priceOfUsualCharge(
  tariff: Tariff,
  timeZone: string,
  maxPowerW: number,
  usual: UsualCharge,
  now: number,
  prices?: EnergyPrices,
): number {
  const powerW = Math.max(leastPowerW, Math.min(usual.powerW, maxPowerW));
  return estimate(tariff, {
    timeZone,
    startAt: now,
    energyWh: usual.energyWh,
    powerW,
    parkingS: 0,
    ...(prices && { prices }),
  }).inclVatMicro;
}

/**
 * Compares the station's offer with what had been said: the price of the driver's usual charge, the
 * tariff itself (another tariff may cost the same for this charge and more for the next), and a power
 * that is lower than promised. Both prices are taken at the same instant, so that the hour makes no difference.
 * Dynamic prices may have fallen since: only what costs more than was said is told, that the station has to fall
 * back on the operator's price, and a price above the promised highest.
 */
export function compareOffer(
  known: KnownConditions,
  offered: OfferedConditions,
  usual: UsualCharge,
  now: number,
): readonly Mismatch[] {
  const mismatches: Mismatch[] = [];
  const price = (tariff: Tariff, prices?: EnergyPrices) =>
    priceOfUsualCharge(tariff, offered.timeZone, offered.maxPowerW, usual, now, prices);
  const { prices } = offered;
  const offeredMicro = price(offered.tariff, prices);
  const knownMicro =
    known.tariff === undefined ? known.priceMicro : price(known.tariff, known.dynamic?.nextHours);
  const isTold = prices === undefined ? knownMicro !== offeredMicro : offeredMicro > (knownMicro ?? 0);
  if (knownMicro !== undefined && isTold) mismatches.push({ kind: 'price', knownMicro, offeredMicro });
  if (prices?.pricesMicro.length === 0 && known.dynamic?.isFallback === false)
    mismatches.push({ kind: 'fallback' });
  const highestMicro = Math.max(prices?.otherwiseMicro ?? 0, ...(prices?.pricesMicro ?? []));
  if (known.dynamic !== undefined && highestMicro > known.dynamic.capMicro)
    mismatches.push({ kind: 'cap', knownMicro: known.dynamic.capMicro, offeredMicro: highestMicro });
  if (known.tariffId !== undefined && known.tariffId !== offered.tariffId)
    mismatches.push({ kind: 'tariff' });
  if (offered.maxPowerW < known.maxPowerW)
    mismatches.push({ kind: 'power', knownW: known.maxPowerW, offeredW: offered.maxPowerW });
  return mismatches;
}
