import * as crypto from 'node:crypto';
import { fromBytes } from '@p2p-power/protocol/Hex';
import { nodeCryptoVerifier } from '@p2p-power/protocol/nodeCryptoSigner';
import { hasLowS } from '@p2p-power/protocol/Signer';
import { expect, test } from 'vitest';
import { seededKey } from './SeededKey.ts';

const verifier = nodeCryptoVerifier(crypto);
const messages = Array.from({ length: 40 }, (_, index) => new TextEncoder().encode(`message ${index}`));

test('the platform verifies every signature, each with a low s', () => {
  const key = seededKey('anna');
  for (const message of messages) {
    const signature = key.sign(message);
    expect(verifier.verify(key.publicKey, message, signature)).toBe(true);
    expect(hasLowS(signature)).toBe(true);
  }
});

test('a signature is of one message and one key only', () => {
  const signature = seededKey('anna').sign(messages[0] as Uint8Array);
  expect(verifier.verify(seededKey('anna').publicKey, messages[1] as Uint8Array, signature)).toBe(false);
  expect(verifier.verify(seededKey('cem').publicKey, messages[0] as Uint8Array, signature)).toBe(false);
});

test('the same key and message give the same signature, other messages others', () => {
  const signatures = messages.map((message) => fromBytes(seededKey('anna').sign(message)));
  expect(messages.map((message) => fromBytes(seededKey('anna').sign(message)))).toEqual(signatures);
  expect(new Set(signatures.map((signature) => signature.slice(0, 66))).size).toBe(messages.length);
});

test('the nonce is that of RFC 6979 A.2.5, P-256 with SHA-256', async () => {
  const { p256 } = await import('@noble/curves/nist.js');
  for (const message of messages) {
    const key = seededKey('vector');
    const secret = Buffer.from(key.privateKey.slice(2), 'hex');
    expect(fromBytes(key.sign(message))).toBe(
      fromBytes(p256.sign(message, new Uint8Array(secret), { prehash: true, lowS: true })),
    );
  }
});
