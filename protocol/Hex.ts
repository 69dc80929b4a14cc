import { bytesToHex } from '@noble/hashes/utils.js';

/** Lower-case hexadecimal led by `0x`, two digits a byte: how hashes, keys and signatures are printed. */
export type Hex = `0x${string}`;

/** 32 bytes of nothing: where a hash or an id is named and there is none. */
export const zeroHash: Hex = `0x${'0'.repeat(64)}`;

export function fromBytes(bytes: Uint8Array): Hex {
  return `0x${bytesToHex(bytes)}`;
}

/** The bytes of hex after its `0x`. Throws on anything that {@link isHex} refuses: call that first on untrusted text. */
export function toBytes(hex: Hex): Uint8Array {
  const bytes = decodeHex(hex);
  if (bytes === undefined) throw new RangeError('not lower-case hexadecimal led by 0x');
  return bytes;
}

const notADigit = 0x100;
const digitOf = new Uint16Array(128).fill(notADigit);
for (let digit = 0; digit < 16; digit += 1) digitOf[digit.toString(16).charCodeAt(0)] = digit;

/** The bytes of hex, or undefined where it has another form. Own code: the platform's costs three times as much here. */
export function decodeHex(hex: string): Uint8Array | undefined {
  if (hex.length % 2 !== 0 || hex.charCodeAt(0) !== 0x30 || hex.charCodeAt(1) !== 0x78) return undefined;
  const bytes = new Uint8Array(hex.length / 2 - 1);
  let seen = 0;
  for (let at = 0, digit = 2; at < bytes.length; at += 1, digit += 2) {
    const high = digitOf[hex.charCodeAt(digit)] ?? notADigit;
    const low = digitOf[hex.charCodeAt(digit + 1)] ?? notADigit;
    seen |= high | low;
    bytes[at] = (high << 4) | low;
  }
  return seen < notADigit ? bytes : undefined;
}

/** Whether `value` is lower-case hex of exactly `byteLength` bytes. One spelling only, so that equal means `===`. */
export function isHex(value: unknown, byteLength: number): value is Hex {
  return typeof value === 'string' && value.length === 2 + 2 * byteLength && /^0x[0-9a-f]*$/.test(value);
}
