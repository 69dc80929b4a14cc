import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** A secret of 32 random bytes that is kept in a file outside the database. */
export type SealingKey = Uint8Array;

/** What is sealed: each purpose has keys of its own. */
export type SealedPurpose = 'operator-account' | 'bank-account' | 'payment-file';

/** AES-256-GCM (NIST SP 800-38D) with a key of its own for each text, by HKDF (RFC 5869) with a random salt. */
const algorithm = 'aes-256-gcm';
const version = '1';

function keyFor(sealingKey: SealingKey, salt: Uint8Array, purpose: SealedPurpose): Uint8Array {
  if (sealingKey.length !== 32) throw new RangeError('the sealing key has 32 bytes');
  return new Uint8Array(hkdfSync('sha256', sealingKey, salt, `p2p-power/1/${purpose}`, 32));
}

/**
 * Seals bytes for the database: `1.salt.nonce.tag.ciphertext`, base64url. `owner` names whose they are and
 * is authenticated with them, so that no row can take another's place.
 */
export function sealBytes(
  sealingKey: SealingKey,
  purpose: SealedPurpose,
  owner: string,
  bytes: Uint8Array,
): string {
  const salt = randomBytes(16);
  const nonce = randomBytes(12);
  const cipher = createCipheriv(algorithm, keyFor(sealingKey, salt, purpose), nonce);
  cipher.setAAD(Buffer.from(owner));
  const sealed = Buffer.concat([cipher.update(bytes), cipher.final()]);
  return [
    version,
    ...[salt, nonce, cipher.getAuthTag(), sealed].map((part) => part.toString('base64url')),
  ].join('.');
}

/** The bytes again; throws where sealing key, purpose, owner or text is not the one they were sealed with. */
export function openBytes(
  sealingKey: SealingKey,
  purpose: SealedPurpose,
  owner: string,
  sealed: string,
): Uint8Array {
  const [form, ...parts] = sealed.split('.');
  const [salt, nonce, tag, ciphertext] = parts.map((part) => Buffer.from(part, 'base64url'));
  if (form !== version || parts.length !== 4 || !salt || !nonce || !tag || !ciphertext || tag.length !== 16)
    throw new Error('not sealed by this program');
  const decipher = createDecipheriv(algorithm, keyFor(sealingKey, salt, purpose), nonce, {
    authTagLength: 16,
  });
  decipher.setAAD(Buffer.from(owner));
  decipher.setAuthTag(tag);
  return new Uint8Array(Buffer.concat([decipher.update(ciphertext), decipher.final()]));
}
