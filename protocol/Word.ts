import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { fromBytes, type Hex, toBytes } from './Hex.ts';
import { sha256, sha256Bytes } from './sha256.ts';

/** Bytes of one word of the ABI encoding: all that is signed is a row of such words (Solidity ABI, "Formal Specification of the Encoding"). */
export const wordBytes = 32;

/** Highest unsigned integer that a field may hold: what JavaScript counts exactly, 2^53 − 1. */
export const maxUint = Number.MAX_SAFE_INTEGER;

const digits = 64;

/** A non-negative safe integer as uint256. Throws on a bug of the caller; parsers check before. */
export function uint(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`not an unsigned safe integer: ${value}`);
  return value.toString(16).padStart(digits, '0');
}

/** Writes what {@link uint} says into 32 zero bytes at `offset`. */
export function writeUint(bytes: Uint8Array, offset: number, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`not an unsigned safe integer: ${value}`);
  const end = offset + wordBytes;
  for (let at = end - 1, low = value >>> 0; low > 0; at -= 1, low >>>= 8) bytes[at] = low;
  if (value <= 0xffffffff) return;
  for (let at = end - 5, high = Math.floor(value / 0x1_0000_0000); high > 0; at -= 1, high >>>= 8)
    bytes[at] = high;
}

/** Writes lower-case hex after its `0x` into the bytes up to `end`, as an ABI word is padded. */
export function writeHex(bytes: Uint8Array, end: number, hex: string): void {
  let at = end - 1;
  for (let digit = hex.length - 1; digit > 1; digit -= 2, at -= 1)
    bytes[at] = nibble(hex.charCodeAt(digit)) | (nibble(hex.charCodeAt(digit - 1)) << 4);
}

const nibble = (code: number): number => (code < 58 ? code - 48 : code - 87);

/** Writes what {@link text} says into 32 zero bytes at `offset`. */
export function writeText(bytes: Uint8Array, offset: number, value: string): void {
  if (!isText(value)) throw new RangeError('not printable ASCII of at most 32 characters');
  for (let at = 0; at < value.length; at += 1) bytes[offset + at] = value.charCodeAt(at);
}

/** Printable ASCII of at most 32 characters as bytes32, left-aligned and padded with zeros. */
export function text(value: string): string {
  if (!isText(value)) throw new RangeError('not printable ASCII of at most 32 characters');
  return bytesToHex(utf8ToBytes(value)).padEnd(digits, '0');
}

/** Whether the text fits a word: 1 to 32 printable ASCII characters. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && /^[\x20-\x7e]{1,32}$/.test(value);
}

/** Commitment to a text that must not be read from a chain: SHA-256 of 32 random salt bytes and the UTF-8 text. */
export function sealedText(salt: Hex, value: string): Hex {
  const sealed = utf8ToBytes(value);
  const bytes = new Uint8Array(wordBytes + sealed.length);
  writeHex(bytes, wordBytes, salt);
  bytes.set(sealed, wordBytes);
  return sha256(bytes);
}

const typeWords = new Map<string, Map<Hex, Uint8Array>>();

/**
 * The word that leads every signed object and binds its type, the type's version and the network:
 * SHA-256 of the ASCII text `p2p-power/1/<Name>` followed by the 32 bytes of the network id.
 */
export const typeWord = (name: string, networkId: Hex): Hex => fromBytes(typeWordBytes(name, networkId));

/** The same as bytes, computed once for each type and network; not to be written to. */
export function typeWordBytes(name: string, networkId: Hex): Uint8Array {
  let words = typeWords.get(name);
  if (words === undefined) {
    words = new Map();
    typeWords.set(name, words);
  }
  let word = words.get(networkId);
  if (word === undefined) {
    word = sha256Bytes(concatBytes(utf8ToBytes(`p2p-power/1/${name}`), toBytes(networkId)));
    if (words.size > 1_000) words.clear();
    words.set(networkId, word);
  }
  return word;
}
