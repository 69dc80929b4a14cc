import { afterAll, beforeAll, expect, test } from 'vitest';
import { channelId } from './BatchSigning.ts';
import { connectChain } from './ChainClient.ts';
import { readBalance, readPosition, readSupply } from './ChargeToken.ts';
import { claimPayout, isChargeSettled, readChannel, readClaimed, settleBatch } from './Clearing.ts';
import { foundTestNetwork, type TestNetwork, testAccount } from './testing/foundTestNetwork.ts';
import { makeBatch, testCharges } from './testing/makeBatch.ts';

let network: TestNetwork;
beforeAll(async () => {
  network = await foundTestNetwork();
});
afterAll(() => network?.anvil.stop());

const bert = testAccount('operator Bert').address;
const dora = testAccount('operator Dora').address;

test('a batch is settled once, its operators are paid, its charges can be proven', async () => {
  const { client, members, agreementId, deployment } = network;
  const [a, b] = members;
  const charges = testCharges(3);
  const totalMicro = charges.reduce((sum, { chargeMicro }) => sum + chargeMicro, 0n);
  const feeMicro = totalMicro / 100n;
  const payouts = [
    { account: bert, cumulativeMicro: 1_000_000n },
    { account: dora, cumulativeMicro: totalMicro - feeMicro - 1_000_000n },
  ];
  const made = await makeBatch(
    deployment,
    { debtor: a, creditor: b },
    { sequence: 1n, agreementId, charges, payouts, feeMicro },
  );

  const settled = await settleBatch(client, testAccount('anyone'), made.signed);
  expect(settled).toMatchObject({ ok: true, value: { outcome: 'settled' } });
  const again = await settleBatch(client, b.signer, made.signed);
  expect(again).toMatchObject({ ok: true, value: { outcome: 'already-settled' } });
  if (settled.ok && again.ok) expect(again.value).toEqual({ ...settled.value, outcome: 'already-settled' });

  expect(await readSupply(client)).toBe(totalMicro);
  expect((await readPosition(client, a.memberId)).positionMicro).toBe(totalMicro);
  expect(await readBalance(client, b.account)).toBe(feeMicro);
  expect(await readChannel(client, a.memberId, b.memberId)).toEqual({
    channelId: channelId(a.memberId, b.memberId),
    sequence: 1n,
    potMicro: totalMicro - feeMicro,
    payoutsRoot: made.signed.batch.payoutsRoot,
  });

  const claim = {
    debtor: a.memberId,
    creditor: b.memberId,
    account: bert,
    cumulativeMicro: 1_000_000n,
    proof: made.payoutProof(0),
  };
  expect(await claimPayout(client, b.signer, claim)).toMatchObject({
    ok: true,
    value: { outcome: 'claimed', paidMicro: 1_000_000n },
  });
  expect(await claimPayout(client, b.signer, claim)).toEqual({
    ok: true,
    value: { outcome: 'already-claimed', paidMicro: 0n },
  });
  expect(await claimPayout(client, b.signer, { ...claim, cumulativeMicro: 1_000_001n })).toMatchObject({
    ok: false,
    refusal: 'proof-invalid',
  });
  expect(await readBalance(client, bert)).toBe(1_000_000n);
  expect(await readClaimed(client, made.channel, bert)).toBe(1_000_000n);

  const proven = { channelId: made.channel, sequence: 1n, ...charges[2]!, proof: made.chargeProof(2) };
  expect(await isChargeSettled(client, proven)).toBe(true);
  expect(await isChargeSettled(client, { ...proven, chargeMicro: proven.chargeMicro + 1n })).toBe(false);
  expect(await isChargeSettled(client, { ...proven, sequence: 2n })).toBe(false);
});

test('two that send the same batch at the same time settle it once', async () => {
  const { client, members, agreementId, deployment } = network;
  const [a, b] = members;
  const charges = testCharges(1, 'doubled');
  const made = await makeBatch(
    deployment,
    { debtor: b, creditor: a },
    {
      sequence: 1n,
      agreementId,
      charges,
      payouts: [{ account: bert, cumulativeMicro: charges[0]!.chargeMicro }],
    },
  );
  const outcomes = await Promise.all(
    [a.signer, b.signer, a.signer, testAccount('anyone')].map((signer) =>
      settleBatch(client, signer, made.signed),
    ),
  );
  const names = outcomes.map((settled) => (settled.ok ? settled.value.outcome : settled.refusal));
  expect(names.toSorted()).toEqual(['already-settled', 'already-settled', 'already-settled', 'settled']);
  expect(new Set(outcomes.map((settled) => settled.ok && settled.value.txHash)).size).toBe(1);
  expect((await readPosition(client, b.memberId)).issuedMicro).toBe(charges[0]!.chargeMicro);
});

test('refusals come by name', async () => {
  const { client, members, agreementId, deployment } = network;
  const [, b, c] = members;
  const a = members[0];
  const common = {
    agreementId,
    charges: testCharges(1, 'refused'),
    payouts: [{ account: bert, cumulativeMicro: 1n }],
  };
  const parties = { debtor: a, creditor: b };
  const next = (await readChannel(client, a.memberId, b.memberId)).sequence + 1n;
  const attempt = async (content: Parameters<typeof makeBatch>[2], swap: { debtor?: typeof a } = {}) => {
    const made = await makeBatch(deployment, { ...parties, ...swap }, content);
    const settled = await settleBatch(client, a.signer, made.signed);
    return settled.ok ? 'settled' : settled.refusal;
  };

  expect(await attempt({ ...common, sequence: next + 1n })).toBe('sequence-not-next');
  expect(await attempt({ ...common, sequence: next, feeMicro: 10_000_000n })).toBe('fee-too-high');
  expect(await attempt({ ...common, sequence: next, change: { periodEnd: 0n } })).toBe('batch-malformed');
  expect(await attempt({ ...common, sequence: next, change: { creditor: a.memberId } })).toBe('same-member');
  expect(await attempt({ ...common, sequence: 1n }, { debtor: c })).toBe('agreement-not-valid');
  expect(await attempt({ ...common, sequence: next, change: { totalMicro: 10n ** 30n } })).toBe(
    'issuance-limit-exceeded',
  );

  const made = await makeBatch(deployment, parties, { ...common, sequence: next });
  const { batch, debtorSignature, creditorSignature } = made.signed;
  const forged = [
    { batch, debtorSignature: creditorSignature, creditorSignature, refusal: 'debtor-signature-invalid' },
    { batch, debtorSignature, creditorSignature: debtorSignature, refusal: 'creditor-signature-invalid' },
    {
      batch: { ...batch, totalMicro: 1n },
      debtorSignature,
      creditorSignature,
      refusal: 'debtor-signature-invalid',
    },
  ];
  for (const { refusal, ...signed } of forged) {
    expect(await settleBatch(client, a.signer, signed)).toMatchObject({ ok: false, refusal });
  }
});

test('a node that is down is a fault with a safe retry', async () => {
  const { members, agreementId, deployment } = network;
  const dead = connectChain({ rpcUrl: 'http://127.0.0.1:9', deployment });
  const made = await makeBatch(
    deployment,
    { debtor: members[0], creditor: members[1] },
    { sequence: 9n, agreementId, charges: testCharges(1), payouts: [{ account: bert, cumulativeMicro: 1n }] },
  );
  await expect(settleBatch(dead, members[0].signer, made.signed)).rejects.toMatchObject({
    name: 'ChainFault',
    reason: 'rpc-unreachable',
    retryIsSafe: true,
  });
});
