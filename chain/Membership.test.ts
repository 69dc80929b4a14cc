import { keccak256, toHex } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  cancelRedemption,
  readBalance,
  readRedemption,
  requestRedemption,
  requestRedemptionFor,
  signRedemptionRequest,
} from './ChargeToken.ts';
import { claimPayout, settleBatch } from './Clearing.ts';
import {
  addKey,
  type ConsortiumAction,
  executeProposal,
  isLiableAt,
  proposeAction,
  readKeyTimes,
  readMember,
  readVoterCount,
  retireKey,
  voteFor,
} from './Consortium.ts';
import { foundTestNetwork, type TestNetwork, testAccount, testKey } from './testing/foundTestNetwork.ts';
import { makeBatch, testCharges } from './testing/makeBatch.ts';

const dayS = 86_400;
let nowS = 1_790_000_000;
let network: TestNetwork;
const bert = testAccount('operator Bert');
const name32 = (name: string) => keccak256(toHex(name));

beforeAll(async () => {
  network = await foundTestNetwork({ now: () => nowS });
});
afterAll(() => network?.anvil.stop());

/** B proposes, C votes, either executes. */
async function decide(action: ConsortiumAction) {
  const { client, members } = network;
  const [, b, c] = members;
  const proposed = await proposeAction(client, b.signer, action, name32(`${action.kind} ${nowS}`));
  if (!proposed.ok) return proposed;
  await voteFor(client, c.signer, proposed.value.proposalId);
  return executeProposal(client, c.signer, proposed.value.proposalId);
}

async function settle(sequence: bigint, periodStart: number) {
  const { client, deployment, members, agreementId } = network;
  const [debtor, creditor] = members;
  const made = await makeBatch(
    deployment,
    { debtor, creditor },
    {
      sequence,
      agreementId,
      charges: testCharges(2, `batch ${sequence}`),
      payouts: [{ account: bert.address, cumulativeMicro: 1_000_000n * sequence }],
      change: { periodStart: BigInt(periodStart), periodEnd: BigInt(periodStart + dayS) },
    },
  );
  const settled = await settleBatch(client, creditor.signer, made.signed);
  return { settled, proof: made.payoutProof(0) };
}

test('suspended by vote: no voice and no new debts, and the old ones are settled all the same', async () => {
  const { client, members } = network;
  const [a] = members;
  nowS += 2 * dayS;
  expect(await decide({ kind: 'suspend', memberId: a.memberId })).toMatchObject({ ok: true });
  const suspendedAt = (await readMember(client, a.memberId))?.suspendedAt as number;
  expect(suspendedAt).toBeGreaterThanOrEqual(nowS);
  expect(await readVoterCount(client)).toBe(2);
  expect(await isLiableAt(client, a.memberId, suspendedAt - 1)).toBe(true);
  expect(await isLiableAt(client, a.memberId, suspendedAt)).toBe(false);
  const voice = { kind: 'reinstate', memberId: a.memberId } as const;
  expect(await proposeAction(client, a.signer, voice, name32('own'))).toMatchObject({
    refusal: 'suspended-member',
  });
  expect((await settle(1n, suspendedAt)).settled).toMatchObject({ refusal: 'not-liable' });
  expect((await settle(1n, suspendedAt - dayS)).settled).toMatchObject({ value: { outcome: 'settled' } });
  nowS += dayS;
  expect(await decide({ kind: 'suspend', memberId: a.memberId })).toMatchObject({
    refusal: 'suspended-member',
  });
  expect(await decide(voice)).toMatchObject({ ok: true });
  expect(await readMember(client, a.memberId)).toMatchObject({ suspendedAt: null });
  const second = await settle(2n, suspendedAt);
  expect(second.settled).toMatchObject({ value: { outcome: 'settled' } });
  nowS += dayS;
  expect(await decide(voice)).toMatchObject({ refusal: 'member-not-suspended' });
  expect(
    await claimPayout(client, bert, {
      debtor: a.memberId,
      creditor: members[1].memberId,
      account: bert.address,
      cumulativeMicro: 2_000_000n,
      proof: second.proof,
    }),
  ).toMatchObject({ ok: true });
});

test('keys overlap in a rotation, and a leak ends the old one at once', async () => {
  const { client, members } = network;
  const [a] = members;
  const [old, next] = [testKey('DEAAA'), testKey('DEAAA next')];
  expect(await addKey(client, a.signer, next)).toMatchObject({ ok: true });
  const until = nowS + 30 * dayS;
  expect(await retireKey(client, a.signer, { ...old, from: until })).toMatchObject({
    value: { outcome: 'done' },
  });
  expect(await retireKey(client, a.signer, { ...old, from: until })).toMatchObject({
    value: { outcome: 'already-done' },
  });
  expect(await readKeyTimes(client, a.memberId, old)).toMatchObject({ retiredAt: until });
  expect(await readKeyTimes(client, a.memberId, next)).toMatchObject({ retiredAt: null });
  expect(await readKeyTimes(client, a.memberId, testKey('never seen'))).toBeNull();
  expect(await retireKey(client, a.signer, { ...old, from: until + 1 })).toMatchObject({
    refusal: 'retirement-not-earlier',
  });
  expect(await retireKey(client, a.signer, { ...old, from: nowS - dayS })).toMatchObject({
    refusal: 'time-passed',
  });
  nowS += dayS;
  expect(await retireKey(client, a.signer, old)).toMatchObject({ value: { outcome: 'done' } });
  expect(await retireKey(client, a.signer, old)).toMatchObject({ value: { outcome: 'already-done' } });
  expect((await readKeyTimes(client, a.memberId, old))?.retiredAt).toBe(nowS);
  expect((await readMember(client, a.memberId))?.keys).toHaveLength(2);
});

test('a holder signs a request, anyone brings it, and after ten days it is overdue and taken elsewhere', async () => {
  const { client, deployment, members } = network;
  const [, b, c] = members;
  const request = { provider: b.memberId, amountMicro: 400_000n, reference: name32('one') };
  const signed = await signRedemptionRequest(deployment, bert, { ...request, deadline: nowS + 60 });
  const relay = testAccount('relay');
  expect(await requestRedemptionFor(client, relay, { ...signed, amountMicro: 400_001n })).toMatchObject({
    refusal: 'request-signature-invalid',
  });
  const brought = await requestRedemptionFor(client, relay, signed);
  if (!brought.ok) throw new Error(brought.detail);
  expect(brought.value.outcome).toBe('done');
  expect(await requestRedemptionFor(client, relay, signed)).toMatchObject({
    value: { outcome: 'already-done' },
  });
  const { redemptionId } = brought.value;
  expect(await readRedemption(client, redemptionId)).toMatchObject({ holder: bert.address, status: 'open' });

  nowS += 10 * dayS + 2;
  await network.anvil.mine();
  expect(await readRedemption(client, redemptionId)).toMatchObject({ status: 'overdue' });
  expect(
    await requestRedemptionFor(client, relay, {
      ...(await signRedemptionRequest(deployment, bert, {
        ...request,
        reference: name32('two'),
        deadline: nowS - 60,
      })),
    }),
  ).toMatchObject({ refusal: 'request-expired' });
  expect(await cancelRedemption(client, bert, redemptionId)).toMatchObject({ ok: true });
  expect(await readBalance(client, bert.address)).toBe(2_000_000n);
  expect(
    await requestRedemption(client, bert, { ...request, provider: c.memberId, reference: name32('three') }),
  ).toMatchObject({ value: { outcome: 'done' } });
});

test('the members decide by which clocks prices are computed anew', async () => {
  const zone = 'America/Sao_Paulo';
  const rule = { zone, from: 0, standardOffsetS: -10_800, daylightSaving: 'none' } as const;
  expect(await decide({ kind: 'set-time-zone', rule })).toMatchObject({ ok: true });
  nowS += dayS;
  expect(await decide({ kind: 'set-time-zone', rule: { ...rule, from: nowS } })).toMatchObject({
    refusal: 'time-zone-rule-in-past',
  });
  expect(
    await decide({ kind: 'set-time-zone', rule: { ...rule, zone: 'Asia/Tokyo', from: nowS + 1 } }),
  ).toMatchObject({ refusal: 'time-zone-malformed' });
});
