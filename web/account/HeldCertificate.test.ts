import crypto from 'node:crypto';
import { DriverCertificate } from '@p2p-power/protocol/DriverCertificate';
import type { Hex } from '@p2p-power/protocol/Hex';
import { dawn, day, makeDriver, makeProvider, trustIn } from '@p2p-power/protocol/testing/world';
import { webCryptoVerifier } from '@p2p-power/protocol/webCryptoSigner';
import { accept, refuse } from '@p2p-power/tariff/Result';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { memoryStore, type Store } from '../store/Store.ts';
import { driverSigner } from './DriverKey.ts';
import {
  ageOf,
  type CertificatePorts,
  dropCertificate,
  heldCertificate,
  renewCertificate,
  usableCertificate,
} from './HeldCertificate.ts';

const provider = makeProvider('DEAAA');
const subtle = crypto.webcrypto.subtle as SubtleCrypto;
let store: Store;
beforeEach(() => {
  store = memoryStore();
});

const issue = async (publicKey: Hex, changes: Partial<DriverCertificate> = {}, by = provider) =>
  (await makeDriver(by, 'Anna', { publicKey, ...changes })).certificate;

const ports = (requestCertificate: CertificatePorts['requestCertificate']): CertificatePorts => ({
  store,
  subtle,
  verifier: webCryptoVerifier(subtle),
  now: dawn,
  trust: trustIn(provider),
  requestCertificate,
});
const genuine = ports(async (publicKey) => accept(await issue(publicKey)));

describe('the certificate that the phone holds', () => {
  test('a genuine one is kept, and its key signs', async () => {
    const held = { ...genuine, store };
    const renewed = await renewCertificate(held, []);
    expect(renewed.ok).toBe(true);
    const usable = await usableCertificate(store, subtle, dawn);
    if (!usable.ok) throw new Error(usable.refusal);
    expect(usable.value.signer.publicKey).toBe(usable.value.certificate.value.publicKey);
    const bytes = new Uint8Array([1, 2, 3]);
    const signature = await usable.value.signer.sign(bytes);
    expect(await held.verifier.verify(usable.value.signer.publicKey, bytes, signature)).toBe(true);
  });

  test('the private key cannot be taken out of the browser', async () => {
    await renewCertificate({ ...genuine, store }, []);
    const [entry] = await store.list('key/');
    const pair = entry?.[1] as CryptoKeyPair;
    expect(pair.privateKey.extractable).toBe(false);
    await expect(subtle.exportKey('pkcs8', pair.privateKey)).rejects.toThrow();
  });

  test('each renewal has a new key; the old one stays while a charge needs it', async () => {
    const first = await renewCertificate({ ...genuine, store }, []);
    if (!first.ok) throw new Error(first.refusal);
    const firstKey = first.value.value.publicKey;
    const second = await renewCertificate({ ...genuine, store }, [firstKey]);
    if (!second.ok) throw new Error(second.refusal);
    expect(second.value.value.publicKey).not.toBe(firstKey);
    expect(await driverSigner(store, subtle, firstKey)).toBeDefined();
    await renewCertificate({ ...genuine, store }, []);
    expect(await driverSigner(store, subtle, firstKey)).toBeUndefined();
    expect(await store.list('key/')).toHaveLength(1);
  });

  test.each([
    ['the provider’s own refusal', async () => refuse('account-closed', 'closed'), 'account-closed'],
    ['nonsense', async () => accept({ value: 1 }), 'malformed-certificate'],
    [
      'another key',
      async () => accept(await issue((await makeDriver(provider, 'Cem')).key.publicKey)),
      'certificate-mismatch',
    ],
    [
      'a stranger',
      async (publicKey: Hex) => accept(await issue(publicKey, {}, makeProvider('DEXXX'))),
      'unknown-driver-provider',
    ],
    [
      'a forger',
      async (publicKey: Hex) => {
        const { key } = makeProvider('DEXXX');
        return accept(await issue(publicKey, {}, { ...provider, key }));
      },
      'bad-certificate-signature',
    ],
  ] as const)('%s leaves the old one in hand', async (_name, requestCertificate, refusal) => {
    const first = await renewCertificate({ ...genuine, store }, []);
    expect(await renewCertificate({ ...ports(requestCertificate), store }, [])).toMatchObject({ refusal });
    expect(first.ok && (await heldCertificate(store))).toEqual(first.ok && first.value);
    expect(await usableCertificate(store, subtle, dawn)).toMatchObject({ ok: true });
  });

  test('it is usable from its first to before its last second', async () => {
    expect(await usableCertificate(store, subtle, dawn)).toMatchObject({ refusal: 'no-certificate' });
    await renewCertificate({ ...genuine, store }, []);
    expect(await usableCertificate(store, subtle, dawn - 14 * day - 1)).toMatchObject({
      refusal: 'certificate-not-yet-valid',
    });
    expect(await usableCertificate(store, subtle, dawn + 14 * day)).toMatchObject({
      refusal: 'certificate-expired',
    });
    await dropCertificate(store, []);
    expect(await usableCertificate(store, subtle, dawn)).toMatchObject({ refusal: 'no-certificate' });
    expect(await store.list('key/')).toEqual([]);
  });

  test('it is renewed when two thirds of its life are over', async () => {
    const { value } = await issue((await makeDriver(provider)).key.publicKey, {
      notBefore: 300,
      notAfter: 600,
    });
    expect([300, 499, 500, 599, 600].map((now) => ageOf(value, now))).toEqual([
      'good',
      'good',
      'renew-soon',
      'renew-soon',
      'expired',
    ]);
    fc.assert(
      fc.property(fc.nat(1_000), fc.nat(1_000), fc.nat(3_000), (notBefore, life, now) => {
        const age = ageOf({ ...value, notBefore, notAfter: notBefore + life }, now);
        expect(age === 'expired').toBe(now >= notBefore + life);
      }),
    );
  });

  test('what was kept and is no certificate is none', async () => {
    await store.put('account/certificate', { value: 'old' });
    expect(await heldCertificate(store)).toBeUndefined();
    expect(DriverCertificate.parseSigned(await store.get('account/certificate')).ok).toBe(false);
  });
});
