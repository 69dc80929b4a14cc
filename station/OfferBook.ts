import type { Hex } from '@p2p-power/protocol/Hex';
import { fromBytes, zeroHash } from '@p2p-power/protocol/Hex';
import { Offer, type SignedOffer } from '@p2p-power/protocol/Offer';
import { type OfferedPrices, pricesId } from '@p2p-power/protocol/OfferedPrices';
import type { Signer } from '@p2p-power/protocol/Signer';
import { StationCertificate } from '@p2p-power/protocol/StationCertificate';
import { tariffId } from '@p2p-power/protocol/tariffId';
import { offerPrices } from '@p2p-power/tariff/DynamicTerms';
import { energyPriceAt } from '@p2p-power/tariff/EnergyPrices';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { isValidAt, type Tariff } from '@p2p-power/tariff/Tariff';
import type { Clock, Random } from './Ports.ts';
import type { Provision } from './Provision.ts';
import type { HeldSignal } from './SignalStore.ts';

/** An offer of ours that still holds, with the tariff and the prices it names. */
export interface OpenOffer {
  readonly offer: SignedOffer;
  readonly tariff: Tariff;
  readonly prices?: OfferedPrices;
}

/** What energy costs at a dynamic point now, per kWh before tax; `isFallback` where no signal can be relied on. */
export interface CurrentPrice {
  readonly microPerKwh: number;
  readonly isFallback: boolean;
}

/** The offers that the station made and that have not run out. They are forgotten when it restarts. */
export interface OfferBook {
  /**
   * Holds for `validS`, no longer than its tariff is valid, and no longer than the signal may be relied on that its
   * prices rest on. Refused where the tariff is not valid now, or where there is neither such a signal nor a fallback.
   */
  make(): Promise<Result<OpenOffer, 'no-valid-tariff' | 'no-fresh-price'>>;
  /** What an offer made now would ask; undefined where the tariff says all, or none could be made. */
  priceNow(): CurrentPrice | undefined;
  find(offerId: Hex): OpenOffer | undefined;
  /** An offer serves one session. */
  use(offerId: Hex): void;
}

/** A book of at most `capacity` offers, each valid for `validS`; the oldest make room. */
export function openOfferBook(
  parts: {
    readonly clock: Clock;
    readonly random: Random;
    readonly signer: Signer;
    /** The newest price signal of the provision's area. */
    readonly priceSignal: () => HeldSignal<'price'> | undefined;
    /** Whether the point has a way to take energy from a car. */
    readonly takesEnergy: boolean;
  },
  provision: Provision,
  { validS, capacity }: { readonly validS: number; readonly capacity: number },
): OfferBook {
  const { networkId, tariff, timeZone, currency, maxPowerW, dynamic } = provision;
  const terms = {
    stationCertificateId: StationCertificate.id(networkId, provision.certificate.value),
    tariffId: tariffId(networkId, tariff),
    currency,
    timeZone,
    maxPowerW,
    feedInMicroPerKwh: parts.takesEnergy ? (provision.feedInMicroPerKwh ?? 0) : 0,
  };
  const offers = new Map<Hex, OpenOffer>();
  const promise = (now: number) => {
    if (dynamic === undefined)
      return accept({ prices: undefined, isFallback: false, until: Number.MAX_SAFE_INTEGER });
    const held = parts.priceSignal();
    // At the very end of its age a signal would make an offer that nobody can sign any more.
    const until = held === undefined ? 0 : held.head.issuedAt + dynamic.maxAgeS;
    const index = held && now < until ? { ...held.content, issuedAt: held.head.issuedAt } : undefined;
    const offered = offerPrices(dynamic, index, now);
    if (!offered.ok) return offered;
    const { prices, isFallback } = offered.value;
    return accept({
      prices: { ...prices, signalId: isFallback || held === undefined ? zeroHash : held.id },
      isFallback,
      until: isFallback ? Number.MAX_SAFE_INTEGER : until,
    });
  };
  return {
    async make() {
      const issuedAt = parts.clock.nowS();
      if (!isValidAt(tariff, issuedAt))
        return refuse('no-valid-tariff', `the tariff ${tariff.id} is not valid at ${issuedAt}`);
      const promised = promise(issuedAt);
      if (!promised.ok) return promised;
      const { prices, until } = promised.value;
      const expiresAt = Math.min(issuedAt + validS, until, tariff.endsAt ?? Number.MAX_SAFE_INTEGER);
      const nonce = fromBytes(parts.random.bytes(32));
      const value = { ...terms, pricesId: pricesId(networkId, prices), issuedAt, expiresAt, nonce };
      const offer = await Offer.sign(networkId, value, parts.signer);
      for (const [id, { offer: old }] of offers) {
        if (old.value.expiresAt > issuedAt && offers.size < capacity) break;
        offers.delete(id);
      }
      const open = { offer, tariff, ...(prices && { prices }) };
      offers.set(Offer.id(networkId, value), open);
      return accept(open);
    },
    priceNow() {
      const now = parts.clock.nowS();
      const promised = promise(now);
      if (!promised.ok || promised.value.prices === undefined) return undefined;
      const { prices, isFallback } = promised.value;
      return { microPerKwh: energyPriceAt(prices, now).priceMicro, isFallback };
    },
    find: (offerId) => offers.get(offerId),
    use: (offerId) => {
      offers.delete(offerId);
    },
  };
}
