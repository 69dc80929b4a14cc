import { fromBytes, toBytes } from './Hex.ts';
import type { Signer, Verifier } from './Signer.ts';

/** What this file needs of the W3C Web Cryptography API's SubtleCrypto; `Key` is its CryptoKey. */
export interface SubtlePort<Key> {
  exportKey(format: 'raw', key: Key): Promise<ArrayBuffer>;
  importKey(
    format: 'raw',
    data: Uint8Array<ArrayBuffer>,
    algorithm: { name: 'ECDSA'; namedCurve: 'P-256' },
    extractable: boolean,
    usages: ['verify'],
  ): Promise<Key>;
  sign(
    algorithm: { name: 'ECDSA'; hash: 'SHA-256' },
    key: Key,
    data: Uint8Array<ArrayBuffer>,
  ): Promise<ArrayBuffer>;
  verify(
    algorithm: { name: 'ECDSA'; hash: 'SHA-256' },
    key: Key,
    signature: Uint8Array<ArrayBuffer>,
    data: Uint8Array<ArrayBuffer>,
  ): Promise<boolean>;
}

const ecdsa = { name: 'ECDSA', hash: 'SHA-256' } as const;
const own = (bytes: Uint8Array) => new Uint8Array(bytes);

/** A signer over a WebCrypto key pair, whose private key need not be extractable. */
export async function webCryptoSigner<Key>(
  subtle: SubtlePort<Key>,
  keyPair: { readonly publicKey: Key; readonly privateKey: Key },
): Promise<Signer> {
  const raw = new Uint8Array(await subtle.exportKey('raw', keyPair.publicKey));
  return {
    publicKey: fromBytes(raw.subarray(1)),
    sign: async (bytes) => new Uint8Array(await subtle.sign(ecdsa, keyPair.privateKey, own(bytes))),
  };
}

/** A verifier over WebCrypto. */
export function webCryptoVerifier<Key>(subtle: SubtlePort<Key>): Verifier {
  return {
    async verify(publicKey, bytes, signature) {
      try {
        const raw = new Uint8Array([4, ...toBytes(publicKey)]);
        const algorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const;
        const key = await subtle.importKey('raw', raw, algorithm, false, ['verify']);
        return await subtle.verify(ecdsa, key, own(signature), own(bytes));
      } catch {
        return false;
      }
    },
  };
}
