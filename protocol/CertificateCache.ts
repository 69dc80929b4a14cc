import type { Hex } from './Hex.ts';

/**
 * Remembers which certificates were found genuine, so that a certificate seen before costs no second
 * signature check. An entry is id, issuer's key and signature: a good certificate never vouches for a
 * spoilt signature beside it.
 */
export interface CertificateCache {
  has(certificateId: Hex, issuerKey: Hex, signature: Hex): boolean;
  remember(certificateId: Hex, issuerKey: Hex, signature: Hex): void;
}

/** A cache of at most `capacity` certificates; the oldest goes first. */
export function certificateCache(capacity = 20_000): CertificateCache {
  const known = new Map<Hex, { readonly signature: Hex; readonly issuerKey: Hex }>();
  return {
    has(certificateId, issuerKey, signature) {
      const entry = known.get(certificateId);
      return entry !== undefined && entry.issuerKey === issuerKey && entry.signature === signature;
    },
    remember(certificateId, issuerKey, signature) {
      if (known.size >= capacity && !known.has(certificateId)) known.delete(known.keys().next().value as Hex);
      known.set(certificateId, { signature, issuerKey });
    },
  };
}
