import { p256 } from '@noble/curves/nist.js';
import { decodeHex, fromBytes, type Hex, isHex, toBytes } from './Hex.ts';

/**
 * Whatever holds a P-256 private key: a browser's key store, a file, a secure element, a smartcard.
 * `publicKey` is x‖y (64 bytes). `sign` hashes the bytes with SHA-256 and answers r‖s (64 bytes,
 * FIPS 186-5 ECDSA); its s may be high, {@link signBytes} lowers it.
 */
export interface Signer {
  readonly publicKey: Hex;
  sign(bytes: Uint8Array): Promise<Uint8Array> | Uint8Array;
}

/** Checks an ECDSA P-256 SHA-256 signature r‖s over the bytes. Never throws: what cannot be checked is false. */
export interface Verifier {
  verify(publicKey: Hex, bytes: Uint8Array, signature: Uint8Array): Promise<boolean> | boolean;
}

/** Order of P-256's group (FIPS 186-5, SP 800-186 §3.2.1.3). */
export const groupOrder = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const halfOrder = groupOrder >> 1n;
const halfOrderBytes = toBytes(`0x${halfOrder.toString(16).padStart(64, '0')}`);

/** Whether s is in the lower half, as contracts demand; of the two valid signatures only that one counts here. */
export function hasLowS(signature: Uint8Array): boolean {
  if (signature.length !== 64) return false;
  for (let at = 0; at < 32; at += 1) {
    const [digit, most] = [signature[32 + at] as number, halfOrderBytes[at] as number];
    if (digit !== most) return digit < most;
  }
  return true;
}

/** The same signature with the low s: (r, n − s) is as valid as (r, s). */
export function lowerS(signature: Uint8Array): Uint8Array {
  if (signature.length !== 64) throw new RangeError('a P-256 signature has 64 bytes');
  if (hasLowS(signature)) return signature;
  const s = BigInt(fromBytes(signature.subarray(32, 64)));
  const lowered = signature.slice();
  lowered.set(toBytes(`0x${(groupOrder - s).toString(16).padStart(64, '0')}`), 32);
  return lowered;
}

/** Signs and lowers s. */
export async function signBytes(signer: Signer, bytes: Uint8Array): Promise<Hex> {
  return fromBytes(lowerS(await signer.sign(bytes)));
}

/** Whether `signature` is a low-s signature of `publicKey` over the bytes. */
export function verifyBytes(
  verifier: Verifier,
  publicKey: Hex,
  bytes: Uint8Array,
  signature: Hex,
): Promise<boolean> | boolean {
  const raw = decodeHex(signature);
  return raw !== undefined && hasLowS(raw) && verifier.verify(publicKey, bytes, raw);
}

/** Whether x‖y is a point of the curve: a key that is none would make every check false later. */
export function isPublicKey(value: unknown): value is Hex {
  if (!isHex(value, 64)) return false;
  try {
    p256.Point.fromHex(`04${value.slice(2)}`).assertValidity();
    return true;
  } catch {
    return false;
  }
}
