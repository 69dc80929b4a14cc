import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Entry } from './bookEntries.ts';
import {
  type ChargeToBook,
  chargeEntry,
  claimEntry,
  creditorSettlementEntry,
  debtorSettlementEntry,
  disputeEntry,
  forcedEntry,
  operatorMicroOf,
  payoutEntry,
  receiptEntry,
  redemptionEntry,
  roundingEntry,
} from './makeEntries.ts';

const micro = fc.bigInt({ min: 0n, max: 10n ** 12n });
const provider = fc.constantFrom('DEAAA', 'DEBBB', 'DECCC');
const charge = fc.record<ChargeToBook>({
  cdrId: fc.string(),
  driverProvider: provider,
  operatorProvider: provider,
  driverId: fc.constantFrom('anna', 'dora'),
  operatorAccount: fc.constantFrom('0x01', '0x02'),
  chargeMicro: micro,
  creditMicro: micro,
});

const sum = (entry: Entry, kind?: string) =>
  entry.lines
    .filter((line) => kind === undefined || line.kind === kind)
    .reduce((total, line) => total + line.amountMicro, 0n);

test('every entry has two lines or more and comes to zero', () => {
  fc.assert(
    fc.property(charge, (one) => {
      for (const me of [one.driverProvider, one.operatorProvider]) {
        const entry = chargeEntry(me, one, 1);
        expect(entry.lines.length).toBeGreaterThanOrEqual(2);
        expect(sum(entry)).toBe(0n);
        expect([entry.kind, entry.reference]).toEqual(['charge', one.cdrId]);
      }
    }),
  );
  for (const entry of [
    redemptionEntry('r', 5n, 1),
    disputeEntry({ reference: 'd', peer: 'DEBBB', amountMicro: 5n, paid: true }, 1),
    disputeEntry({ reference: 'd', peer: 'DEBBB', amountMicro: 5n, paid: false }, 1),
    payoutEntry({ parts: [{ account: '0x01', amountMicro: 5n }], bankReference: 'b' }, 1),
    payoutEntry(
      {
        parts: [
          { account: '0x01', amountMicro: 5n },
          { account: '0x02', amountMicro: 7n },
        ],
        bankReference: 'b',
      },
      1,
    ),
    roundingEntry('r', 3n, 1),
    receiptEntry({ receiver: 'DEAAA', bankReference: 'b', amountMicro: 5n, received: true }, 1),
    receiptEntry({ receiver: 'DEAAA', bankReference: 'b', amountMicro: 5n, received: false }, 1),
    claimEntry(
      { channelId: 'c', debtor: 'DEAAA', account: '0x01', isOurs: false, paidMicro: 5n, claimedMicro: 9n },
      1,
    ),
    claimEntry(
      { channelId: 'c', debtor: 'DEAAA', account: '0x01', isOurs: true, paidMicro: 5n, claimedMicro: 9n },
      1,
    ),
  ]) {
    expect(entry.lines.length).toBeGreaterThanOrEqual(2);
    expect(sum(entry)).toBe(0n);
  }
});

test('the two providers book the same debt, each from its side', () => {
  fc.assert(
    fc.property(charge, (one) => {
      fc.pre(one.driverProvider !== one.operatorProvider);
      const driverSide = chargeEntry(one.driverProvider, one, 1);
      const operatorSide = chargeEntry(one.operatorProvider, { ...one, driverId: null }, 1);
      expect(sum(driverSide, 'peer-payable')).toBe(-sum(operatorSide, 'peer-receivable'));
      expect(sum(driverSide, 'peer-receivable')).toBe(-sum(operatorSide, 'peer-payable'));
      expect(sum(driverSide, 'driver')).toBe(one.chargeMicro - one.creditMicro);
      expect(sum(operatorSide, 'operator-earned')).toBe(-one.chargeMicro);
      expect(sum(operatorSide, 'operator-own')).toBe(one.creditMicro);
    }),
  );
});

test('a settlement clears exactly what its charges have booked, fee and payouts are its total', () => {
  const items = fc.array(
    fc.record({ account: fc.constantFrom('0x01', '0x02', '0x03'), gross: micro, feeShare: fc.nat(100) }),
    {
      minLength: 1,
      maxLength: 8,
    },
  );
  fc.assert(
    fc.property(items, micro, (list, ownMicro) => {
      const shares = list.map(({ account, gross, feeShare }) => ({
        account,
        grossMicro: gross,
        payoutMicro: gross - (gross * BigInt(feeShare)) / 100n,
      }));
      const gross = shares.reduce((total, share) => total + share.grossMicro, 0n);
      const fee = shares.reduce((total, share) => total + share.grossMicro - share.payoutMicro, 0n);
      const batch = {
        channelId: 'c',
        sequence: 1n,
        debtor: 'DEAAA',
        creditor: 'DEBBB',
        totalMicro: gross + ownMicro,
        feeMicro: fee + ownMicro / 10n,
        feeTo: 'creditor' as const,
        shares,
      };
      const [creditor, debtor] = [creditorSettlementEntry(batch, 1), debtorSettlementEntry(batch, 1)];
      for (const entry of [creditor, debtor]) expect(sum(entry)).toBe(0n);
      const kept = { ...batch, feeTo: 'debtor' as const };
      const [payee, keeper] = [creditorSettlementEntry(kept, 1), debtorSettlementEntry(kept, 1)];
      for (const entry of [payee, keeper]) expect(sum(entry)).toBe(0n);
      expect(sum(keeper, 'chain-position')).toBe(batch.feeMicro - batch.totalMicro);
      expect(sum(keeper, 'fee-income')).toBe(-batch.feeMicro);
      expect(sum(payee, 'channel-pot')).toBe(batch.totalMicro - batch.feeMicro);
      expect([sum(payee, 'own-tokens'), sum(payee, 'fee-income')]).toEqual([0n, ownMicro / 10n]);
      expect(creditor.reference).toBe(debtor.reference);
      expect(sum(creditor, 'peer-receivable')).toBe(-batch.totalMicro);
      expect(sum(debtor, 'peer-payable')).toBe(batch.totalMicro);
      expect(sum(creditor, 'operator-earned')).toBe(gross);
      expect(sum(creditor, 'channel-pot') + sum(creditor, 'own-tokens')).toBe(batch.totalMicro);
      expect(sum(creditor, 'fee-income')).toBe(-fee);
    }),
  );
});

test('with a commission the operator is owed that on every way, the provider has the rest, and all comes to zero', () => {
  const commissioned = fc.record({
    one: charge,
    commissionMicro: micro,
    fee: fc.nat(100),
    feeTo: fc.constantFrom('creditor' as const, 'debtor' as const),
    promotionMicro: micro,
  });
  fc.assert(
    fc.property(commissioned, ({ one, commissionMicro, fee, feeTo, promotionMicro }) => {
      const { operatorProvider: me, driverProvider: peer, operatorAccount: account, chargeMicro } = one;
      const promotions = [{ promotionId: 'p', amountMicro: promotionMicro }];
      const accepted = chargeEntry(me, { ...one, commissionMicro, promotions }, 1);
      expect(sum(accepted)).toBe(0n);
      expect(sum(accepted, 'energy-sales')).toBe(commissionMicro - chargeMicro + one.creditMicro);
      expect(-sum(accepted, 'operator-own') - sum(accepted, 'operator-earned')).toBe(commissionMicro);
      // The promotion is the driver's and ours alone.
      expect(sum(accepted, 'promotions')).toBe(peer === me ? promotionMicro : 0n);
      const seen = chargeEntry(peer, { ...one, promotions }, 1);
      expect(sum(seen)).toBe(0n);
      expect(sum(seen, 'driver')).toBe(chargeMicro - one.creditMicro - promotionMicro);
      if (me === peer) return;

      const feeMicro = (chargeMicro * BigInt(fee)) / 100n;
      const operatorMicro = operatorMicroOf(chargeMicro, commissionMicro);
      const left = chargeMicro - feeMicro;
      const payoutMicro = operatorMicro < left ? operatorMicro : left;
      const share = {
        account,
        grossMicro: operatorMicro,
        payoutMicro,
        shortMicro: operatorMicro - payoutMicro,
      };
      const settled = { channelId: 'c', sequence: 1n, debtor: peer, creditor: me, totalMicro: chargeMicro };
      const batch = creditorSettlementEntry({ ...settled, feeMicro, feeTo, shares: [share] }, 1);
      const claim = {
        claimId: 'c',
        direction: 'charge' as const,
        debtor: peer,
        creditor: me,
        payee: account,
      };
      const forced = forcedEntry(
        me,
        { ...claim, totalMicro: chargeMicro, feeMicro, feeTo, operatorMicro },
        1,
      );
      // Paid out of a batch, or to the operator itself by force, who then owes us what is over.
      for (const [entry, paidMicro] of [
        [batch, -sum(batch, 'operator-claimable')],
        [forced, left],
      ] as const) {
        expect(sum(entry)).toBe(0n);
        expect(sum(accepted, 'operator-earned') + sum(entry, 'operator-earned')).toBe(0n);
        const owed = -(sum(accepted, 'operator-own') + sum(entry, 'operator-own'));
        expect(paidMicro + owed).toBe(commissionMicro);
        // The fee is no income of ours here: it was taken out of our own sales.
        expect(sum(entry, 'fee-income')).toBe(feeTo === 'debtor' ? feeMicro : 0n);
      }
    }),
  );
});

test('a forced claim clears what its charge has booked, on both sides, whoever has the fee', () => {
  fc.assert(
    fc.property(
      charge,
      fc.constantFrom('creditor' as const, 'debtor' as const),
      fc.nat(100),
      (one, feeTo, bp) => {
        fc.pre(one.driverProvider !== one.operatorProvider && one.chargeMicro > 0n && one.creditMicro > 0n);
        for (const direction of ['charge', 'credit'] as const) {
          const [debtor, creditor] =
            direction === 'charge'
              ? [one.driverProvider, one.operatorProvider]
              : [one.operatorProvider, one.driverProvider];
          const totalMicro = direction === 'charge' ? one.chargeMicro : one.creditMicro;
          const feeMicro = (totalMicro * BigInt(bp)) / 100n;
          const payee = direction === 'charge' ? one.operatorAccount : '0xaa';
          const claim = { claimId: 'c', direction, debtor, creditor, payee, totalMicro, feeMicro, feeTo };
          const [owes, owed] = [forcedEntry(debtor, claim, 1), forcedEntry(creditor, claim, 1)];
          expect([sum(owes), sum(owed)]).toEqual([0n, 0n]);
          expect(sum(owes, 'peer-payable')).toBe(totalMicro);
          expect(sum(owed, 'peer-receivable')).toBe(-totalMicro);
          const issued = feeTo === 'debtor' ? totalMicro - feeMicro : totalMicro;
          expect(sum(owes, 'chain-position')).toBe(-issued);
          if (direction === 'charge') expect(sum(owed, 'operator-earned')).toBe(totalMicro);
          expect(sum(owed, 'own-tokens')).toBe(
            direction === 'credit' ? issued : feeTo === 'creditor' ? feeMicro : 0n,
          );
        }
      },
    ),
  );
});

test('a charge of our driver without a driver is our bug', () => {
  const one = {
    cdrId: 'x',
    driverProvider: 'DEAAA',
    operatorProvider: 'DEBBB',
    driverId: null,
    operatorAccount: '0x01',
    chargeMicro: 1n,
    creditMicro: 0n,
  };
  expect(() => chargeEntry('DEAAA', one, 1)).toThrow('names no driver');
});
