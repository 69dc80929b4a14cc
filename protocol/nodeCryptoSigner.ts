import { base64urlnopad } from '@scure/base';
import { fromBytes, type Hex, toBytes } from './Hex.ts';
import type { Signer, Verifier } from './Signer.ts';

/** What this file needs of the `node:crypto` module; `Key` is its KeyObject. */
export interface NodeCryptoPort<Key> {
  createPublicKey(input: { key: { kty: 'EC'; crv: 'P-256'; x: string; y: string }; format: 'jwk' }): Key;
  sign(algorithm: 'sha256', data: Uint8Array, key: { key: Key; dsaEncoding: 'ieee-p1363' }): Uint8Array;
  verify(
    algorithm: 'sha256',
    data: Uint8Array,
    key: { key: Key; dsaEncoding: 'ieee-p1363' },
    signature: Uint8Array,
  ): boolean;
}

/** A signer over a node:crypto private key; `publicKey` is x‖y. */
export function nodeCryptoSigner<Key>(crypto: NodeCryptoPort<Key>, privateKey: Key, publicKey: Hex): Signer {
  return {
    publicKey,
    sign: (bytes) =>
      new Uint8Array(crypto.sign('sha256', bytes, { key: privateKey, dsaEncoding: 'ieee-p1363' })),
  };
}

/** A verifier that answers at once. */
export interface SyncVerifier extends Verifier {
  verify(publicKey: Hex, bytes: Uint8Array, signature: Uint8Array): boolean;
}

/**
 * A verifier over node:crypto, synchronous. Importing a key costs as much as a good part of a check,
 * so the last `cachedKeys` imported keys are kept.
 */
export function nodeCryptoVerifier<Key>(crypto: NodeCryptoPort<Key>, cachedKeys = 20_000): SyncVerifier {
  const keys = new Map<Hex, Key>();
  const imported = (publicKey: Hex): Key => {
    const known = keys.get(publicKey);
    if (known !== undefined) return known;
    const raw = toBytes(publicKey);
    const coordinate = (from: number) => base64urlnopad.encode(raw.subarray(from, from + 32));
    const key = crypto.createPublicKey({
      key: { kty: 'EC', crv: 'P-256', x: coordinate(0), y: coordinate(32) },
      format: 'jwk',
    });
    if (keys.size >= cachedKeys) keys.delete(keys.keys().next().value as Hex);
    keys.set(publicKey, key);
    return key;
  };
  return {
    verify(publicKey, bytes, signature) {
      try {
        return crypto.verify(
          'sha256',
          bytes,
          { key: imported(publicKey), dsaEncoding: 'ieee-p1363' },
          signature,
        );
      } catch {
        return false;
      }
    },
  };
}

/** x‖y of a public key's SPKI DER bytes (RFC 5480): the last 64 of its 91. */
export function publicKeyFromSpki(spki: Uint8Array): Hex {
  if (spki.length !== 91) throw new RangeError('not the SPKI of an uncompressed P-256 key');
  return fromBytes(spki.subarray(27));
}
