import { buildBatch } from '@p2p-power/protocol/Batch';
import { type FeeTerms, feeBound } from '@p2p-power/protocol/PeeringFee';
import fc from 'fast-check';
import { type Address, type Hex, keccak256, toHex } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signBatch } from './BatchSigning.ts';
import { settleBatch } from './Clearing.ts';
import { decodeMemberId, encodeMemberId } from './MemberId.ts';
import {
  acceptAgreement,
  giveNotice,
  proposeAgreement,
  readAgreement,
  readCurrentAgreement,
  readFeeBound,
} from './Peering.ts';
import {
  deployDayAheadShare,
  deployVolumeDiscount,
  postDayAheadPrices,
  readDayAheadPrices,
  readKnownTerms,
} from './PeeringTerms.ts';
import { foundTestNetwork, type TestNetwork, testAccount, testTerms } from './testing/foundTestNetwork.ts';

let network: TestNetwork;
beforeAll(async () => {
  network = await foundTestNetwork();
});
afterAll(() => network?.anvil.stop());

const generic = { feeShareBp: testTerms.feeShareBp, feeMicroPerKwh: Number(testTerms.feeMicroPerKwh) };
const tiers = [
  { fromWh: 0, feeShareBp: 300 },
  { fromWh: 100_000, feeShareBp: 150 },
  { fromWh: 5_000_000, feeShareBp: 75 },
];

/** A and C under a terms contract; each pair's first agreement here is the only one. */
async function agreeOn(termsContract: Address, first: 0 | 1): Promise<Hex> {
  const { client, members } = network;
  const [me, other] = [members[first], members[2]];
  const terms = { ...testTerms, termsContract };
  const proposal = { me: me.memberId, other: other.memberId, version: 1, terms };
  const proposed = await proposeAgreement(client, me.signer, proposal);
  if (!proposed.ok) throw new Error(proposed.detail);
  const accepted = await acceptAgreement(client, other.signer, proposed.value.agreementId);
  if (!accepted.ok) throw new Error(accepted.detail);
  return proposed.value.agreementId;
}

test('a volume discount: the twin computes what the contract says, and a batch by it is settled', async () => {
  const { client, members } = network;
  const [a, , c] = members;
  const address = await deployVolumeDiscount(client, a.signer, tiers);
  const known = await readKnownTerms(client, address);
  expect(known).toEqual({ kind: 'volume-discount', tiers });
  if (known?.kind !== 'volume-discount') throw new Error('unknown');
  const agreementId = await agreeOn(address, 0);
  expect((await readAgreement(client, agreementId))?.terms.termsContract).toBe(address);
  const terms: FeeTerms = { ...generic, contract: known };
  await fc.assert(
    fc.asyncProperty(fc.nat(9_000_000), fc.maxSafeNat(), async (energyWh, totalMicro) => {
      const usage = { from: 0, to: 1, energyWh, totalMicro };
      const onChain = await readFeeBound(client, agreementId, {
        debtor: a.memberId,
        creditor: c.memberId,
        from: 0n,
        to: 1n,
        count: 1n,
        energyWh: BigInt(energyWh),
        totalMicro: BigInt(totalMicro),
      });
      expect(feeBound(terms, usage)).toBe(onChain);
    }),
    { numRuns: 25 },
  );

  const { batch, fees } = buildBatch({
    networkId: client.deployment.networkId,
    debtor: decodeMemberId(a.memberId),
    creditor: decodeMemberId(c.memberId),
    sequence: 1,
    periodStart: 1_760_000_000,
    periodEnd: 1_760_086_400,
    agreementId,
    terms,
    charges: [7_777_777, 1, 12_345_678].map((chargeMicro, index) => ({
      authorizationId: keccak256(toHex(`authorization ${index}`)),
      cdrId: keccak256(toHex(`cdr ${index}`)),
      chargeMicro,
      energyWh: 40_000,
      operatorAccount: testAccount(`operator ${index}`).address,
    })),
    previousPayouts: [],
  });
  // 120 kWh are in the second tier: floor(1.5 % of 20.123456) = 301 851, borne in proportion.
  expect(fees).toEqual([116_666n, 0n, 185_184n]);
  const onChain = {
    ...batch,
    debtor: encodeMemberId(batch.debtor),
    creditor: encodeMemberId(batch.creditor),
    sequence: 1n,
    periodStart: BigInt(batch.periodStart),
    periodEnd: BigInt(batch.periodEnd),
    count: BigInt(batch.count),
    energyWh: BigInt(batch.energyWh),
    totalMicro: BigInt(batch.totalMicro),
    feeMicro: BigInt(batch.feeMicro),
  };
  const signed = {
    batch: onChain,
    debtorSignature: await signBatch(client.deployment, onChain, a.signer),
    creditorSignature: await signBatch(client.deployment, onChain, c.signer),
  };
  expect(await settleBatch(client, a.signer, signed)).toMatchObject({ value: { outcome: 'settled' } });
});

test('a share of the day-ahead price: posted once, read by day, the twin computes the same', async () => {
  const { client, members } = network;
  const [, b, c] = members;
  const publisher = testAccount('publisher');
  const rates = { shareBp: 1_500, floorMicroPerKwh: 3_000, ceilingMicroPerKwh: 30_000 };
  const address = await deployDayAheadShare(client, b.signer, { publisher: publisher.address, ...rates });
  expect(await readKnownTerms(client, address)).toEqual({
    kind: 'day-ahead-share',
    publisher: publisher.address,
    ...rates,
  });
  const prices = { firstDay: 20_000, microPerKwh: [80_000, -12_000, 950_000] };
  expect(await postDayAheadPrices(client, b.signer, address, prices)).toMatchObject({
    refusal: 'not-the-publisher',
  });
  expect(await postDayAheadPrices(client, publisher, address, prices)).toMatchObject({
    value: { outcome: 'done' },
  });
  expect(await postDayAheadPrices(client, publisher, address, prices)).toMatchObject({
    value: { outcome: 'already-done' },
  });
  expect(
    await postDayAheadPrices(client, publisher, address, { firstDay: 20_001, microPerKwh: [1] }),
  ).toMatchObject({ refusal: 'price-exists' });
  const priceMicroPerKwhByDay = await readDayAheadPrices(client, address, { first: 19_998, count: 10 });
  expect(priceMicroPerKwhByDay).toEqual({ 20000: 80_000, 20001: -12_000, 20002: 950_000 });

  const agreementId = await agreeOn(address, 1);
  const terms: FeeTerms = {
    ...generic,
    contract: { kind: 'day-ahead-share', ...rates, priceMicroPerKwhByDay },
  };
  for (const [firstDay, days] of [
    [20_000, 1],
    [20_000, 3],
    [19_999, 5],
    [19_998, 63],
  ] as const) {
    const usage = {
      from: firstDay * 86_400,
      to: (firstDay + days) * 86_400,
      energyWh: 77_777,
      totalMicro: 9e9,
    };
    const onChain = await readFeeBound(client, agreementId, {
      debtor: c.memberId,
      creditor: b.memberId,
      count: 1n,
      from: BigInt(usage.from),
      to: BigInt(usage.to),
      energyWh: BigInt(usage.energyWh),
      totalMicro: BigInt(usage.totalMicro),
    });
    expect(feeBound(terms, usage)).toBe(onChain);
  }
});

test('of another contract, and of none, nothing is known but its answer', async () => {
  const { client, deployment } = network;
  expect(await readKnownTerms(client, deployment.clearing)).toBeNull();
  expect(await readKnownTerms(client, testAccount('nobody').address)).toBeNull();
});

test('malformed terms are deployed by nobody', async () => {
  const { client, members } = network;
  await expect(deployVolumeDiscount(client, members[0].signer, [])).rejects.toMatchObject({
    name: 'ChainFault',
  });
});

test('notice ends an agreement once, and what was charged before keeps it', async () => {
  const { client, members, agreementId } = network;
  const [a, b, c] = members;
  const now = Number((await client.rpc.getBlock()).timestamp);
  const endsAt = now + testTerms.noticeS + 3_600;
  expect(await giveNotice(client, a.signer, agreementId, now)).toMatchObject({ refusal: 'notice-too-short' });
  expect(await giveNotice(client, c.signer, agreementId, endsAt)).toMatchObject({ refusal: 'not-a-party' });
  expect(await giveNotice(client, b.signer, agreementId, endsAt)).toMatchObject({
    value: { outcome: 'done' },
  });
  expect(await giveNotice(client, b.signer, agreementId, endsAt)).toMatchObject({
    value: { outcome: 'already-done' },
  });
  expect(await giveNotice(client, a.signer, agreementId, endsAt + 1)).toMatchObject({
    refusal: 'notice-given-already',
  });
  expect(await readCurrentAgreement(client, a.memberId, b.memberId, endsAt - 1)).toMatchObject({
    agreementId,
    endsAt,
  });
  expect(await readCurrentAgreement(client, a.memberId, b.memberId, endsAt)).toBeNull();
});
