import { Authorization } from '@p2p-power/protocol/Authorization';
import { DriverCertificate } from '@p2p-power/protocol/DriverCertificate';
import { keyId } from '@p2p-power/protocol/KeyId';
import { Offer } from '@p2p-power/protocol/Offer';
import type { Verifier } from '@p2p-power/protocol/Signer';
import { StationCertificate } from '@p2p-power/protocol/StationCertificate';
import type { TrustContent, TrustList } from '@p2p-power/protocol/TrustList';
import type { Contactor, JournalStore } from '@p2p-power/station/Ports';
import type { Provision } from '@p2p-power/station/Provision';
import type { Agreement } from '@p2p-power/station/Session';

/** One closing of a contactor, and why it was right: `undefined` stands for rightly. */
export interface Closing {
  readonly at: number;
  readonly authorizationId?: string;
  readonly wrong?: string;
}

/**
 * A contactor that asks at each closing, without the controller, what lies in the journal: the newest
 * authorization must be there, of a session that has not ended, and verify from the signatures up.
 */
export function witnessContactor(
  contactor: Contactor,
  witness: {
    readonly store: JournalStore;
    readonly provision: Provision;
    readonly verifier: Verifier;
    readonly closings: Closing[];
    readonly nowS: () => number;
  },
): Contactor {
  const { store, closings, nowS } = witness;
  return {
    ...contactor,
    async close() {
      const entry = store.latest('authorized');
      if (entry === undefined) {
        closings.push({ at: nowS(), wrong: 'the journal holds no authorization' });
      } else {
        const authorizationId = entry.subject;
        const wrong = await judge(entry.subject, JSON.parse(entry.body) as Agreement, witness);
        closings.push({ at: nowS(), authorizationId, ...(wrong !== undefined && { wrong }) });
      }
      await contactor.close();
    },
  };
}

async function judge(
  authorizationId: string,
  agreement: Agreement,
  { store, provision, verifier }: { store: JournalStore; provision: Provision; verifier: Verifier },
): Promise<string | undefined> {
  const { networkId } = provision;
  const { driverCertificate, stationCertificate, offer, authorization } = agreement;
  const wish = authorization.value;
  if (Authorization.id(networkId, wish) !== authorizationId) return 'the entry names another authorization';
  for (const kind of ['ending', 'ended', 'cancelled'])
    if (store.find(kind, authorizationId) !== undefined) return `the session is ${kind}`;
  const issuer = trustedProviders(store, provision)
    .find(({ providerId }) => providerId === driverCertificate.value.providerId)
    ?.keys.find(({ publicKey }) => keyId(publicKey) === driverCertificate.value.issuerKeyId)?.publicKey;
  if (issuer === undefined) return 'the driver’s provider is not trusted';
  if (!(await DriverCertificate.verify(networkId, driverCertificate, issuer, verifier)))
    return 'the driver certificate is not genuine';
  if (
    !(await Authorization.verify(networkId, authorization, driverCertificate.value.publicKey, verifier)) ||
    wish.driverCertificateId !== DriverCertificate.id(networkId, driverCertificate.value)
  )
    return 'the driver has not signed it';
  const own = StationCertificate.id(networkId, provision.certificate.value);
  if (wish.stationCertificateId !== own || StationCertificate.id(networkId, stationCertificate.value) !== own)
    return 'it is for another station';
  if (
    wish.offerId !== Offer.id(networkId, offer.value) ||
    !(await Offer.verify(networkId, offer, provision.certificate.value.publicKey, verifier))
  )
    return 'the station has not offered it';
  if (wish.signedAt >= offer.value.expiresAt) return 'the offer had run out';
  if (wish.signedAt >= driverCertificate.value.notAfter) return 'the certificate had run out';
  return undefined;
}

function trustedProviders(store: JournalStore, provision: Provision): TrustContent['providers'] {
  const kept = store.kept('trust-list');
  const list = kept === undefined ? provision.trustList : (JSON.parse(kept) as TrustList);
  return (JSON.parse(list.contentJson) as TrustContent).providers;
}
