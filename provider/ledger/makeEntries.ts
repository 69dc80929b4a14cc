import type { Entry, EntryLine } from './bookEntries.ts';
import type { AccountKind } from './LedgerTables.ts';

/** What the ledger needs of a charge. Amounts in micro-units. */
export interface ChargeToBook {
  readonly cdrId: string;
  readonly driverProvider: string;
  readonly operatorProvider: string;
  /** Set where the driver is ours. */
  readonly driverId: string | null;
  readonly operatorAccount: string;
  readonly chargeMicro: bigint;
  /** For energy given back: the operator buys it, the driver is paid. */
  readonly creditMicro: bigint;
}

const line = (kind: AccountKind, owner: string, amountMicro: bigint): EntryLine => ({
  kind,
  owner,
  amountMicro,
});

/**
 * The one entry of a charge, made when it is certain who owes: at once for our own driver at our own
 * operator, on acceptance between two providers. The driver owes the charge less the credit; the other
 * side is the operator's (own) or the peer's.
 */
export function chargeEntry(me: string, charge: ChargeToBook, bookedAt: number): Entry {
  const { chargeMicro, creditMicro, operatorAccount, driverId } = charge;
  const lines: EntryLine[] = [];
  if (charge.driverProvider === me) {
    if (driverId === null) throw new Error(`charge ${charge.cdrId} of our driver names no driver`);
    lines.push(line('driver', driverId, chargeMicro - creditMicro));
  }
  if (charge.driverProvider === me && charge.operatorProvider === me) {
    lines.push(line('operator-own', operatorAccount, creditMicro - chargeMicro));
  } else if (charge.driverProvider === me) {
    lines.push(line('peer-payable', charge.operatorProvider, -chargeMicro));
    if (creditMicro > 0n) lines.push(line('peer-receivable', charge.operatorProvider, creditMicro));
  } else {
    lines.push(line('peer-receivable', charge.driverProvider, chargeMicro));
    lines.push(line('operator-earned', operatorAccount, -chargeMicro));
    if (creditMicro > 0n) {
      lines.push(line('operator-own', operatorAccount, creditMicro));
      lines.push(line('peer-payable', charge.driverProvider, -creditMicro));
    }
  }
  return { kind: 'charge', reference: charge.cdrId, bookedAt, lines };
}

/** A batch as it was settled on the chain, with what of it goes to which account. */
export interface SettlementToBook {
  readonly channelId: string;
  readonly sequence: bigint;
  readonly debtor: string;
  readonly creditor: string;
  readonly totalMicro: bigint;
  readonly feeMicro: bigint;
  /** Per operator's account: the charges settled, fee included, and what is paid out of them. Creditor's side only. */
  readonly shares: readonly {
    readonly account: string;
    readonly grossMicro: bigint;
    readonly payoutMicro: bigint;
  }[];
}

export const settlementReference = (channelId: string, sequence: bigint) => `${channelId}:${sequence}`;

/** The debtor's entry: its debt to the peer has become tokens that it issued. */
export function debtorSettlementEntry(batch: SettlementToBook, bookedAt: number): Entry {
  return {
    kind: 'settlement',
    reference: settlementReference(batch.channelId, batch.sequence),
    bookedAt,
    lines: [
      line('peer-payable', batch.creditor, batch.totalMicro),
      line('chain-position', '', -batch.totalMicro),
    ],
  };
}

/** The creditor's entry: the peer's debt has become tokens in the channel's pot, for operators (and, for its drivers' discharge, itself) to claim, and the fee. */
export function creditorSettlementEntry(batch: SettlementToBook, bookedAt: number): Entry {
  const lines = [
    line('peer-receivable', batch.debtor, -batch.totalMicro),
    line('channel-pot', batch.debtor, batch.totalMicro - batch.feeMicro),
  ];
  if (batch.feeMicro > 0n) lines.push(line('own-tokens', '', batch.feeMicro));
  // What operators do not get is our income; a fee on what is paid to ourselves is none.
  const incomeMicro = batch.shares.reduce((sum, share) => sum + share.grossMicro - share.payoutMicro, 0n);
  if (incomeMicro > 0n) lines.push(line('fee-income', batch.debtor, -incomeMicro));
  for (const { account, grossMicro, payoutMicro } of batch.shares) {
    lines.push(line('operator-earned', account, grossMicro));
    lines.push(line('operator-claimable', account, -payoutMicro));
  }
  return {
    kind: 'settlement',
    reference: settlementReference(batch.channelId, batch.sequence),
    bookedAt,
    lines,
  };
}

/** Tokens that have left a channel's pot for an operator, or for ourselves. */
export function claimEntry(
  claim: {
    readonly channelId: string;
    readonly debtor: string;
    readonly account: string;
    readonly isOurs: boolean;
    readonly paidMicro: bigint;
    /** All that was ever claimed by the account in the channel. */
    readonly claimedMicro: bigint;
  },
  bookedAt: number,
): Entry {
  return {
    kind: 'claim',
    reference: `${claim.channelId}:${claim.account}:${claim.claimedMicro}`,
    bookedAt,
    lines: [
      claim.isOurs
        ? line('own-tokens', '', claim.paidMicro)
        : line('operator-claimable', claim.account, claim.paidMicro),
      line('channel-pot', claim.debtor, -claim.paidMicro),
    ],
  };
}

/** We paid money for tokens, which are gone: our position falls. */
export function redemptionEntry(redemptionId: string, amountMicro: bigint, bookedAt: number): Entry {
  return {
    kind: 'redemption',
    reference: redemptionId,
    bookedAt,
    lines: [line('chain-position', '', amountMicro), line('bank', '', -amountMicro)],
  };
}

/** We paid an operator for our own drivers' charges. */
export function payoutEntry(
  payout: { readonly account: string; readonly amountMicro: bigint; readonly bankReference: string },
  bookedAt: number,
): Entry {
  return {
    kind: 'payout',
    reference: payout.bankReference,
    bookedAt,
    lines: [line('operator-own', payout.account, payout.amountMicro), line('bank', '', -payout.amountMicro)],
  };
}

/** A bank transfer between providers that its receiver confirmed; `received` tells which of the two we are. */
export function receiptEntry(
  receipt: {
    readonly receiver: string;
    readonly bankReference: string;
    readonly amountMicro: bigint;
    readonly received: boolean;
  },
  bookedAt: number,
): Entry {
  const amountMicro = receipt.received ? receipt.amountMicro : -receipt.amountMicro;
  return {
    kind: 'receipt',
    reference: `${receipt.receiver}:${receipt.bankReference}`,
    bookedAt,
    lines: [line('bank', '', amountMicro), line('chain-position', '', -amountMicro)],
  };
}
