import { utf8ToBytes } from '@noble/hashes/utils.js';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { type Hex, isHex } from './Hex.ts';
import { keyId } from './KeyId.ts';
import { isRecord, type ParseRefusal, type Signed, signedObject, type ValueOf } from './SignedObject.ts';
import { isPublicKey, type Verifier } from './Signer.ts';
import { sha256 } from './sha256.ts';
import { isText } from './Word.ts';

/** What a station needs of one provider to check its drivers offline. */
export interface TrustedProvider {
  readonly providerId: string;
  readonly name: string;
  /** Certificate keys, x‖y; more than one while keys are rotated. `retiredAt` 0 = in use. */
  readonly keys: readonly { readonly publicKey: Hex; readonly addedAt: number; readonly retiredAt: number }[];
}

/** One driver or station certificate that its issuer has taken back. */
export interface Revocation {
  readonly certificateId: Hex;
  readonly providerId: string;
  /** Epoch seconds of publication. */
  readonly revokedAt: number;
}

/** All that a station trusts, as its own provider states it. */
export interface TrustContent {
  readonly providers: readonly TrustedProvider[];
  readonly revocations: readonly Revocation[];
}

/** Signed by the station's provider over the exact JSON text of the content. */
export const TrustListHead = signedObject('TrustList', {
  providerId: 'text',
  issuerKeyId: 'bytes32',
  /** Epoch seconds: the age of all that it says. */
  issuedAt: 'uint',
  contentHash: 'bytes32',
});
export type TrustListHead = ValueOf<typeof TrustListHead.layout>;

/** How a trust list travels: `contentJson` is hashed byte by byte as UTF-8, so nobody re-serialises it. */
export interface TrustList {
  readonly head: Signed<TrustListHead>;
  readonly contentJson: string;
}

/** Why a trust list is refused, in order of precedence. */
export type TrustListRefusal =
  | ParseRefusal
  | 'wrong-issuer'
  | 'content-mismatch'
  | 'bad-content'
  | 'bad-signature';

export const trustContentHash = (contentJson: string): Hex => sha256(utf8ToBytes(contentJson));

const isTime = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function isProvider(value: unknown): value is TrustedProvider {
  return (
    isRecord(value) &&
    isText(value.providerId) &&
    typeof value.name === 'string' &&
    Array.isArray(value.keys) &&
    value.keys.every(
      (key) => isRecord(key) && isPublicKey(key.publicKey) && isTime(key.addedAt) && isTime(key.retiredAt),
    )
  );
}

function isRevocation(value: unknown): value is Revocation {
  return (
    isRecord(value) && isHex(value.certificateId, 32) && isText(value.providerId) && isTime(value.revokedAt)
  );
}

/** The content of a trust list that `issuerKey` of `issuerId` signed; anything else is refused. */
export async function openTrustList(
  json: unknown,
  expected: { readonly networkId: Hex; readonly issuerId: string; readonly issuerKeys: readonly Hex[] },
  verifier: Verifier,
): Promise<Result<{ readonly head: TrustListHead; readonly content: TrustContent }, TrustListRefusal>> {
  if (!isRecord(json) || typeof json.contentJson !== 'string')
    return refuse('not-an-object', 'a trust list has a signed head and the text of its content');
  const head = TrustListHead.parseSigned(json.head);
  if (!head.ok) return head;
  const issuerKey = expected.issuerKeys.find((key) => keyId(key) === head.value.value.issuerKeyId);
  if (head.value.value.providerId !== expected.issuerId || issuerKey === undefined)
    return refuse('wrong-issuer', `the trust list is not of ${expected.issuerId}, or its key is unknown`);
  if (trustContentHash(json.contentJson) !== head.value.value.contentHash)
    return refuse('content-mismatch', 'the content is not the one whose hash was signed');
  let content: unknown;
  try {
    content = JSON.parse(json.contentJson);
  } catch {
    return refuse('bad-content', 'the content is not JSON');
  }
  if (
    !isRecord(content) ||
    !Array.isArray(content.providers) ||
    !Array.isArray(content.revocations) ||
    !content.providers.every(isProvider) ||
    !content.revocations.every(isRevocation)
  )
    return refuse('bad-content', 'the content does not list providers and revocations');
  if (!(await TrustListHead.verify(expected.networkId, head.value, issuerKey, verifier)))
    return refuse('bad-signature', 'the signature is not of the issuer');
  return accept({
    head: head.value.value,
    content: { providers: content.providers, revocations: content.revocations },
  });
}
