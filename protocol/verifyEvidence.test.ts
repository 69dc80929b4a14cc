import * as crypto from 'node:crypto';
import { expect, test } from 'vitest';
import { nodeCryptoVerifier } from './nodeCryptoSigner.ts';
import { buildEvidence, testTrust } from './testing/world.ts';
import { verifyEvidence } from './verifyEvidence.ts';
const verifier = nodeCryptoVerifier(crypto);
test('valid', async () => {
  expect(await verifyEvidence(await buildEvidence(), testTrust, verifier)).toMatchObject({ ok: true });
});
