import { type Address, type Hex, keccak256, toHex } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ChainClient, connectChain } from './ChainClient.ts';
import {
  beginPayment,
  confirmReceipt,
  markPaid,
  readBalance,
  readPosition,
  readSupply,
  requestRedemption,
} from './ChargeToken.ts';
import { claimPayout, settleBatch } from './Clearing.ts';
import {
  type ConsortiumAction,
  executeProposal,
  proposeAction,
  readMember,
  readVoterCount,
  voteFor,
} from './Consortium.ts';
import { type CarryOver, deployContracts } from './Deployment.ts';
import { acceptAgreement, proposeAgreement } from './Peering.ts';
import {
  type ClosedToken,
  carryOver,
  carryOverAll,
  checkSuccessor,
  readPending,
  readSuccession,
  takeSnapshot,
} from './Succession.ts';
import {
  foundTestNetwork,
  type TestMember,
  type TestNetwork,
  testAccount,
  testNetworkId,
  testTerms,
} from './testing/foundTestNetwork.ts';
import { makeBatch, testCharges } from './testing/makeBatch.ts';

const dayS = 86_400;
let nowS = 1_790_000_000;
let network: TestNetwork;
let snapshot: ClosedToken;
let next: ChainClient;

const bert = testAccount('operator Bert');
const dora = testAccount('operator Dora');
const hugo = testAccount('operator Hugo');
const reference = (name: string) => keccak256(toHex(name));

/** One proposes, all others that may vote for it; carried out. */
async function decide(client: ChainClient, action: ConsortiumAction, voters: readonly TestMember[]) {
  const [first, ...others] = voters as [TestMember, ...TestMember[]];
  const proposed = await proposeAction(client, first.signer, action, reference(`${action.kind} ${nowS}`));
  if (!proposed.ok) throw new Error(proposed.detail);
  for (const other of others) await voteFor(client, other.signer, proposed.value.proposalId);
  return executeProposal(client, first.signer, proposed.value.proposalId);
}

async function agree(client: ChainClient, me: TestMember, other: TestMember, validFrom: number) {
  const proposed = await proposeAgreement(client, me.signer, {
    me: me.memberId,
    other: other.memberId,
    version: 1,
    terms: { ...testTerms, validFrom },
  });
  if (!proposed.ok) throw new Error(proposed.detail);
  const accepted = await acceptAgreement(client, other.signer, proposed.value.agreementId);
  if (!accepted.ok) throw new Error(accepted.detail);
  return proposed.value.agreementId;
}

/** Settles charges of 10.00 for each account named, cumulative since the first; the fee is 1.00 of them all. */
async function trade(
  client: ChainClient,
  parties: { readonly debtor: TestMember; readonly creditor: TestMember },
  batch: {
    readonly agreementId: Hex;
    readonly sequence: bigint;
    readonly earned: readonly [Address, bigint][];
  },
  periodStart = 1_760_000_000n,
) {
  const charges = testCharges(3, `${parties.debtor.url} ${parties.creditor.url} ${batch.sequence}`);
  const totalMicro = 10_000_000n * BigInt(batch.earned.length) + 1_000_000n;
  const made = await makeBatch(client.deployment, parties, {
    sequence: batch.sequence,
    agreementId: batch.agreementId,
    charges,
    payouts: batch.earned.map(([account, cumulativeMicro]) => ({ account, cumulativeMicro })),
    feeMicro: 1_000_000n,
    change: { totalMicro, energyWh: 1_000_000n, periodStart, periodEnd: periodStart + 86_400n },
  });
  const settled = await settleBatch(client, parties.creditor.signer, made.signed);
  const claim = async (index: number) => {
    const [account, cumulativeMicro] = batch.earned[index] as [Address, bigint];
    const claimed = await claimPayout(client, parties.creditor.signer, {
      debtor: parties.debtor.memberId,
      creditor: parties.creditor.memberId,
      account,
      cumulativeMicro,
      proof: made.payoutProof(index),
    });
    expect(claimed).toMatchObject({ ok: true });
  };
  return { settled, claim };
}

async function redeem(client: ChainClient, provider: TestMember, amountMicro: bigint, name: string) {
  const asked = await requestRedemption(client, bert, {
    provider: provider.memberId,
    amountMicro,
    reference: reference(name),
  });
  if (!asked.ok) throw new Error(asked.detail);
  return asked.value.redemptionId;
}

function found(carried: CarryOver | undefined, deployer: string) {
  const { anvil, members } = network;
  return deployContracts({
    rpcUrl: anvil.rpcUrl,
    signer: testAccount(deployer),
    networkId: testNetworkId,
    members,
    ...(carried === undefined ? {} : { carryOver: carried }),
  }).then((deployment) =>
    connectChain({ rpcUrl: anvil.rpcUrl, deployment, pollMs: 10, confirmTimeoutMs: 20_000 }),
  );
}

beforeAll(async () => {
  network = await foundTestNetwork({ now: () => nowS });
});
afterAll(() => network?.anvil.stop());

test('a life: trade, pots that nobody emptied, redemptions in every state, a member that is removed', async () => {
  const { client, members, agreementId } = network;
  const [a, b, c] = members;
  const withC = await agree(client, b, c, 0);
  const earned: [Address, bigint][] = [
    [bert.address, 10_000_000n],
    [dora.address, 10_000_000n],
  ];
  const first = await trade(client, { debtor: a, creditor: b }, { agreementId, sequence: 1n, earned });
  await first.claim(0);
  const second = await trade(
    client,
    { debtor: b, creditor: c },
    { agreementId: withC, sequence: 1n, earned: [[hugo.address, 10_000_000n]] },
  );
  expect([first.settled, second.settled]).toMatchObject([{ ok: true }, { ok: true }]);
  const paid = await redeem(client, c, 2_000_000n, 'paid');
  await beginPayment(client, c.signer, paid);
  await markPaid(client, c.signer, { redemptionId: paid, bankReference: reference('bank 1') });
  expect(
    await confirmReceipt(client, c.signer, {
      payer: a.memberId,
      amountMicro: 500_000n,
      bankReference: reference('bank 2'),
    }),
  ).toMatchObject({ ok: true });
  await redeem(client, b, 1_000_000n, 'open');
  const paying = await redeem(client, b, 3_000_000n, 'paying');
  await beginPayment(client, b.signer, paying);
  // C leaves; what it is owed, and what is in its operators' pot, stays.
  expect(await decide(client, { kind: 'remove', memberId: c.memberId }, [a, b])).toMatchObject({ ok: true });
  expect(await readVoterCount(client)).toBe(2);
  expect(await readPosition(client, c.memberId)).toMatchObject({ positionMicro: -1_500_000n });
});

test('the members decide on the end: for a week what was begun is ended, and nothing is begun', async () => {
  const { client, members, agreementId } = network;
  const [a, b] = members;
  expect(await takeSnapshot(client)).toMatchObject({ refusal: 'token-open' });
  expect(await decide(client, { kind: 'close-token' }, [a, b])).toMatchObject({ ok: true });
  const { closesAt, isClosed } = await readSuccession(client);
  expect([closesAt, isClosed]).toEqual([expect.any(Number), false]);
  expect(await takeSnapshot(client)).toMatchObject({ refusal: 'token-open' });
  expect(
    await requestRedemption(client, bert, {
      provider: b.memberId,
      amountMicro: 1n,
      reference: reference('late'),
    }),
  ).toMatchObject({ refusal: 'token-closing' });
  nowS += 6 * dayS;
  // Charges are still settled, in the creditor's channel as before.
  const { settled } = await trade(
    client,
    { debtor: a, creditor: b },
    { agreementId, sequence: 2n, earned: [[dora.address, 20_000_000n]] },
  );
  expect(settled).toMatchObject({ ok: true });
  nowS = closesAt as number;
});

test('closed: every act is refused by name, and every node says the same of whose the tokens are', async () => {
  const { client, members, agreementId } = network;
  const [a, b, c] = members;
  const late = await trade(
    client,
    { debtor: a, creditor: b },
    { agreementId, sequence: 3n, earned: [[dora.address, 30_000_000n]] },
  );
  expect(late.settled).toMatchObject({ refusal: 'token-closed' });
  await network.anvil.mine();

  const taken = await takeSnapshot(client);
  if (!taken.ok) throw new Error(taken.detail);
  snapshot = taken.value;
  // A removed after the close changes nothing of it, whenever it is taken.
  const again = await takeSnapshot(
    connectChain({ rpcUrl: network.anvil.rpcUrl, deployment: client.deployment }),
  );
  expect(again).toEqual({
    ok: true,
    value: { ...snapshot, tree: { ...snapshot.tree, proof: expect.any(Function) } },
  });

  const held = new Map(snapshot.holdings.map(({ account, amountMicro }) => [account, amountMicro]));
  const of = (account: Address) => held.get(account.toLowerCase() as Address);
  // Ten claimed less two redeemed: what is open and what was being paid is his.
  expect(of(bert.address)).toBe(8_000_000n);
  // Her payouts were not claimed: her provider B has them, with its own fees.
  expect(of(dora.address)).toBeUndefined();
  expect(of(b.account)).toBe(20_000_000n + 2_000_000n);
  expect(of(c.account)).toBe(10_000_000n + 1_000_000n);
  expect([...held.values()].reduce((sum, micro) => sum + micro, 0n)).toBe(await readSupply(client));
  expect(snapshot.positions).toEqual([
    { memberId: a.memberId, positionMicro: 31_500_000n },
    { memberId: b.memberId, positionMicro: 11_000_000n },
    { memberId: c.memberId, positionMicro: -1_500_000n },
  ]);
});

test('a successor with a false root, false positions or of another token is told before anyone votes for it', async () => {
  const { client } = network;
  const { carryOver: right } = snapshot;
  const flaws = async (carried: CarryOver | undefined, name: string) =>
    checkSuccessor(client, snapshot, await found(carried, name));
  expect(await flaws({ ...right, root: keccak256('0x') }, 'false root')).toEqual(['wrong-root', 'not-named']);
  const [first, second, third] = right.positions as [
    CarryOver['positions'][number],
    CarryOver['positions'][number],
    CarryOver['positions'][number],
  ];
  const shifted = [
    { ...first, positionMicro: first.positionMicro - 1n },
    { ...second, positionMicro: second.positionMicro + 1n },
    third,
  ];
  expect(await flaws({ ...right, positions: shifted }, 'false positions')).toEqual([
    'wrong-positions',
    'not-named',
  ]);
  expect(await flaws(undefined, 'from nothing')).toEqual([
    'another-predecessor',
    'wrong-root',
    'wrong-positions',
    'wrong-supply',
    'not-named',
  ]);
});

test('the right one is named by vote, once', async () => {
  const { client, members } = network;
  const [a, b] = members;
  next = await found(snapshot.carryOver, 'successor');
  expect(await checkSuccessor(client, snapshot, next)).toEqual(['not-named']);
  const named = { kind: 'name-successor', successor: next.deployment.chargeToken } as const;
  expect(await decide(client, named, [a, b])).toMatchObject({ ok: true });
  expect(await checkSuccessor(client, snapshot, next)).toEqual([]);
  nowS += 60;
  expect(await decide(client, named, [a, b])).toMatchObject({ refusal: 'successor-exists' });
  expect((await readSuccession(client)).successor).toBe(next.deployment.chargeToken);
});

test('everybody carries over, nothing twice, nothing by a false leaf, and the sums are equal', async () => {
  const { client, members } = network;
  const thief = testAccount('thief');
  const [first] = snapshot.holdings;
  if (first === undefined) throw new Error('nothing to carry over');
  const proof = snapshot.tree.proof(0);
  const more = { ...first, amountMicro: first.amountMicro + 1n, proof };
  expect(await carryOver(next, thief, more)).toMatchObject({ refusal: 'proof-invalid' });
  expect(await carryOver(next, thief, { ...first, account: thief.address, proof })).toMatchObject({
    refusal: 'proof-invalid',
  });
  expect(await carryOver(next, thief, { ...first, proof })).toMatchObject({ value: { outcome: 'done' } });
  expect(await carryOver(next, thief, { ...first, proof })).toMatchObject({
    value: { outcome: 'already-done' },
  });
  expect(await readPending(next, snapshot.holdings)).toEqual(snapshot.holdings.slice(1));
  expect(await carryOverAll(next, thief, snapshot)).toEqual({
    ok: true,
    value: snapshot.holdings.length - 1,
  });
  expect(await carryOverAll(next, thief, snapshot)).toEqual({ ok: true, value: 0 });
  expect(await readPending(next, snapshot.holdings)).toEqual([]);

  for (const { account, amountMicro } of snapshot.holdings)
    expect(await readBalance(next, account)).toBe(amountMicro);
  expect(await readBalance(next, next.deployment.chargeToken)).toBe(0n);
  expect(await readSupply(next)).toBe(await readSupply(client));
  for (const { memberId } of members)
    expect((await readPosition(next, memberId)).positionMicro).toBe(
      (await readPosition(client, memberId)).positionMicro,
    );
});

test('life goes on where it stood: agreements, batches, redemption and the debts of before', async () => {
  const { members } = network;
  const [a, b, c] = members;
  const closedAt = snapshot.closedAt;
  // The pair's first agreement here reaches back, so that what comes late of before the close can be settled or claimed.
  const agreementId = await agree(next, a, b, closedAt - 30 * dayS);
  const earned: [Address, bigint][] = [[dora.address, 10_000_000n]];
  const { settled, claim } = await trade(
    next,
    { debtor: a, creditor: b },
    { agreementId, sequence: 1n, earned },
    BigInt(closedAt - dayS),
  );
  expect(settled).toMatchObject({ ok: true });
  await claim(0);
  const redemptionId = await redeem(next, a, 8_000_000n, 'open');
  await beginPayment(next, a.signer, redemptionId);
  expect(await markPaid(next, a.signer, { redemptionId, bankReference: reference('bank 1') })).toMatchObject({
    ok: true,
  });
  expect((await readPosition(next, a.memberId)).positionMicro).toBe(31_500_000n + 11_000_000n - 8_000_000n);
  expect(await readMember(next, c.memberId)).toMatchObject({ removedAt: null });
});

test('the successor of the successor takes over what was not carried, too', async () => {
  const { members } = network;
  const [a, b] = members;
  const third = await found({ ...snapshot.carryOver }, 'another branch');
  expect(await decide(third, { kind: 'close-token' }, [a, b])).toMatchObject({ ok: true });
  const [bertsOrAnother] = snapshot.holdings;
  if (bertsOrAnother === undefined) throw new Error('nothing to carry over');
  await carryOver(third, bert, { ...bertsOrAnother, proof: snapshot.tree.proof(0) });
  nowS += 8 * dayS;
  await network.anvil.mine();
  expect(await takeSnapshot(third)).toMatchObject({ refusal: 'carry-over-unfinished' });
  const pending = await readPending(third, snapshot.holdings);
  const taken = await takeSnapshot(third, pending);
  if (!taken.ok) throw new Error(taken.detail);
  expect(taken.value.holdings).toEqual(snapshot.holdings);
  expect(taken.value.carryOver.root).toBe(snapshot.carryOver.root);
});
