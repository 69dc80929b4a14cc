import * as crypto from 'node:crypto';
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { fromBytes, type Hex, isHex } from '@p2p-power/protocol/Hex';
import { keyId } from '@p2p-power/protocol/KeyId';
import { nodeCryptoSigner, publicKeyFromSpki } from '@p2p-power/protocol/nodeCryptoSigner';
import type { Signer } from '@p2p-power/protocol/Signer';
import type { CourierKey } from './CourierKey.ts';
import { readOrMake } from './readOrMake.ts';

/** A key file that cannot be used; the message is for people and does not hold the key. */
export class KeyFileFault extends Error {
  override readonly name = 'KeyFileFault';
}

/** The signer of a P-256 private key in PEM (PKCS #8), which is made where the file is missing. */
export function openSignerFile(file: string): Signer {
  const key = openP256File(file);
  return nodeCryptoSigner(crypto, key, publicKeyOf(key));
}

/** The HPKE key pair of a P-256 private key in PEM (PKCS #8), which is made where the file is missing. */
export function openCourierKeyFile(file: string): CourierKey {
  const key = openP256File(file);
  const publicKey = publicKeyOf(key);
  const scalar = Buffer.from(key.export({ format: 'jwk' }).d as string, 'base64url');
  return {
    publicKey,
    keyId: keyId(publicKey),
    privateKey: new Uint8Array(scalar),
  };
}

/** A secret of 32 bytes as hex, which is made where the file is missing. */
export function openSecretFile(file: string): Hex {
  const text = readOrMake(file, () => fromBytes(new Uint8Array(crypto.randomBytes(32)))).trim();
  if (!isHex(text, 32)) throw new KeyFileFault(`${file} does not hold 32 bytes of hex led by 0x`);
  return text;
}

function openP256File(file: string): KeyObject {
  const pem = readOrMake(file, () =>
    generateKeyPairSync('ec', { namedCurve: 'P-256' })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString(),
  );
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    throw new KeyFileFault(`${file} does not hold a private key in PEM`);
  }
  if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw new KeyFileFault(`${file} does not hold a P-256 key`);
  return key;
}

const publicKeyOf = (key: KeyObject): Hex =>
  publicKeyFromSpki(new Uint8Array(createPublicKey(key).export({ type: 'spki', format: 'der' })));
