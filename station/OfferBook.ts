import type { Hex } from '@p2p-power/protocol/Hex';
import { fromBytes } from '@p2p-power/protocol/Hex';
import { Offer, type SignedOffer } from '@p2p-power/protocol/Offer';
import type { Signer } from '@p2p-power/protocol/Signer';
import { StationCertificate } from '@p2p-power/protocol/StationCertificate';
import { tariffId } from '@p2p-power/protocol/tariffId';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { isValidAt, type Tariff } from '@p2p-power/tariff/Tariff';
import type { Clock, Random } from './Ports.ts';
import type { Provision } from './Provision.ts';

/** An offer of ours that still holds, with the tariff it names. */
export interface OpenOffer {
  readonly offer: SignedOffer;
  readonly tariff: Tariff;
}

/** The offers that the station made and that have not run out. They are forgotten when it restarts. */
export interface OfferBook {
  /** Holds for `validS`, and no longer than its tariff is valid. Refused where the tariff is not valid now. */
  make(): Promise<Result<OpenOffer, 'no-valid-tariff'>>;
  find(offerId: Hex): OpenOffer | undefined;
  /** An offer serves one session. */
  use(offerId: Hex): void;
}

const zeroHash: Hex = `0x${'00'.repeat(32)}`;

/** A book of at most `capacity` offers, each valid for `validS`; the oldest make room. */
export function openOfferBook(
  parts: { readonly clock: Clock; readonly random: Random; readonly signer: Signer },
  provision: Provision,
  { validS, capacity }: { readonly validS: number; readonly capacity: number },
): OfferBook {
  const { networkId, tariff, timeZone, currency, maxPowerW } = provision;
  const terms = {
    stationCertificateId: StationCertificate.id(networkId, provision.certificate.value),
    tariffId: tariffId(networkId, tariff),
    pricesId: zeroHash,
    currency,
    timeZone,
    maxPowerW,
    feedInMicroPerKwh: 0,
  };
  const offers = new Map<Hex, OpenOffer>();
  return {
    async make() {
      const issuedAt = parts.clock.nowS();
      if (!isValidAt(tariff, issuedAt))
        return refuse('no-valid-tariff', `the tariff ${tariff.id} is not valid at ${issuedAt}`);
      const expiresAt = Math.min(issuedAt + validS, tariff.endsAt ?? Number.MAX_SAFE_INTEGER);
      const nonce = fromBytes(parts.random.bytes(32));
      const value = { ...terms, issuedAt, expiresAt, nonce };
      const offer = await Offer.sign(networkId, value, parts.signer);
      for (const [id, { offer: old }] of offers) {
        if (old.value.expiresAt > issuedAt && offers.size < capacity) break;
        offers.delete(id);
      }
      const open = { offer, tariff };
      offers.set(Offer.id(networkId, value), open);
      return accept(open);
    },
    find: (offerId) => offers.get(offerId),
    use: (offerId) => {
      offers.delete(offerId);
    },
  };
}
