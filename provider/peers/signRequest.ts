import { createHash, randomBytes } from 'node:crypto';
import { keyId } from '@p2p-power/protocol/KeyId';
import type { Signer } from '@p2p-power/protocol/Signer';
import { httpbis } from 'http-message-signatures';

/** What every request between providers is signed over (RFC 9421 §2). */
export const signedComponents = ['@method', '@target-uri', 'content-digest'] as const;

/** A request ready to be sent: `headers` carry the digest and the signature. */
export interface SignedRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The Content-Digest header of a body (RFC 9530 §2), SHA-256; of the empty text where there is no body. */
export function contentDigest(body: string | Uint8Array): string {
  return `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;
}

/**
 * Signs a request with the provider's certificate key: RFC 9421, `ecdsa-p256-sha256`, over
 * {@link signedComponents} with `created`, `keyid`, `alg` and a `nonce`, so that the receiver can tell
 * a request sent twice by us from one that somebody else sends again.
 *
 * `now` is in epoch seconds.
 */
export async function signRequest(
  request: { readonly url: string; readonly method: string; readonly body?: string },
  signer: Signer,
  now: number,
  nonce: string = randomBytes(16).toString('hex'),
): Promise<SignedRequest> {
  const body = request.body ?? '';
  const method = request.method.toUpperCase();
  const url = new URL(request.url).href;
  const signed = await httpbis.signMessage(
    {
      key: {
        id: keyId(signer.publicKey),
        alg: 'ecdsa-p256-sha256',
        sign: async (data) => Buffer.from(await signer.sign(data)),
      },
      fields: [...signedComponents],
      params: ['created', 'keyid', 'alg', 'nonce'],
      paramValues: { created: new Date(now * 1000), nonce },
    },
    {
      url,
      method,
      headers: {
        'content-digest': contentDigest(body),
        ...(body !== '' && { 'content-type': 'application/json' }),
      },
    },
  );
  return { url, method, headers: signed.headers as Record<string, string>, body };
}
