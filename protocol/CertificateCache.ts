import type { Hex } from './Hex.ts';
import { isRecord, type Signed } from './SignedObject.ts';

/**
 * Remembers certificates that were found genuine and sound, so that one seen before costs neither a
 * signature check nor a hash. Only the very same certificate is known again: each field, the signature
 * and the issuer's key are compared, so that a good one never vouches for a spoilt one.
 */
export interface CertificateCache {
  /** The id of a certificate that is known to be genuine in this network under this issuer's key, else undefined. */
  knownId(networkId: Hex, certificate: Signed<object>, issuerKey: Hex): Hex | undefined;
  remember(networkId: Hex, certificate: Signed<object>, issuerKey: Hex, certificateId: Hex): void;
}

/** A cache of at most `capacity` certificates; the oldest goes first. */
export function certificateCache(capacity = 20_000): CertificateCache {
  const known = new Map<
    Hex,
    { readonly networkId: Hex; readonly value: object; readonly issuerKey: Hex; readonly id: Hex }
  >();
  return {
    knownId(networkId, { value, signature }, issuerKey) {
      const entry = known.get(signature);
      return entry !== undefined &&
        entry.issuerKey === issuerKey &&
        entry.networkId === networkId &&
        isSame(entry.value, value)
        ? entry.id
        : undefined;
    },
    remember(networkId, { value, signature }, issuerKey, id) {
      if (known.size >= capacity && !known.has(signature)) known.delete(known.keys().next().value as Hex);
      known.set(signature, { networkId, value, issuerKey, id });
    },
  };
}

/** Whether two values of one type of signed object are the same in every field. */
function isSame(one: object, other: object): boolean {
  for (const name in one) {
    const [mine, its] = [one[name as keyof typeof one], other[name as keyof typeof other]] as [
      unknown,
      unknown,
    ];
    if (mine !== its && !(isRecord(mine) && isRecord(its) && isSame(mine, its))) return false;
  }
  return true;
}
