import * as crypto from 'node:crypto';
import { nodeCryptoSigner, publicKeyFromSpki } from '../nodeCryptoSigner.ts';
import type { Signer } from '../Signer.ts';

/** A new key of node:crypto, as stations and servers have them: the fastest there is here. */
export function nativeKey(): Signer {
  const { publicKey, privateKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  return nodeCryptoSigner(crypto, privateKey, publicKeyFromSpki(new Uint8Array(spki)));
}
