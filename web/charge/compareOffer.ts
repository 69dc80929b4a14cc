import type { Hex } from '@p2p-power/protocol/Hex';
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
}

/** One difference between what was said before and what the station offers; `known` first. */
export type Mismatch =
  | { readonly kind: 'price'; readonly knownMicro: number; readonly offeredMicro: number }
  | { readonly kind: 'tariff' }
  | { readonly kind: 'power'; readonly knownW: number; readonly offeredW: number };

export interface OfferedConditions {
  readonly tariff: Tariff;
  readonly tariffId: Hex;
  readonly timeZone: string;
  readonly maxPowerW: number;
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
): number {
  const powerW = Math.max(leastPowerW, Math.min(usual.powerW, maxPowerW));
  return estimate(tariff, { timeZone, startAt: now, energyWh: usual.energyWh, powerW, parkingS: 0 })
    .inclVatMicro;
}

/**
 * Compares the station's offer with what had been said: the price of the driver's usual charge, the
 * tariff itself (another tariff may cost the same for this charge and more for the next), and a power
 * that is lower than promised. Both prices are taken at the same instant, so that the hour makes no difference.
 */
export function compareOffer(
  known: KnownConditions,
  offered: OfferedConditions,
  usual: UsualCharge,
  now: number,
): readonly Mismatch[] {
  const mismatches: Mismatch[] = [];
  const price = (tariff: Tariff) =>
    priceOfUsualCharge(tariff, offered.timeZone, offered.maxPowerW, usual, now);
  const offeredMicro = price(offered.tariff);
  const knownMicro = known.tariff === undefined ? known.priceMicro : price(known.tariff);
  if (knownMicro !== undefined && knownMicro !== offeredMicro)
    mismatches.push({ kind: 'price', knownMicro, offeredMicro });
  if (known.tariffId !== undefined && known.tariffId !== offered.tariffId)
    mismatches.push({ kind: 'tariff' });
  if (offered.maxPowerW < known.maxPowerW)
    mismatches.push({ kind: 'power', knownW: known.maxPowerW, offeredW: offered.maxPowerW });
  return mismatches;
}
