import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Entry } from './bookEntries.ts';
import {
  type ChargeToBook,
  chargeEntry,
  claimEntry,
  creditorSettlementEntry,
  debtorSettlementEntry,
  payoutEntry,
  receiptEntry,
  redemptionEntry,
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
    payoutEntry({ account: '0x01', amountMicro: 5n, bankReference: 'b' }, 1),
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
        shares,
      };
      const [creditor, debtor] = [creditorSettlementEntry(batch, 1), debtorSettlementEntry(batch, 1)];
      for (const entry of [creditor, debtor]) expect(sum(entry)).toBe(0n);
      expect(creditor.reference).toBe(debtor.reference);
      expect(sum(creditor, 'peer-receivable')).toBe(-batch.totalMicro);
      expect(sum(debtor, 'peer-payable')).toBe(batch.totalMicro);
      expect(sum(creditor, 'operator-earned')).toBe(gross);
      expect(sum(creditor, 'channel-pot') + sum(creditor, 'own-tokens')).toBe(batch.totalMicro);
      expect(sum(creditor, 'fee-income')).toBe(-fee);
    }),
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
