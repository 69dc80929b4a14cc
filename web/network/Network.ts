import { type Hex, isHex } from '@p2p-power/protocol/Hex';
import { keyId } from '@p2p-power/protocol/KeyId';
import { isRecord } from '@p2p-power/protocol/SignedObject';
import { isPublicKey } from '@p2p-power/protocol/Signer';
import type { EvidenceTrust } from '@p2p-power/protocol/verifyEvidence';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';

/** A provider's certificate key; times in epoch seconds, `retiredAt` 0 = in use. */
export interface NetworkKey {
  readonly publicKey: Hex;
  readonly addedAt: number;
  readonly retiredAt: number;
}

export interface NetworkMember {
  readonly providerId: string;
  readonly name: string;
  readonly keys: readonly NetworkKey[];
  /** Where it takes sealed records, if it says so. */
  readonly url?: string;
}

/**
 * What the app knows of its provider and of all others, kept for when there is no internet: with
 * these keys it checks stations and receipts alone.
 */
export interface Network {
  readonly providerId: string;
  readonly name: string;
  readonly networkId: Hex;
  readonly currency: string;
  readonly members: readonly NetworkMember[];
  /** Where drivers and operators sign in; undefined where the provider has no sign-in. */
  readonly oidc?: { readonly issuer: string; readonly clientId: string; readonly audience?: string };
}

/** The network out of the untrusted answer to `GET /provider`. */
export function parseNetwork(json: unknown): Result<Network, 'malformed-network'> {
  const malformed = (detail: string) => refuse('malformed-network', detail);
  if (!isRecord(json)) return malformed('not an object');
  const { providerId, name, networkId, currency, members, keys, oidc } = json;
  if (typeof providerId !== 'string' || typeof name !== 'string') return malformed('no name');
  if (!isHex(networkId, 32)) return malformed('no network id');
  if (typeof currency !== 'string') return malformed('no currency');
  const signIn = parseSignIn(oidc);
  if (!Array.isArray(members)) return malformed('no members');
  const read = members.map(parseMember);
  const known = read.filter((member) => member !== undefined);
  if (known.length !== read.length) return malformed('a member without keys');
  const own = parseMember({ providerId, name, keys });
  return accept({
    providerId,
    name,
    networkId,
    currency,
    members:
      own === undefined || known.some((member) => member.providerId === providerId) ? known : [own, ...known],
    ...(signIn !== undefined && { oidc: signIn }),
  });
}

function parseSignIn(json: unknown): Network['oidc'] {
  if (!isRecord(json) || typeof json.issuer !== 'string' || typeof json.clientId !== 'string')
    return undefined;
  if (!/^https?:\/\//.test(json.issuer)) return undefined;
  return {
    issuer: json.issuer,
    clientId: json.clientId,
    ...(typeof json.audience === 'string' && { audience: json.audience }),
  };
}

function parseMember(json: unknown): NetworkMember | undefined {
  if (!isRecord(json)) return undefined;
  const { providerId, name, keys, url } = json;
  if (typeof providerId !== 'string' || typeof name !== 'string' || !Array.isArray(keys)) return undefined;
  if (!keys.every(isKey)) return undefined;
  return { providerId, name, keys, ...(typeof url === 'string' && { url }) };
}

const isTime = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const isKey = (key: unknown): key is NetworkKey =>
  isRecord(key) && isPublicKey(key.publicKey) && isTime(key.addedAt) && isTime(key.retiredAt);

/** The certificate key of that provider with that id, retired ones too: old receipts stay checkable. */
export function trustOf(network: Network): EvidenceTrust {
  return {
    networkId: network.networkId,
    certificateKey: (providerId, issuerKeyId) =>
      network.members
        .find((member) => member.providerId === providerId)
        ?.keys.find(({ publicKey }) => keyId(publicKey) === issuerKeyId)?.publicKey,
  };
}

/** The provider's name, or its id where it is unknown. */
export function nameOfProvider(network: Network | undefined, providerId: string): string {
  return network?.members.find((member) => member.providerId === providerId)?.name ?? providerId;
}
