import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  acceptAgreement,
  feeBoundMicro,
  proposeAgreement,
  readAgreement,
  readCurrentAgreement,
  readFeeBound,
  type Terms,
} from './Peering.ts';
import { foundTestNetwork, type TestNetwork, testTerms } from './testing/foundTestNetwork.ts';

let network: TestNetwork;
beforeAll(async () => {
  network = await foundTestNetwork();
});
afterAll(() => network?.anvil.stop());

test('proposed by one, accepted by the other, never changed, followed by a next version', async () => {
  const { client, members, agreementId } = network;
  const [a, b] = members;
  const first = await readAgreement(client, agreementId);
  expect(first).toEqual({
    agreementId,
    members: [a.memberId, b.memberId],
    proposer: a.memberId,
    version: 1,
    acceptedAt: expect.any(Number),
    endsAt: null,
    terms: testTerms,
  });

  const terms: Terms = { ...testTerms, feeShareBp: 100, validFrom: 2_000_073_600 };
  const proposal = { me: b.memberId, other: a.memberId, version: 2, terms };
  const proposed = await proposeAgreement(client, b.signer, proposal);
  if (!proposed.ok) throw new Error(proposed.detail);
  expect(await proposeAgreement(client, b.signer, proposal)).toMatchObject({
    value: { outcome: 'already-done' },
  });
  const next = proposed.value.agreementId;
  expect(
    await proposeAgreement(client, a.signer, { ...proposal, me: a.memberId, other: b.memberId }),
  ).toMatchObject({ refusal: 'agreement-exists' });
  expect(await acceptAgreement(client, b.signer, next)).toMatchObject({ refusal: 'not-the-other' });
  expect(await readCurrentAgreement(client, a.memberId, b.memberId, 2_000_073_600)).toEqual(first);
  expect(await acceptAgreement(client, a.signer, next)).toMatchObject({ value: { outcome: 'done' } });
  expect(await acceptAgreement(client, a.signer, next)).toMatchObject({ value: { outcome: 'already-done' } });

  expect(await readCurrentAgreement(client, a.memberId, b.memberId, 2_000_073_599)).toEqual(first);
  expect(await readCurrentAgreement(client, b.memberId, a.memberId, 2_000_073_600)).toMatchObject({
    agreementId: next,
    version: 2,
    terms,
  });
  expect(await readCurrentAgreement(client, a.memberId, members[2].memberId, 2_000_073_600)).toBeNull();
});

test('refused by name: with oneself, out of turn, malformed, unknown', async () => {
  const { client, members } = network;
  const [a, , c] = members;
  const propose = (change: Partial<Parameters<typeof proposeAgreement>[2]>) =>
    proposeAgreement(client, a.signer, {
      me: a.memberId,
      other: c.memberId,
      version: 1,
      terms: testTerms,
      ...change,
    });
  expect(await propose({ other: a.memberId })).toMatchObject({ refusal: 'same-member' });
  expect(await propose({ version: 2 })).toMatchObject({ refusal: 'version-not-next' });
  expect(await propose({ terms: { ...testTerms, feeShareBp: 10_001 } })).toMatchObject({
    refusal: 'terms-malformed',
  });
  expect(await propose({ terms: { ...testTerms, periodS: 0 } })).toMatchObject({
    refusal: 'terms-malformed',
  });
  expect(await acceptAgreement(client, a.signer, `0x${'12'.repeat(32)}`)).toMatchObject({
    refusal: 'agreement-unknown',
  });
  expect(await readAgreement(client, `0x${'12'.repeat(32)}`)).toBeNull();
});

test('the bound of the fee is the contract’s own', async () => {
  const { client, agreementId } = network;
  const [a, b] = network.members;
  await fc.assert(
    fc.asyncProperty(
      fc.bigInt({ min: 0n, max: 2n ** 100n }),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      async (totalMicro, energyWh) => {
        const bound = await readFeeBound(client, agreementId, {
          debtor: a.memberId,
          creditor: b.memberId,
          from: 0n,
          to: 1n,
          count: 1n,
          energyWh,
          totalMicro,
        });
        expect(feeBoundMicro(testTerms, totalMicro, energyWh)).toBe(bound);
      },
    ),
    { numRuns: 30 },
  );
});
