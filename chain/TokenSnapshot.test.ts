import fc from 'fast-check';
import type { Address, Hex } from 'viem';
import { expect, test } from 'vitest';
import { encodeMemberId } from './MemberId.ts';
import { type Ledger, type LedgerMember, openLedger } from './model/LedgerModel.ts';
import { type Holding, snapshotLedger } from './TokenSnapshot.ts';

const address = (number: number): Address => `0x${number.toString(16).padStart(40, '0')}`;
const contracts = {
  consortium: address(0xc0),
  chargeToken: address(0xc1),
  clearing: address(0xc2),
  forcedClaims: address(0xc3),
};
const accounts = [1, 2, 3, 4, 5].map(address);
const members = ['DEAAA', 'DEBBB'].map(encodeMemberId) as [Hex, Hex];

const part = fc.record({
  account: fc.constantFrom(...accounts),
  amountMicro: fc.bigInt({ min: 1n, max: 10n ** 15n }),
});
const parts = fc.array(part, { maxLength: 6 });
const world = fc.record({
  held: fc.uniqueArray(part, { selector: ({ account }) => account, maxLength: 5 }),
  redemptions: parts,
  bonds: parts,
  pending: fc.uniqueArray(part, { selector: ({ account }) => account, maxLength: 5 }),
  pots: fc.array(fc.record({ creditor: fc.nat(1), potMicro: fc.bigInt({ min: 0n, max: 10n ** 15n }) }), {
    maxLength: 4,
  }),
  lostMicro: fc.bigInt({ min: 0n, max: 100n }),
});
type World = typeof world extends fc.Arbitrary<infer Value> ? Value : never;

const sum = (amounts: readonly bigint[]) => amounts.reduce((total, amount) => total + amount, 0n);
const micro = (list: readonly Holding[]) => sum(list.map(({ amountMicro }) => amountMicro));

function member(account: Address, issuedMicro: bigint, redeemedMicro: bigint): LedgerMember {
  const standing = { isPresent: true, isSuspended: false, limitMicro: 0n };
  return { account, ...standing, issuedMicro, redeemedMicro };
}

/** A ledger that holds just this, with positions that come to its supply. */
function ledgerOf({ held, redemptions, bonds, pending, pots, lostMicro }: World, isReversed = false): Ledger {
  const ledger = openLedger(contracts);
  const ordered = <Value>(list: readonly Value[]) => (isReversed ? list.toReversed() : list);
  const inPots = sum(pots.map(({ potMicro }) => potMicro));
  for (const { account, amountMicro } of ordered(held)) ledger.balances.set(account, amountMicro);
  const own = micro(redemptions) + micro(pending) + lostMicro;
  ledger.balances.set(contracts.chargeToken, own);
  ledger.balances.set(contracts.clearing, inPots);
  ledger.balances.set(contracts.forcedClaims, micro(bonds));
  for (const [index, { account, amountMicro }] of ordered(redemptions).entries())
    ledger.redemptions.set(`0x${index}`, {
      holder: account,
      provider: members[0],
      amountMicro,
      isPaying: index % 2 === 1,
    });
  for (const [index, { account, amountMicro }] of ordered(bonds).entries())
    ledger.claims.set(`0x${index}`, {
      debtor: members[0],
      amountMicro: 1n,
      maker: account,
      makerId: '0x',
      bondMicro: amountMicro,
    });
  for (const [index, { creditor, potMicro }] of ordered(pots).entries())
    ledger.channels.set(`0x${index}`, {
      debtor: members[1 - creditor] as Hex,
      creditor: members[creditor] as Hex,
      sequence: 1n,
      payoutsRoot: '0x',
      potMicro,
      settledMicro: potMicro,
      feesMicro: 0n,
      claimedMicro: 0n,
      charges: 1n,
    });
  ledger.carriedMicro = micro(pending);
  ledger.supplyMicro = micro(held) + own + inPots + micro(bonds);
  ledger.members.set(members[0], member(address(1), ledger.supplyMicro + 7n, 0n));
  ledger.members.set(members[1], member(address(9), 0n, 7n));
  return ledger;
}

test('every token has one owner, whatever state it was in, and the order of events does not matter', () => {
  fc.assert(
    fc.property(world, (of) => {
      const taken = snapshotLedger(ledgerOf(of), of.pending);
      if (!taken.ok) throw new Error(taken.detail);
      const { holdings, positions, supplyMicro, tree } = taken.value;
      expect(micro(holdings)).toBe(supplyMicro);
      expect(sum(positions.map(({ positionMicro }) => positionMicro))).toBe(supplyMicro);
      const amountOf = (account: Address) => micro(holdings.filter((holding) => holding.account === account));
      const ofParts = (account: Address) =>
        micro(
          [...of.held, ...of.redemptions, ...of.bonds, ...of.pending].filter((it) => it.account === account),
        );
      const pot = (creditor: number) =>
        sum(of.pots.filter((it) => it.creditor === creditor).map(({ potMicro }) => potMicro));
      for (const account of accounts)
        expect(amountOf(account)).toBe(ofParts(account) + (account === address(1) ? pot(0) : 0n));
      expect(amountOf(address(9))).toBe(pot(1));
      expect(amountOf(contracts.chargeToken)).toBe(of.lostMicro);
      expect(new Set(holdings.map(({ account }) => account)).size).toBe(holdings.length);

      const reversed = snapshotLedger(ledgerOf(of, true), of.pending.toReversed());
      expect(reversed.ok && reversed.value.tree.root).toBe(tree.root);
    }),
    { numRuns: 60 },
  );
});

const plain: World = {
  held: [{ account: address(2), amountMicro: 5n }],
  redemptions: [],
  bonds: [],
  pending: [],
  pots: [],
  lostMicro: 0n,
};

test('a ledger that contradicts itself has no snapshot', () => {
  const unbalanced = ledgerOf(plain);
  unbalanced.members.delete(members[1]);
  expect(snapshotLedger(unbalanced)).toMatchObject({ refusal: 'ledger-unsound' });
  const overdrawn = ledgerOf(plain);
  overdrawn.redemptions.set('0x', {
    holder: address(3),
    provider: members[0],
    amountMicro: 1n,
    isPaying: false,
  });
  expect(snapshotLedger(overdrawn)).toMatchObject({ refusal: 'ledger-unsound' });
  const nobodys = ledgerOf({ ...plain, pots: [{ creditor: 1, potMicro: 1n }] });
  nobodys.members.delete(members[1]);
  expect(snapshotLedger(nobodys)).toMatchObject({ refusal: 'ledger-unsound' });
});

test('what waits to be carried over is explained whole or not at all', () => {
  const pending = [{ account: address(4), amountMicro: 6n }];
  const waiting = ledgerOf({ ...plain, pending });
  expect(snapshotLedger(waiting)).toMatchObject({ refusal: 'carry-over-unfinished' });
  expect(snapshotLedger(waiting, [{ account: address(4), amountMicro: 5n }])).toMatchObject({
    refusal: 'carry-over-unfinished',
  });
  expect(snapshotLedger(waiting, pending)).toMatchObject({ ok: true });
});
