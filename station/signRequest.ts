import { createHash } from 'node:crypto';
import type { Hex } from '@p2p-power/protocol/Hex';
import { keyId } from '@p2p-power/protocol/KeyId';
import type { Signer } from '@p2p-power/protocol/Signer';

/**
 * The headers that make a request the station's own: RFC 9421 with `ecdsa-p256-sha256` (§3.3.4) over
 * method, target URI (§2.2.2) and Content-Digest (RFC 9530 §2), with `created`, `keyid`, `alg` and
 * `nonce`, as providers ask for it of each other. `url` is absolute; `now` in epoch seconds; `nonce`
 * 16 bytes that were never used before.
 */
export async function signRequest(
  request: { readonly url: string; readonly method: string; readonly body: string },
  signer: Signer,
  now: number,
  nonce: Hex,
): Promise<Readonly<Record<string, string>>> {
  const digest = `sha-256=:${createHash('sha256').update(request.body).digest('base64')}:`;
  const parameters =
    `("@method" "@target-uri" "content-digest");created=${now};keyid="${keyId(signer.publicKey)}"` +
    `;alg="ecdsa-p256-sha256";nonce="${nonce.slice(2)}"`;
  // RFC 9421 §2.5: one line for each component, the parameters last, no line break after them.
  const base = [
    `"@method": ${request.method}`,
    `"@target-uri": ${new URL(request.url).href}`,
    `"content-digest": ${digest}`,
    `"@signature-params": ${parameters}`,
  ].join('\n');
  const signature = await signer.sign(new TextEncoder().encode(base));
  return {
    'content-digest': digest,
    'signature-input': `sig=${parameters}`,
    signature: `sig=:${Buffer.from(signature).toString('base64')}:`,
  };
}
