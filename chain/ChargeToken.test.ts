import { keccak256, toHex } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  beginPayment,
  cancelRedemption,
  confirmReceipt,
  markPaid,
  readBalance,
  readPosition,
  readRedemption,
  readSupply,
  requestRedemption,
} from './ChargeToken.ts';
import { claimPayout, settleBatch } from './Clearing.ts';
import { foundTestNetwork, type TestNetwork, testAccount } from './testing/foundTestNetwork.ts';
import { makeBatch, testCharges } from './testing/makeBatch.ts';

const bert = testAccount('operator Bert');
const reference = (text: string) => keccak256(toHex(text));
let network: TestNetwork;
let earnedMicro: bigint;

beforeAll(async () => {
  network = await foundTestNetwork();
  const [debtor, creditor] = network.members;
  const charges = testCharges(2);
  earnedMicro = charges.reduce((sum, { chargeMicro }) => sum + chargeMicro, 0n);
  const made = await makeBatch(
    network.deployment,
    { debtor, creditor },
    {
      sequence: 1n,
      agreementId: network.agreementId,
      charges,
      payouts: [{ account: bert.address, cumulativeMicro: earnedMicro }],
    },
  );
  expect((await settleBatch(network.client, creditor.signer, made.signed)).ok).toBe(true);
  const claimed = await claimPayout(network.client, creditor.signer, {
    debtor: debtor.memberId,
    creditor: creditor.memberId,
    account: bert.address,
    cumulativeMicro: earnedMicro,
    proof: made.payoutProof(0),
  });
  expect(claimed.ok).toBe(true);
});
afterAll(() => network?.anvil.stop());

async function request(amountMicro: bigint, text: string) {
  const provider = network.members[1].memberId;
  return requestRedemption(network.client, bert, { provider, amountMicro, reference: reference(text) });
}

async function requestId(amountMicro: bigint, text: string) {
  const requested = await request(amountMicro, text);
  if (!requested.ok) throw new Error(requested.detail);
  return requested.value.redemptionId;
}

async function positions() {
  return Promise.all(
    network.members.map(async ({ memberId }) => (await readPosition(network.client, memberId)).positionMicro),
  );
}

test('asked for, paid, burned; the positions become the net between providers', async () => {
  const { client, members } = network;
  const [a, b] = members;
  const redemptionId = await requestId(1_000_000n, 'first');
  expect(await request(1_000_000n, 'first')).toMatchObject({ ok: true, value: { outcome: 'already-done' } });
  expect(await request(2_000_000n, 'first')).toMatchObject({ ok: false, refusal: 'redemption-exists' });
  expect(await readBalance(client, bert.address)).toBe(earnedMicro - 1_000_000n);
  expect(await readRedemption(client, redemptionId)).toMatchObject({
    holder: bert.address,
    provider: b.memberId,
    amountMicro: 1_000_000n,
    status: 'open',
    bankReference: null,
  });

  const payment = { redemptionId, bankReference: reference('bank transfer 1') };
  expect(await markPaid(client, a.signer, payment)).toMatchObject({ ok: false, refusal: 'not-the-provider' });
  expect(await markPaid(client, b.signer, payment)).toMatchObject({ ok: true, value: { outcome: 'done' } });
  expect(await markPaid(client, b.signer, payment)).toMatchObject({
    ok: true,
    value: { outcome: 'already-done' },
  });
  expect(await readRedemption(client, redemptionId)).toMatchObject({
    status: 'paid',
    bankReference: payment.bankReference,
  });
  expect(await cancelRedemption(client, bert, redemptionId)).toMatchObject({ refusal: 'redemption-closed' });
  expect(await readSupply(client)).toBe(earnedMicro - 1_000_000n);
  expect(await positions()).toEqual([earnedMicro, -1_000_000n, 0n]);

  const other = await requestId(5n, 'second');
  expect(await markPaid(client, b.signer, { ...payment, redemptionId: other })).toMatchObject({
    refusal: 'bank-reference-used',
  });
  expect(await cancelRedemption(client, bert, other)).toMatchObject({ ok: true });

  // A pays B what it owes by the net; B says that it came.
  const receipt = { payer: a.memberId, amountMicro: 1_000_000n, bankReference: reference('from A to B') };
  expect(await confirmReceipt(client, b.signer, { ...receipt, amountMicro: 1_000_001n })).toMatchObject({
    refusal: 'not-owed',
  });
  expect(await confirmReceipt(client, b.signer, receipt)).toMatchObject({
    ok: true,
    value: { outcome: 'done' },
  });
  expect(await confirmReceipt(client, b.signer, receipt)).toMatchObject({
    ok: true,
    value: { outcome: 'already-done' },
  });
  expect(await positions()).toEqual([earnedMicro - 1_000_000n, 0n, 0n]);
});

test('taken back, unless the money is on its way', async () => {
  const { client, members } = network;
  const before = await readBalance(client, bert.address);
  const redemptionId = await requestId(7n, 'taken back');
  expect(await cancelRedemption(client, testAccount('thief'), redemptionId)).toMatchObject({
    refusal: 'not-the-holder',
  });
  expect(await cancelRedemption(client, bert, redemptionId)).toMatchObject({
    ok: true,
    value: { outcome: 'done' },
  });
  expect(await cancelRedemption(client, bert, redemptionId)).toMatchObject({
    value: { outcome: 'already-done' },
  });
  expect(await readBalance(client, bert.address)).toBe(before);

  const paying = await requestId(8n, 'on its way');
  expect(await beginPayment(client, members[1].signer, paying)).toMatchObject({ ok: true });
  expect(await cancelRedemption(client, bert, paying)).toMatchObject({ refusal: 'payment-under-way' });
  expect(await readRedemption(client, paying)).toMatchObject({ status: 'paying', payBy: expect.any(Number) });
});

test('refused by name: nothing, too much, nobody, unknown', async () => {
  const { client, members } = network;
  expect(await request(0n, 'nothing')).toMatchObject({ refusal: 'amount-missing' });
  expect(await request(earnedMicro * 2n, 'too much')).toMatchObject({ refusal: 'balance-too-low' });
  const nobody = { provider: reference('nobody'), amountMicro: 1n, reference: reference('x') };
  expect(await requestRedemption(client, bert, nobody)).toMatchObject({ refusal: 'not-a-member' });
  expect(await beginPayment(client, members[1].signer, reference('unknown'))).toMatchObject({
    refusal: 'redemption-unknown',
  });
  expect(await readRedemption(client, reference('unknown'))).toBeNull();
});
