import type { Hex } from '@p2p-power/protocol/Hex';
import { keyId } from '@p2p-power/protocol/KeyId';
import type { Verifier } from '@p2p-power/protocol/Signer';
import {
  openTrustList,
  type TrustContent,
  type TrustList,
  type TrustListRefusal,
} from '@p2p-power/protocol/TrustList';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import type { JournalStore } from './Ports.ts';
import type { Provision } from './Provision.ts';

/** What the station believes of providers and their certificates, and since when. */
export interface Trust {
  /** Epoch seconds. */
  readonly issuedAt: number;
  readonly content: TrustContent;
  readonly revoked: ReadonlySet<Hex>;
}

/** Why a trust list is not taken: it is not genuine, or not newer than the one at hand. */
export type TakeTrustListRefusal = TrustListRefusal | 'not-newer';

/** The newest genuine trust list that came by, whoever brought it. */
export interface TrustStore {
  current(): Trust;
  /** Keys that the station's own provider signs with, x‖y: the provision's, and those that a list added. */
  issuerKeys(): readonly Hex[];
  /** Durable when it returns. */
  take(json: unknown): Promise<Result<Trust, TakeTrustListRefusal>>;
}

const keptName = 'trust-list';

/**
 * The newer of the provision's trust list and the one kept before. Throws where the provision's own
 * does not verify: then the provision is not for this station.
 */
export async function openTrustStore(
  provision: Provision,
  store: JournalStore,
  verifier: Verifier,
): Promise<TrustStore> {
  const issuerId = provision.certificate.value.providerId;
  const open = async (
    json: unknown,
    issuerKeys: readonly Hex[],
  ): Promise<Result<Trust, TrustListRefusal>> => {
    const opened = await openTrustList(
      json,
      { networkId: provision.networkId, issuerId, issuerKeys },
      verifier,
    );
    if (!opened.ok) return opened;
    const { head, content } = opened.value;
    const revoked = new Set(content.revocations.map(({ certificateId }) => certificateId));
    return accept({ issuedAt: head.issuedAt, content, revoked });
  };
  const first = await open(provision.trustList, provision.issuerKeys);
  if (!first.ok) throw new Error(`the provision’s trust list is refused: ${first.refusal}: ${first.detail}`);
  let trust = first.value;

  const issuerKeys = () => [
    ...provision.issuerKeys,
    ...(trust.content.providers.find(({ providerId }) => providerId === issuerId)?.keys ?? [])
      .filter(({ retiredAt }) => retiredAt === 0)
      .map(({ publicKey }) => publicKey),
  ];
  const kept = store.kept(keptName);
  if (kept !== undefined) {
    const again = await open(JSON.parse(kept), issuerKeys());
    if (again.ok && again.value.issuedAt > trust.issuedAt) trust = again.value;
  }
  return {
    current: () => trust,
    issuerKeys,
    async take(json) {
      const opened = await open(json, issuerKeys());
      if (!opened.ok) return opened;
      if (opened.value.issuedAt <= trust.issuedAt)
        return refuse('not-newer', `the trust list at hand is of ${trust.issuedAt}`);
      const { head, contentJson } = json as TrustList;
      store.keep(keptName, JSON.stringify({ head, contentJson }));
      trust = opened.value;
      return accept(trust);
    },
  };
}

/**
 * The provider's certificate key of that id, where it may have signed a certificate valid from
 * `notBefore` on: a retired key vouches only for what it signed before.
 */
export function trustedKey(
  { content }: Trust,
  providerId: string,
  issuerKeyId: Hex,
  notBefore: number,
): Hex | undefined {
  return content.providers
    .find((provider) => provider.providerId === providerId)
    ?.keys.find(
      (key) => keyId(key.publicKey) === issuerKeyId && (key.retiredAt === 0 || notBefore < key.retiredAt),
    )?.publicKey;
}
