import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { fromBytes, type Hex } from './Hex.ts';

/** SHA-256 (FIPS 180-4) of the bytes, as hex: the id of every signed object, and every commitment. */
export function sha256(bytes: Uint8Array): Hex {
  return fromBytes(nobleSha256(bytes));
}

/** The same, 32 bytes. */
export const sha256Bytes = (bytes: Uint8Array): Uint8Array => nobleSha256(bytes);
