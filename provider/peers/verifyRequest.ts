import { timingSafeEqual } from 'node:crypto';
import { fromBytes, type Hex, isHex } from '@p2p-power/protocol/Hex';
import { lowerS, type Verifier, verifyBytes } from '@p2p-power/protocol/Signer';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { httpbis } from 'http-message-signatures';
import { contentDigest, signedComponents } from './signRequest.ts';

/** Why a request of a peer is refused, in order of precedence. */
export type RequestRefusal =
  | 'signature-missing'
  | 'signature-malformed'
  | 'signature-key-unknown'
  | 'signature-out-of-window'
  | 'content-digest-mismatch'
  | 'signature-invalid'
  | 'request-replayed';

/** Seconds by which a peer's clock may differ, and for which a request may be under way. */
export const requestWindowS = 300;

/** What the check needs of the world. */
export interface RequestTrust {
  /** The provider whose certificate key this is, in use at `now`; undefined where it is nobody's. A station's is told by its EVSE-ID. */
  readonly keyOf: (
    keyId: Hex,
  ) => Promise<{ readonly providerId: string; readonly publicKey: Hex } | undefined>;
  readonly verifier: Verifier;
  /** Epoch seconds. */
  readonly now: number;
  /** Remembers a peer's nonce until `expiresAt` (epoch seconds); false where it is remembered already. */
  readonly useNonce: (providerId: string, nonce: string, expiresAt: number) => Promise<boolean>;
}

/**
 * Checks a request between providers (RFC 9421): digest of the body, signature over method, target
 * and digest with a certificate key of a member, age within {@link requestWindowS}, nonce not seen
 * before. `targetUris` are the addresses under which callers may rightly know this server; not one that
 * the caller itself names, as in the Host header, where its key signs requests to others as well.
 */
export async function verifyRequest(
  request: { readonly method: string; readonly headers: Headers; readonly body: Uint8Array },
  targetUris: readonly string[],
  trust: RequestTrust,
): Promise<Result<{ readonly providerId: string; readonly keyId: Hex }, RequestRefusal>> {
  const headers: Record<string, string> = {};
  for (const name of ['signature', 'signature-input', 'content-digest']) {
    const value = request.headers.get(name);
    if (value === null) return refuse('signature-missing', `the request has no ${name} header`);
    headers[name] = value;
  }
  const told = await readSignature(request.method, targetUris[0] as string, headers);
  if (told === undefined || !isHex(told.keyid, 32) || !/^[\x21-\x7e]{8,64}$/.test(told.nonce))
    return refuse(
      'signature-malformed',
      `expected one signature over ${signedComponents.join(', ')} with created, keyid, alg and nonce`,
    );
  const key = await trust.keyOf(told.keyid);
  if (key === undefined)
    return refuse('signature-key-unknown', 'nobody who may ask here has a key of this id in use');
  if (Math.abs(trust.now - told.created) > requestWindowS)
    return refuse('signature-out-of-window', `created more than ${requestWindowS} s away from our clock`);
  if (!sameText(headers['content-digest'] as string, contentDigest(request.body)))
    return refuse('content-digest-mismatch', 'the body is not the one whose digest was signed');
  let verified = false;
  for (const uri of new Set(targetUris))
    verified ||= await isSigned(request.method, uri, headers, key.publicKey, trust.verifier);
  if (!verified) return refuse('signature-invalid', `the signature is not one of ${key.providerId}`);
  if (!(await trust.useNonce(key.providerId, told.nonce, told.created + 2 * requestWindowS)))
    return refuse('request-replayed', 'this very request was answered before');
  return accept({ providerId: key.providerId, keyId: told.keyid });
}

interface ToldParameters {
  readonly keyid: string;
  readonly nonce: string;
  readonly created: number;
}

/** What the one signature says of itself, still unproven. */
async function readSignature(
  method: string,
  url: string,
  headers: Record<string, string>,
): Promise<ToldParameters | undefined> {
  const told: ToldParameters[] = [];
  const read = await verifyMessage(method, url, headers, (parameters) => {
    const { keyid, nonce, created, alg } = parameters;
    if (typeof keyid === 'string' && typeof nonce === 'string' && alg === 'ecdsa-p256-sha256') {
      const at = created instanceof Date ? created.getTime() / 1000 : Number.NaN;
      if (Number.isSafeInteger(at)) told.push({ keyid, nonce, created: at });
    }
    return true;
  });
  return read && told.length === 1 ? told[0] : undefined;
}

function isSigned(
  method: string,
  url: string,
  headers: Record<string, string>,
  publicKey: Hex,
  verifier: Verifier,
): Promise<boolean> {
  return verifyMessage(method, url, headers, (_parameters, data, signature) => {
    if (signature.length !== 64) return false;
    // RFC 9421 §3.3.4 does not ask for a low s, other than our objects.
    return verifyBytes(verifier, publicKey, data, fromBytes(lowerS(signature)));
  });
}

type Judge = (
  parameters: Readonly<Record<string, unknown>>,
  data: Uint8Array,
  signature: Uint8Array,
) => boolean | Promise<boolean>;

/** Runs the library over the request with `judge` as the check; what it cannot read is false. */
async function verifyMessage(
  method: string,
  url: string,
  headers: Record<string, string>,
  judge: Judge,
): Promise<boolean> {
  try {
    const result = await httpbis.verifyMessage(
      {
        keyLookup: async () => ({
          algs: ['ecdsa-p256-sha256'],
          verify: async (data, signature, parameters) =>
            judge(parameters ?? {}, new Uint8Array(data), new Uint8Array(signature)),
        }),
        requiredFields: [...signedComponents],
        requiredParams: ['created', 'keyid', 'alg', 'nonce'],
        notAfter: Number.MAX_SAFE_INTEGER,
      },
      { method, url, headers },
    );
    return result === true;
  } catch {
    return false;
  }
}

function sameText(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
