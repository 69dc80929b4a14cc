import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';

/** Lower-case hexadecimal led by `0x`, two digits a byte: how hashes, keys and signatures are printed. */
export type Hex = `0x${string}`;

export function fromBytes(bytes: Uint8Array): Hex {
  return `0x${bytesToHex(bytes)}`;
}

/** Throws on anything that {@link isHex} refuses: call that first on untrusted text. */
export function toBytes(hex: Hex): Uint8Array {
  return hexToBytes(hex.slice(2));
}

/** Whether `value` is lower-case hex of exactly `byteLength` bytes. One spelling only, so that equal means `===`. */
export function isHex(value: unknown, byteLength: number): value is Hex {
  return typeof value === 'string' && value.length === 2 + 2 * byteLength && /^0x[0-9a-f]*$/.test(value);
}
