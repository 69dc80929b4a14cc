import type { Hex } from '@p2p-power/protocol/Hex';
import type { Signer } from '@p2p-power/protocol/Signer';
import { webCryptoSigner } from '@p2p-power/protocol/webCryptoSigner';
import type { Store } from '../store/Store.ts';

/** Makes a P-256 key pair whose private key never leaves the browser, and keeps it before it is used. */
export async function makeDriverKey(store: Store, subtle: SubtleCrypto): Promise<Signer> {
  const pair = await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
  const signer = await webCryptoSigner(subtle, pair);
  await store.put(keyOf(signer.publicKey), pair);
  return signer;
}

/** The signer of a public key x‖y, if this browser holds its private key. */
export async function driverSigner(
  store: Store,
  subtle: SubtleCrypto,
  publicKey: Hex,
): Promise<Signer | undefined> {
  const pair = (await store.get(keyOf(publicKey))) as CryptoKeyPair | undefined;
  return pair === undefined ? undefined : webCryptoSigner(subtle, pair);
}

/** Forgets all keys but those of `kept`: a key lives as long as its certificate or a charge begun with it. */
export async function forgetDriverKeys(store: Store, kept: ReadonlySet<Hex>): Promise<void> {
  const keptKeys = new Set([...kept].map(keyOf));
  for (const [key] of await store.list('key/')) if (!keptKeys.has(key)) await store.remove(key);
}

const keyOf = (publicKey: Hex): string => `key/${publicKey}`;
