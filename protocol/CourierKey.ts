import { Aes128Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from '@hpke/core';
import { hexToBytes } from '@noble/hashes/utils.js';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { fromBytes, type Hex, isHex } from './Hex.ts';
import { keyId } from './KeyId.ts';
import { isPublicKey } from './Signer.ts';

/** The HPKE suite of all sealing (RFC 9180): DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM. */
export const hpkeSuite = () =>
  new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes128Gcm() });

/** A provider's key that records are sealed for, as it is kept in its key file. */
export interface CourierKeyJson {
  /** x‖y. */
  readonly publicKey: Hex;
  /** The scalar, 32 bytes: a secret. */
  readonly privateKey: Hex;
}

/** The private half, ready to open segments. `Key` is the platform's CryptoKey. */
export interface CourierKey {
  readonly publicKey: Hex;
  /** Names the key in segment headers: SHA-256 of x‖y. */
  readonly keyId: Hex;
  readonly privateKey: Awaited<ReturnType<DhkemP256HkdfSha256['deserializePrivateKey']>>;
}

/** A new key pair from the platform's randomness; keep the private half secret. */
export async function generateCourierKey(): Promise<CourierKeyJson> {
  const { kem } = hpkeSuite();
  const pair = await kem.generateKeyPair();
  return {
    publicKey: fromBytes(new Uint8Array(await kem.serializePublicKey(pair.publicKey)).subarray(1)),
    privateKey: fromBytes(new Uint8Array(await kem.serializePrivateKey(pair.privateKey))),
  };
}

/** Why a key file's content is no courier key. */
export type CourierKeyRefusal = 'not-a-courier-key' | 'keys-do-not-match';

/** Reads a key pair as {@link generateCourierKey} made it. */
export async function openCourierKey(json: unknown): Promise<Result<CourierKey, CourierKeyRefusal>> {
  const { publicKey, privateKey: scalar } = (json ?? {}) as Partial<CourierKeyJson>;
  if (!isPublicKey(publicKey) || !isHex(scalar, 32))
    return refuse('not-a-courier-key', 'a courier key has a public key of 64 and a private key of 32 bytes');
  const suite = hpkeSuite();
  try {
    const privateKey = await suite.kem.deserializePrivateKey(hexToBytes(scalar.slice(2)));
    // A round trip through both halves: the public key is stated beside the scalar and could be another's.
    const recipientPublicKey = await suite.kem.deserializePublicKey(hexToBytes(`04${publicKey.slice(2)}`));
    const probe = await suite.seal({ recipientPublicKey }, new Uint8Array([1]));
    await suite.open({ recipientKey: privateKey, enc: probe.enc }, probe.ct);
    return accept({ publicKey, keyId: keyId(publicKey), privateKey });
  } catch {
    return refuse('keys-do-not-match', 'the private key does not belong to the public key');
  }
}
