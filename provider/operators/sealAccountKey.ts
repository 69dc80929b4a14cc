import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { fromBytes, type Hex, toBytes } from '@p2p-power/protocol/Hex';

/** A secret of 32 random bytes that is kept in a file outside the database. */
export type SealingKey = Uint8Array;

/** AES-256-GCM (NIST SP 800-38D) with a key of its own for each account, by HKDF (RFC 5869) with a random salt. */
const algorithm = 'aes-256-gcm';
const version = '1';

function keyFor(sealingKey: SealingKey, salt: Uint8Array): Uint8Array {
  if (sealingKey.length !== 32) throw new RangeError('the sealing key has 32 bytes');
  return new Uint8Array(hkdfSync('sha256', sealingKey, salt, 'p2p-power/1/operator-account', 32));
}

/**
 * Seals the private key of a chain account for the database: `1.salt.nonce.tag.ciphertext`, base64url.
 * The account's address is authenticated with it, so that no row can take another's place.
 */
export function sealAccountKey(sealingKey: SealingKey, account: Hex, privateKey: Hex): string {
  const salt = randomBytes(16);
  const nonce = randomBytes(12);
  const cipher = createCipheriv(algorithm, keyFor(sealingKey, salt), nonce);
  cipher.setAAD(Buffer.from(account));
  const sealed = Buffer.concat([cipher.update(toBytes(privateKey)), cipher.final()]);
  return [
    version,
    ...[salt, nonce, cipher.getAuthTag(), sealed].map((part) => part.toString('base64url')),
  ].join('.');
}

/** The private key again; throws where the sealing key, the account or the text is not the one it was sealed with. */
export function openAccountKey(sealingKey: SealingKey, account: Hex, sealed: string): Hex {
  const [form, ...parts] = sealed.split('.');
  const [salt, nonce, tag, ciphertext] = parts.map((part) => Buffer.from(part, 'base64url'));
  if (form !== version || parts.length !== 4 || !salt || !nonce || !tag || !ciphertext || tag.length !== 16)
    throw new Error('not a sealed account key');
  const decipher = createDecipheriv(algorithm, keyFor(sealingKey, salt), nonce, { authTagLength: 16 });
  decipher.setAAD(Buffer.from(account));
  decipher.setAuthTag(tag);
  return fromBytes(Buffer.concat([decipher.update(ciphertext), decipher.final()]));
}
