import type { Hex } from '@p2p-power/protocol/Hex';
import { keyId } from '@p2p-power/protocol/KeyId';
import { openProvisionUpdate, type ProvisionUpdateRefusal } from '@p2p-power/protocol/ProvisionUpdate';
import type { Signer, Verifier } from '@p2p-power/protocol/Signer';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { type Provision, type ProvisionRefusal, parseProvision, provisionEssence } from './Provision.ts';

/** Where a station's provision is kept, and how it changes over to another. */
export interface ProvisionKeeper {
  /** The newest, which may wait for a session to end. */
  newest(): Provision;
  /** Checked and durable when it returns; in force when no session runs. Throws where no station could open with it. */
  take(provision: Provision): Promise<void>;
}

export type TakeProvisionRefusal =
  | ProvisionUpdateRefusal
  | ProvisionRefusal
  | 'not-newer'
  | 'provision-unusable'
  | 'provision-not-kept';

/**
 * Takes a provision that a courier brought: it is signed by the station's own provider for this
 * station's key, and newer than the newest at hand. One that says nothing new but a newer trust list
 * is accepted and changes nothing here.
 */
export async function takeProvision(
  json: unknown,
  keeper: ProvisionKeeper,
  parts: { readonly signer: Signer; readonly verifier: Verifier; readonly issuerKeys: readonly Hex[] },
): Promise<Result<Provision, TakeProvisionRefusal>> {
  const newest = keeper.newest();
  const opened = await openProvisionUpdate(
    json,
    {
      networkId: newest.networkId,
      issuerId: newest.certificate.value.providerId,
      issuerKeys: parts.issuerKeys,
      stationKeyId: keyId(parts.signer.publicKey),
    },
    parts.verifier,
  );
  if (!opened.ok) return opened;
  const { head, content } = opened.value;
  if (head.issuedAt <= issuedAtOf(newest))
    return refuse('not-newer', `the provision at hand is of ${issuedAtOf(newest)}`);
  const parsed = parseProvision(content);
  if (!parsed.ok) return parsed;
  const provision = parsed.value;
  if (provision.networkId !== newest.networkId || issuedAtOf(provision) !== head.issuedAt)
    return refuse('bad-provision', 'it is of another network, or its trust list of another time');
  if (provisionEssence(provision) === provisionEssence(newest)) return accept(provision);
  try {
    await keeper.take(provision);
  } catch (error) {
    return refuse('provision-unusable', error instanceof Error ? error.message : String(error));
  }
  return accept(provision);
}

/** A provision is as old as its trust list, epoch seconds: the provider signs one anew for each. */
const issuedAtOf = ({ trustList }: Provision): number => {
  const { issuedAt } = trustList.head.value;
  return Number.isSafeInteger(issuedAt) ? issuedAt : 0;
};
