import { webcrypto } from 'node:crypto';
import { webCryptoVerifier } from '@p2p-power/protocol/webCryptoSigner';
import { expect, test } from 'vitest';
import { memoryStore } from '../store/Store.ts';
import { driverSigner, forgetDriverKeys, makeDriverKey } from './DriverKey.ts';

const subtle = webcrypto.subtle as SubtleCrypto;
const bytes = new TextEncoder().encode('an authorization');

test('a key is kept before it is used, cannot be taken out, and signs as itself when it is found again', async () => {
  const store = memoryStore();
  const made = await makeDriverKey(store, subtle);
  const [[, pair] = []] = await store.list('key/');
  expect((pair as CryptoKeyPair).privateKey.extractable).toBe(false);
  await expect(subtle.exportKey('pkcs8', (pair as CryptoKeyPair).privateKey)).rejects.toThrow();
  const found = await driverSigner(store, subtle, made.publicKey);
  const signature = (await found?.sign(bytes)) ?? new Uint8Array();
  expect(found?.publicKey).toBe(made.publicKey);
  expect(await webCryptoVerifier(subtle).verify(made.publicKey, bytes, signature)).toBe(true);
});

test('whose private key is not here has no signer', async () => {
  const store = memoryStore();
  const elsewhere = await makeDriverKey(memoryStore(), subtle);
  expect(await driverSigner(store, subtle, elsewhere.publicKey)).toBeUndefined();
});

test('keys are forgotten but for those that are still needed', async () => {
  const store = memoryStore();
  const [old, present] = [await makeDriverKey(store, subtle), await makeDriverKey(store, subtle)];
  await store.put('settings', 7);
  await forgetDriverKeys(store, new Set([present.publicKey]));
  expect(await driverSigner(store, subtle, old.publicKey)).toBeUndefined();
  expect(await driverSigner(store, subtle, present.publicKey)).toBeDefined();
  expect(await store.get('settings')).toBe(7);
});
