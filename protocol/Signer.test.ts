import * as crypto from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromBytes, type Hex, toBytes } from './Hex.ts';
import { nodeCryptoVerifier } from './nodeCryptoSigner.ts';
import {
  groupOrder,
  hasLowS,
  isPublicKey,
  lowerS,
  type Signer,
  signBytes,
  type Verifier,
  verifyBytes,
} from './Signer.ts';
import { nativeKey } from './testing/nativeKey.ts';
import { testKey } from './testing/world.ts';
import { webCryptoSigner, webCryptoVerifier } from './webCryptoSigner.ts';

const bytes = new TextEncoder().encode('p2p-power');

async function signers(): Promise<Readonly<Record<string, Signer>>> {
  const { subtle } = crypto.webcrypto;
  const webPair = await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
  return {
    'node:crypto': nativeKey(),
    WebCrypto: await webCryptoSigner(subtle, webPair),
    'the tests’ own': testKey('a signer'),
  };
}
const verifiers: Readonly<Record<string, Verifier>> = {
  'node:crypto': nodeCryptoVerifier(crypto),
  WebCrypto: webCryptoVerifier(crypto.webcrypto.subtle),
};

describe('every verifier takes what every signer signs, and nothing else', async () => {
  for (const [signerName, signer] of Object.entries(await signers()))
    test.each(Object.entries(verifiers))(`${signerName} signs, %s verifies`, async (_, verifier) => {
      for (let round = 0; round < 10; round += 1) {
        const signature = await signBytes(signer, bytes);
        expect(hasLowS(toBytes(signature))).toBe(true);
        expect(await verifyBytes(verifier, signer.publicKey, bytes, signature)).toBe(true);
        const high = fromBytes(highS(toBytes(signature)));
        expect(await verifier.verify(signer.publicKey, bytes, toBytes(high))).toBe(true);
        expect(await verifyBytes(verifier, signer.publicKey, bytes, high)).toBe(false);
        expect(await verifyBytes(verifier, signer.publicKey, bytes.subarray(1), signature)).toBe(false);
        expect(await verifyBytes(verifier, testKey('other').publicKey, bytes, signature)).toBe(false);
      }
    });
});

test.each(Object.entries(verifiers))(
  'what %s cannot check is false, never an exception',
  async (_, verifier) => {
    const zero = `0x${'0'.repeat(128)}` as Hex;
    const offCurve = `0x${'01'.repeat(64)}` as Hex;
    const { publicKey } = testKey('a signer');
    for (const [key, signature] of [
      [publicKey, zero],
      [offCurve, zero],
      [zero, zero],
      [publicKey, '0x00'],
      [publicKey, 'no hex'],
      [publicKey, zero.toUpperCase()],
      [publicKey, `0x${'ff'.repeat(64)}`],
    ] as [Hex, Hex][])
      expect(await verifyBytes(verifier, key, bytes, signature), `${key} ${signature}`).toBe(false);
    for (const length of [0, 63, 65])
      expect(await verifier.verify(publicKey, bytes, new Uint8Array(length))).toBe(false);
  },
);

test('the lower s of a signature and of its mirror are the same', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.bigInt({ min: 1n, max: groupOrder - 1n }),
      (r, s) => {
        const signature = new Uint8Array([...r, ...toBytes(`0x${s.toString(16).padStart(64, '0')}`)]);
        const lowered = lowerS(signature);
        expect(hasLowS(lowered)).toBe(true);
        expect(hasLowS(signature)).toBe(s <= groupOrder / 2n);
        expect(lowerS(highS(lowered))).toEqual(lowered);
      },
    ),
  );
  expect(hasLowS(new Uint8Array(63))).toBe(false);
  expect(() => lowerS(new Uint8Array(63))).toThrow(RangeError);
  const half = toBytes(`0x${(groupOrder >> 1n).toString(16).padStart(64, '0')}`);
  expect(hasLowS(new Uint8Array([...half, ...half]))).toBe(true);
  half[31] = (half[31] as number) + 1;
  expect(hasLowS(new Uint8Array([...half, ...half]))).toBe(false);
});

test('a key is a point of the curve', () => {
  expect(isPublicKey(testKey('a').publicKey)).toBe(true);
  for (const wrong of [
    `0x${'01'.repeat(64)}`,
    `0x${'0'.repeat(128)}`,
    '0x',
    null,
    7,
    testKey('a').publicKey.toUpperCase(),
  ])
    expect(isPublicKey(wrong)).toBe(false);
});

test('the verifier’s key cache is bounded and does not confuse keys', async () => {
  const verifier = nodeCryptoVerifier(crypto, 2);
  const keys = ['a', 'b', 'c', 'd'].map(testKey);
  for (let round = 0; round < 3; round += 1)
    for (const key of keys) {
      const signature = await signBytes(key, bytes);
      for (const other of keys)
        expect(verifyBytes(verifier, other.publicKey, bytes, signature)).toBe(other === key);
    }
});

function highS(signature: Uint8Array): Uint8Array {
  const s = BigInt(fromBytes(signature.subarray(32)));
  return new Uint8Array([
    ...signature.subarray(0, 32),
    ...toBytes(`0x${(groupOrder - s).toString(16).padStart(64, '0')}`),
  ]);
}
