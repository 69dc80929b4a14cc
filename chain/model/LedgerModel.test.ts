import { type Address, type Hex, keccak256, toHex, zeroAddress, zeroHash } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  beginPayment,
  cancelRedemption,
  confirmReceipt,
  markPaid,
  readBalance,
  readPosition,
  readSupply,
  requestRedemption,
} from '../ChargeToken.ts';
import { claimPayout, readChannel, settleBatch } from '../Clearing.ts';
import { executeProposal, proposeAction, voteFor } from '../Consortium.ts';
import { type ChainEvent, readEvents } from '../followEvents.ts';
import { foundTestNetwork, type TestNetwork, testAccount } from '../testing/foundTestNetwork.ts';
import { makeBatch, testCharges } from '../testing/makeBatch.ts';
import { encodeLedger, parseLedger } from './LedgerFile.ts';
import { applyEvent, checkLedger, type LedgerEvent, openLedger, positionOf } from './LedgerModel.ts';

let network: TestNetwork;
let events: readonly ChainEvent[];
const operator = testAccount('operator');

/** A day of a small network: batches both ways, claims, redemptions of each end, a receipt, votes for a new limit and a new zone. */
beforeAll(async () => {
  network = await foundTestNetwork();
  const { client, deployment, members, agreementId } = network;
  const [a, b] = members;
  const owed = new Map<Hex, bigint>();
  for (const [sequence, debtor, creditor] of [
    [1n, a, b],
    [2n, a, b],
    [1n, b, a],
  ] as const) {
    const charges = testCharges(3, `${debtor.url} ${sequence}`);
    const totalMicro = charges.reduce((sum, { chargeMicro }) => sum + chargeMicro, 0n);
    const cumulativeMicro = (owed.get(debtor.memberId) ?? 0n) + totalMicro - 100n;
    owed.set(debtor.memberId, cumulativeMicro);
    const made = await makeBatch(
      deployment,
      { debtor, creditor },
      {
        sequence,
        agreementId,
        charges,
        payouts: [{ account: operator.address, cumulativeMicro }],
        feeMicro: 100n,
      },
    );
    expect(await settleBatch(client, a.signer, made.signed)).toMatchObject({ ok: true });
    const claim = {
      debtor: debtor.memberId,
      creditor: creditor.memberId,
      account: operator.address,
      cumulativeMicro,
      proof: made.payoutProof(0),
    };
    expect(await claimPayout(client, operator, claim)).toMatchObject({ ok: true });
  }
  for (const [index, end] of ['paid', 'paying', 'cancelled', 'open'].entries()) {
    const reference = keccak256(toHex(end));
    const request = { provider: b.memberId, amountMicro: 300_000n * BigInt(index + 1), reference };
    const requested = await requestRedemption(client, operator, request);
    if (!requested.ok) throw new Error(requested.detail);
    const { redemptionId } = requested.value;
    if (end === 'paying' || end === 'paid') await beginPayment(client, b.signer, redemptionId);
    if (end === 'paid') await markPaid(client, b.signer, { redemptionId, bankReference: reference });
    if (end === 'cancelled') await cancelRedemption(client, operator, redemptionId);
  }
  const position = await readPosition(client, b.memberId);
  expect(position.positionMicro).toBeGreaterThan(0n);
  const rule = { zone: 'Test/New', from: 0, standardOffsetS: 3_600, daylightSaving: 'none' } as const;
  for (const action of [
    { kind: 'set-issuance-limit', memberId: b.memberId, limitMicro: 5n },
    { kind: 'set-time-zone', rule },
  ] as const) {
    const proposed = await proposeAction(client, a.signer, action, keccak256('0x'));
    if (!proposed.ok) throw new Error(proposed.detail);
    await voteFor(client, b.signer, proposed.value.proposalId);
    expect(await executeProposal(client, b.signer, proposed.value.proposalId)).toMatchObject({ ok: true });
  }
  expect(
    await confirmReceipt(client, a.signer, {
      payer: b.memberId,
      amountMicro: 1n,
      bankReference: keccak256('0x'),
    }),
  ).toMatchObject({ ok: false, refusal: 'not-owed' });
  events = (await readEvents(client, null, { maxBlocks: 100_000 })).events;
});

afterAll(() => network?.anvil.stop());

function fold(of: readonly LedgerEvent[]) {
  const ledger = openLedger(network.deployment);
  const found = of.flatMap((event) => applyEvent(ledger, event));
  return { ledger, found: [...found, ...checkLedger(ledger)] };
}

function names(of: readonly LedgerEvent[]) {
  return fold(of).found.map(({ name }) => name);
}

/** The events with one of them changed, by name. */
function spoil<Name extends ChainEvent['name']>(
  name: Name,
  change: Partial<Extract<ChainEvent, { name: Name }>['args']>,
): readonly LedgerEvent[] {
  const index = events.findIndex((event) => event.name === name);
  const spoilt = { ...events[index]!, args: { ...events[index]!.args, ...change } } as LedgerEvent;
  return events.with(index, spoilt as ChainEvent);
}

function without(name: ChainEvent['name']): readonly LedgerEvent[] {
  const index = events.findIndex((event) => event.name === name);
  return events.toSpliced(index, 1);
}

describe('a true chain', () => {
  test('adds up, and the model holds what the contracts hold', async () => {
    const { client, members } = network;
    const { ledger, found } = fold(events);
    expect(found).toEqual([]);
    expect(ledger.supplyMicro).toBe(await readSupply(client));
    for (const { memberId } of members) {
      const onChain = await readPosition(client, memberId);
      const inModel = ledger.members.get(memberId)!;
      expect(positionOf(inModel)).toBe(onChain.positionMicro);
      expect(inModel.limitMicro).toBe(onChain.limitMicro);
    }
    for (const channel of ledger.channels.values()) {
      const { sequence, potMicro, payoutsRoot } = await readChannel(client, channel.debtor, channel.creditor);
      expect(channel).toMatchObject({ sequence, potMicro, payoutsRoot });
    }
    for (const [account, micro] of ledger.balances) expect(micro).toBe(await readBalance(client, account));
    expect([...ledger.redemptions.values()].map(({ isPaying }) => isPaying).sort()).toEqual([false, true]);
    expect(ledger.closedRedemptions.size).toBe(2);
  });

  test('can be put away at any event and taken up again', () => {
    let ledger = openLedger(network.deployment);
    for (const event of events) {
      expect(applyEvent(ledger, event)).toEqual([]);
      const back = parseLedger(encodeLedger(ledger));
      if (!back.ok) throw new Error(back.detail);
      ledger = back.value;
    }
    expect(checkLedger(ledger)).toEqual([]);
    expect(ledger).toEqual(fold(events).ledger);
    expect(parseLedger('{}')).toMatchObject({ refusal: 'ledger-malformed' });
    expect(parseLedger('{')).toMatchObject({ refusal: 'ledger-malformed' });
  });

  test('may hold gifts to the contracts, which nobody owns', () => {
    const gift = transfer(operator.address, network.deployment.clearing, 7n);
    const { ledger, found } = fold([...events, gift]);
    expect(found).toEqual([]);
    expect(ledger.lostMicro).toBe(7n);
  });
});

function transfer(from: Address, to: Address, value: bigint): LedgerEvent {
  const txHash = keccak256(toHex(`${from}${to}${value}`));
  return { name: 'Transfer', args: { from, to, value }, address: network.deployment.chargeToken, txHash };
}

describe('what cannot be', () => {
  const other: Hex = keccak256('0x01');
  const cases: readonly [string, () => readonly LedgerEvent[], string][] = [
    ['a batch whose number was skipped', () => without('BatchSettled'), 'sequence-gap'],
    ['a batch under another hash', () => spoil('BatchSettled', { batchHash: other }), 'batch-hash-wrong'],
    ['a batch in another channel', () => spoil('BatchSettled', { channelId: other }), 'channel-wrong'],
    ['a batch without an agreement', () => without('AgreementAccepted'), 'agreement-unknown'],
    ['a batch without its tokens', () => without('Issued'), 'effect-missing'],
    ['a claim of more than the pot', () => spoil('Claimed', { paidMicro: 10n ** 18n }), 'claim-above-pot'],
    ['a claim that skips', () => spoil('Claimed', { claimedMicro: 1n }), 'claim-not-cumulative'],
    ['a claim whose tokens never came', () => without('Claimed'), 'cause-missing'],
    ['a redemption never asked for', () => without('RedemptionRequested'), 'redemption-unknown'],
    [
      'a redemption paid with other money',
      () => spoil('RedemptionPaid', { amountMicro: 1n }),
      'effect-missing',
    ],
    ['a limit that nobody voted for', () => without('Executed'), 'cause-missing'],
    ['a vote too few', () => without('Voted'), 'quorum-missing'],
    ['a member that nobody admitted', () => without('MemberAdmitted'), 'member-unknown'],
    ['a limit that was passed', () => spoil('LimitSet', { limitMicro: 1n }), 'limit-passed'],
  ];
  test.each(cases)('%s', (_, make, name) => {
    expect(names(make())).toContain(name);
  });

  test('tokens from nowhere, or sent by nobody', () => {
    expect(names([...events, transfer(zeroAddress, operator.address, 1n)])).toEqual([
      'cause-missing',
      'positions-not-supply',
    ]);
    expect(names([...events, transfer(testAccount('nobody').address, operator.address, 1n)])).toContain(
      'balance-negative',
    );
    expect(names([...events, transfer(network.deployment.clearing, operator.address, 1n)])).toEqual([
      'balance-negative',
      'cause-missing',
      'pots-not-balance',
    ]);
  });
});

test('a year of batches takes the memory of one', () => {
  const { ledger } = fold(events);
  const before = encodeLedger(ledger).length;
  const last = events.findLast((event) => event.name === 'BatchSettled')!;
  if (last.name !== 'BatchSettled') throw new Error('no batch');
  for (let day = 1n; day <= 365n; day++) {
    const sequence = last.args.sequence + day;
    const batch = { ...last.args.batch, sequence };
    const event = { ...last, args: { ...last.args, sequence, batch } };
    expect(applyEvent(ledger, event).map(({ name }) => name)).toContain('batch-hash-wrong');
  }
  expect(encodeLedger(ledger).length - before).toBeLessThan(400);
});

/** Events that no chain has said, all of one transaction unless numbered. */
function made<Name extends LedgerEvent['name']>(
  name: Name,
  args: Partial<Extract<LedgerEvent, { name: Name }>['args']>,
  tx = 1,
): LedgerEvent {
  const txHash = keccak256(toHex(`made ${tx}`));
  return { name, args, address: network.deployment.clearing, txHash } as unknown as LedgerEvent;
}

describe('claims by force', () => {
  const claimId = keccak256('0x05');
  const maker = operator.address;
  const [payee, feeAccount] = [testAccount('payee').address, testAccount('fee').address];
  function parts() {
    const { chargeToken, forcedClaims } = network.deployment;
    const [debtor, creditor] = [network.members[0].memberId, network.members[1].memberId];
    const debtorAccount = network.members[0].account;
    const claim = { maker, makerId: zeroHash, bondMicro: 5n, amountMicro: 100n } as never;
    const move = (from: Address, to: Address, value: bigint, tx: number) => ({
      ...made('Transfer', { from, to, value }, tx),
      address: chargeToken,
    });
    const issue = (to: Address, amountMicro: bigint, tx: number) => [
      made('Issued', { debtor, to, amountMicro }, tx),
      move(zeroAddress, to, amountMicro, tx),
    ];
    return {
      raised: [
        made('ForcedClaimRaised', { claimId, debtor, creditor, claim }),
        move(maker, forcedClaims, 5n, 1),
      ],
      paid: [
        made('ForcedClaimPaid', { claimId, debtor, creditor, payee, payeeMicro: 90n, feeMicro: 10n }, 2),
        made('ForcedBooked', { debtor, creditor, payee, payeeMicro: 90n, feeAccount, feeMicro: 10n }, 2),
        ...issue(payee, 90n, 2),
        ...issue(feeAccount, 10n, 2),
        move(forcedClaims, maker, 5n, 2),
      ],
      fell: [
        made('ForcedClaimObjected', { claimId, debtor, creditor, held: true, feeMicro: 5n }, 3),
        move(forcedClaims, debtorAccount, 5n, 3),
      ],
      falseObjection: [
        made('ForcedClaimObjected', { claimId, debtor, creditor, held: false, feeMicro: 7n }, 4),
        made('DisputeFeeBooked', { payer: debtor, to: maker, amountMicro: 7n }, 4),
        ...issue(maker, 7n, 4),
      ],
    };
  }

  test('are paid, fall, and cost what they may', () => {
    const { raised, paid, fell, falseObjection } = parts();
    expect(names([...events, ...raised])).toEqual([]);
    expect(names([...events, ...raised, ...falseObjection, ...paid])).toEqual([]);
    expect(names([...events, ...raised, ...fell])).toEqual([]);
    expect(fold([...events, ...raised, ...fell]).ledger.closedClaims.has(claimId)).toBe(true);
  });

  test('are not paid twice, after they fell, above their amount, or without a claim', () => {
    const { raised, paid, fell } = parts();
    const again = paid.map((event) => ({ ...event, txHash: keccak256('0x99') }));
    expect(names([...events, ...raised, ...paid, ...again])).toContain('forced-claim-unknown');
    expect(names([...events, ...raised, ...fell, ...paid])).toContain('forced-claim-unknown');
    expect(names([...events, ...paid])).toContain('forced-claim-unknown');
    expect(names([...events, ...raised, ...paid, ...raised])).toContain('forced-claim-exists');
    expect(names([...events, ...raised, ...paid.slice(1)])).toContain('cause-missing');
    expect(names([...events, ...raised, ...fell.slice(0, 1)])).toContain('effect-missing');
    const dearer = { ...paid[0], args: { ...paid[0]?.args, payeeMicro: 91n } } as LedgerEvent;
    expect(names([...events, ...raised, dearer, ...paid.slice(1)])).toContain('forced-claim-above-amount');
  });
});

test('a successor begins with what its predecessor had, and pays out no more', () => {
  const { chargeToken } = network.deployment;
  const [a, b] = [network.members[0].memberId, network.members[1].memberId];
  const founding = [
    made('MemberAdmitted', { memberId: a, account: operator.address }, 1),
    made('PositionCarried', { memberId: a, positionMicro: 30n }, 2),
    made('PositionCarried', { memberId: b, positionMicro: -10n }, 2),
    made('Transfer', { from: zeroAddress, to: chargeToken, value: 20n }, 2),
  ];
  const carry = (amountMicro: bigint, tx: number) => [
    made('CarriedOver', { account: operator.address, amountMicro }, tx),
    made('Transfer', { from: chargeToken, to: operator.address, value: amountMicro }, tx),
  ];
  expect(names(founding)).toEqual([]);
  expect(names([...founding, ...carry(12n, 3), ...carry(8n, 4)])).toEqual([]);
  expect(names([...founding, ...carry(12n, 3), ...carry(9n, 4)])).toContain('carried-above-predecessor');
  const more = made('Transfer', { from: zeroAddress, to: chargeToken, value: 21n }, 2);
  expect(names([...founding.slice(0, 3), more])).toContain('cause-missing');
});
