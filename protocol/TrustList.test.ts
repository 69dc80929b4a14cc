import * as crypto from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodeCryptoVerifier } from './nodeCryptoSigner.ts';
import { openTrustList, type TrustContent, TrustListHead, trustContentHash } from './TrustList.ts';
import { bytes32, dawn, makeProvider, networkId, testKey } from './testing/world.ts';

const verifier = nodeCryptoVerifier(crypto);
const issuer = makeProvider('DEBBB');
const expected = {
  networkId,
  issuerId: 'DEBBB',
  issuerKeys: [testKey('old key').publicKey, issuer.key.publicKey],
};
const content: TrustContent = {
  providers: [
    {
      providerId: 'DEAAA',
      name: 'Stadtwerke A',
      keys: [{ publicKey: testKey('A').publicKey, addedAt: dawn, retiredAt: 0 }],
    },
  ],
  revocations: [{ certificateId: bytes32('revoked'), providerId: 'DEAAA', revokedAt: dawn }],
};

async function trustList(
  contentJson = JSON.stringify(content),
  overrides: Partial<TrustListHead> = {},
  signer = issuer.key,
) {
  const head = {
    providerId: 'DEBBB',
    issuerKeyId: issuer.issuerKeyId,
    issuedAt: dawn,
    contentHash: trustContentHash(contentJson),
    ...overrides,
  };
  return { head: await TrustListHead.sign(networkId, head, signer), contentJson };
}

test('what the issuer signed is opened, byte by byte, whatever its spelling', async () => {
  expect(await openTrustList(await trustList(), expected, verifier)).toMatchObject({
    ok: true,
    value: { head: { issuedAt: dawn }, content },
  });
  const spaced = await trustList(JSON.stringify(content, null, 3));
  expect(await openTrustList(spaced, expected, verifier)).toMatchObject({ ok: true, value: { content } });
});

test('every other list is refused by name', async () => {
  const good = await trustList();
  const wrongKey = {
    ...content,
    providers: [{ ...content.providers[0], keys: [{ publicKey: '0x00', addedAt: 0, retiredAt: 0 }] }],
  };
  for (const [list, refusal] of [
    [null, 'not-an-object'],
    [{ head: good.head }, 'not-an-object'],
    [{ ...good, head: {} }, 'missing-field'],
    [await trustList(undefined, { providerId: 'DEAAA' }), 'wrong-issuer'],
    [await trustList(undefined, { issuerKeyId: bytes32('unknown') }), 'wrong-issuer'],
    [{ ...good, contentJson: `${good.contentJson} ` }, 'content-mismatch'],
    [await trustList('{'), 'bad-content'],
    [await trustList('{"providers":[]}'), 'bad-content'],
    [await trustList(JSON.stringify(wrongKey)), 'bad-content'],
    [await trustList('{"providers":[],"revocations":[7]}'), 'bad-content'],
    [await trustList(undefined, {}, testKey('stranger')), 'bad-signature'],
    [{ ...good, head: { ...good.head, value: { ...good.head.value, issuedAt: dawn + 1 } } }, 'bad-signature'],
  ] as const)
    expect(await openTrustList(list, expected, verifier)).toMatchObject({ ok: false, refusal });
  expect(await openTrustList(good, { ...expected, networkId: bytes32('other') }, verifier)).toMatchObject({
    refusal: 'bad-signature',
  });
});

test('no JSON makes it throw', async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (json) => void (await openTrustList(json, expected, verifier))),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.json(),
      async (json) => void (await openTrustList(await trustList(json), expected, verifier)),
    ),
    { numRuns: 40 },
  );
});
