import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromBytes } from './Hex.ts';
import { sha256, sha256Bytes, sha256Text } from './sha256.ts';

test('the published values (FIPS 180-4 examples)', () => {
  const ascii = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
  expect(sha256(ascii(''))).toBe('0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  expect(sha256(ascii('abc'))).toBe('0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

test('the platform computes what the portable code computes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1_000 }), (bytes) => {
      expect(sha256(bytes)).toBe(fromBytes(nobleSha256(bytes)));
      expect(sha256Bytes(bytes)).toEqual(nobleSha256(bytes));
    }),
  );
});

test('a text is hashed as its UTF-8 bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(sha256Text(text)).toBe(sha256(new TextEncoder().encode(text)));
    }),
  );
});
