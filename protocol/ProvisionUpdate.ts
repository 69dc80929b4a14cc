import { utf8ToBytes } from '@noble/hashes/utils.js';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import type { Hex } from './Hex.ts';
import { keyId } from './KeyId.ts';
import { isRecord, type ParseRefusal, type Signed, signedObject, type ValueOf } from './SignedObject.ts';
import type { Verifier } from './Signer.ts';
import { sha256 } from './sha256.ts';

/** Signed by the station's provider over the exact JSON text of what it has for this one station. */
export const ProvisionHead = signedObject('Provision', {
  providerId: 'text',
  issuerKeyId: 'bytes32',
  /** Key id of the station's key. */
  stationKeyId: 'bytes32',
  /** Epoch seconds; of two, the later holds. */
  issuedAt: 'uint',
  contentHash: 'bytes32',
});
export type ProvisionHead = ValueOf<typeof ProvisionHead.layout>;

/**
 * A station's provision (certificate, tariff, trust list, keys) on its way by couriers, to a station that
 * has no connection of its own. `contentJson` is hashed byte by byte as UTF-8.
 */
export interface ProvisionUpdate {
  readonly head: Signed<ProvisionHead>;
  readonly contentJson: string;
}

/** Why an update is refused, in order of precedence. */
export type ProvisionUpdateRefusal =
  | ParseRefusal
  | 'wrong-issuer'
  | 'wrong-station'
  | 'content-mismatch'
  | 'bad-signature'
  | 'bad-content';

/** Signs what the provider has for the station; `content` is any JSON value. */
export async function signProvisionUpdate(
  networkId: Hex,
  head: Omit<ProvisionHead, 'contentHash'>,
  content: unknown,
  signer: Parameters<typeof ProvisionHead.sign>[2],
): Promise<ProvisionUpdate> {
  const contentJson = JSON.stringify(content);
  const value = { ...head, contentHash: sha256(utf8ToBytes(contentJson)) };
  return { head: await ProvisionHead.sign(networkId, value, signer), contentJson };
}

/** The content of an update that the issuer signed for this station, still to be read; anything else is refused. */
export async function openProvisionUpdate(
  json: unknown,
  expected: {
    readonly networkId: Hex;
    readonly issuerId: string;
    readonly issuerKeys: readonly Hex[];
    readonly stationKeyId: Hex;
  },
  verifier: Verifier,
): Promise<Result<{ readonly head: ProvisionHead; readonly content: unknown }, ProvisionUpdateRefusal>> {
  if (!isRecord(json) || typeof json.contentJson !== 'string')
    return refuse('not-an-object', 'an update has a signed head and the text of its content');
  const head = ProvisionHead.parseSigned(json.head);
  if (!head.ok) return head;
  const { value } = head.value;
  const issuerKey = expected.issuerKeys.find((key) => keyId(key) === value.issuerKeyId);
  if (value.providerId !== expected.issuerId || issuerKey === undefined)
    return refuse('wrong-issuer', `the update is not of ${expected.issuerId}, or its key is unknown`);
  if (value.stationKeyId !== expected.stationKeyId)
    return refuse('wrong-station', 'the update is for another station');
  if (sha256(utf8ToBytes(json.contentJson)) !== value.contentHash)
    return refuse('content-mismatch', 'the content is not the one whose hash was signed');
  if (!(await ProvisionHead.verify(expected.networkId, head.value, issuerKey, verifier)))
    return refuse('bad-signature', 'the signature is not of the issuer');
  try {
    return accept({ head: value, content: JSON.parse(json.contentJson) as unknown });
  } catch {
    return refuse('bad-content', 'the content is not JSON');
  }
}
