import { spawnSync } from 'node:child_process';
import * as crypto from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCourierKey } from '@p2p-power/protocol/CourierKey';
import { fromBytes } from '@p2p-power/protocol/Hex';
import { nodeCryptoVerifier } from '@p2p-power/protocol/nodeCryptoSigner';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openCourierKeyFile, openSecretFile, openSignerFile } from './openKeyFiles.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'p2p-power-keys-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a key is made once, for its owner only, and signs the same from then on', async () => {
  const file = join(folder, 'keys', 'certificate.pem');
  const signer = openSignerFile(file);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(folder, 'keys'))).toEqual(['certificate.pem']);
  const again = openSignerFile(file);
  expect(again.publicKey).toBe(signer.publicKey);
  const bytes = new TextEncoder().encode('signed');
  const verifier = nodeCryptoVerifier(crypto);
  expect(verifier.verify(signer.publicKey, bytes, await again.sign(bytes))).toBe(true);
  const openssl = spawnSync('openssl', ['pkey', '-in', file, '-noout', '-text'], { encoding: 'utf8' });
  expect(openssl.stdout).toContain('prime256v1');
});

test('a courier key is one that segments are sealed for', async () => {
  const key = openCourierKeyFile(join(folder, 'courier.pem'));
  const opened = await openCourierKey({ publicKey: key.publicKey, privateKey: fromBytes(key.privateKey) });
  expect(opened).toMatchObject({ ok: true, value: { keyId: key.keyId } });
});

test('what is no key is said without showing it', () => {
  const file = join(folder, 'certificate.pem');
  writeFileSync(file, 'hunter2');
  expect(() => openSignerFile(file)).toThrow(`${file} does not hold a private key in PEM`);
  const { privateKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  expect(() => openSignerFile(file)).toThrow(`${file} does not hold a P-256 key`);
  const secret = join(folder, 'sealing.hex');
  expect(openSecretFile(secret)).toBe(openSecretFile(secret));
  writeFileSync(secret, 'hunter2');
  expect(() => openSecretFile(secret)).toThrow(/does not hold 32 bytes/);
  expect(() => openSecretFile(secret)).not.toThrow(/hunter2/);
});
