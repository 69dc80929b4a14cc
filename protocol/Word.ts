import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { fromBytes, type Hex } from './Hex.ts';

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
  return fromBytes(nobleSha256(concatBytes(hexToBytes(salt.slice(2)), utf8ToBytes(value))));
}

const typeWords = new Map<string, string>();

/**
 * The word that leads every signed object and binds its type, the type's version and the network:
 * SHA-256 of the ASCII text `p2p-power/1/<Name>` followed by the 32 bytes of the network id.
 */
export function typeWord(name: string, networkId: Hex): Hex {
  const key = name + networkId;
  let word = typeWords.get(key);
  if (word === undefined) {
    word = fromBytes(
      nobleSha256(concatBytes(utf8ToBytes(`p2p-power/1/${name}`), hexToBytes(networkId.slice(2)))),
    );
    if (typeWords.size > 10_000) typeWords.clear();
    typeWords.set(key, word);
  }
  return word as Hex;
}
