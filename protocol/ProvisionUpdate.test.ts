import * as crypto from 'node:crypto';
import { expect, test } from 'vitest';
import { keyId } from './KeyId.ts';
import { nodeCryptoVerifier } from './nodeCryptoSigner.ts';
import { openProvisionUpdate, type ProvisionHead, signProvisionUpdate } from './ProvisionUpdate.ts';
import { bytes32, dawn, makeProvider, networkId, testKey } from './testing/world.ts';

const verifier = nodeCryptoVerifier(crypto);
const issuer = makeProvider('DEBBB');
const stationKeyId = keyId(testKey('station').publicKey);
const expected = {
  networkId,
  issuerId: 'DEBBB',
  issuerKeys: [testKey('old key').publicKey, issuer.key.publicKey],
  stationKeyId,
};
const content = { timeZone: 'Europe/Berlin', prices: [1, 2] };

const update = (changes: Partial<ProvisionHead> = {}, signer = issuer.key, network = networkId) =>
  signProvisionUpdate(
    network,
    { providerId: 'DEBBB', issuerKeyId: issuer.issuerKeyId, stationKeyId, issuedAt: dawn, ...changes },
    content,
    signer,
  );

test('what the provider signed for this station is opened', async () => {
  const carried: unknown = JSON.parse(JSON.stringify(await update()));
  expect(await openProvisionUpdate(carried, expected, verifier)).toMatchObject({
    ok: true,
    value: { head: { issuedAt: dawn, stationKeyId }, content },
  });
});

test('everything else is refused by name', async () => {
  const good = await update();
  for (const [json, refusal] of [
    [null, 'not-an-object'],
    [{ head: good.head }, 'not-an-object'],
    [{ ...good, head: {} }, 'missing-field'],
    [await update({ providerId: 'DEAAA' }), 'wrong-issuer'],
    [await update({ issuerKeyId: bytes32('nobody') }), 'wrong-issuer'],
    [await update({ stationKeyId: bytes32('another') }), 'wrong-station'],
    [{ ...good, contentJson: `${good.contentJson} ` }, 'content-mismatch'],
    [await update({}, testKey('stranger')), 'bad-signature'],
    [await update({}, issuer.key, bytes32('another network')), 'bad-signature'],
    [{ ...good, head: { ...good.head, value: { ...good.head.value, issuedAt: dawn + 1 } } }, 'bad-signature'],
  ] as const)
    expect(await openProvisionUpdate(json, expected, verifier)).toMatchObject({ ok: false, refusal });
});
