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
  /** For energy given back: the operator buys it, or we where the operator has a commission; the driver is paid. */
  readonly creditMicro: bigint;
  /** What the operator earns in place of the charge, where the operator is ours and has a commission. */
  readonly commissionMicro?: bigint | null;
  /** What of the charge we bear ourselves, where the driver is ours. */
  readonly promotions?: readonly { readonly promotionId: string; readonly amountMicro: bigint }[];
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
  const { chargeMicro, creditMicro, operatorAccount, driverId, promotions = [] } = charge;
  const commissionMicro = charge.commissionMicro ?? null;
  const lines: EntryLine[] = [];
  if (charge.driverProvider === me) {
    if (driverId === null) throw new Error(`charge ${charge.cdrId} of our driver names no driver`);
    const ownMicro = promotions.reduce((sum, { amountMicro }) => sum + amountMicro, 0n);
    lines.push(line('driver', driverId, chargeMicro - creditMicro - ownMicro));
    for (const { promotionId, amountMicro } of promotions)
      lines.push(line('promotions', promotionId, amountMicro));
  }
  if (charge.driverProvider === me && charge.operatorProvider === me) {
    if (commissionMicro === null)
      lines.push(line('operator-own', operatorAccount, creditMicro - chargeMicro));
    else {
      lines.push(line('operator-own', operatorAccount, -commissionMicro));
      lines.push(line('energy-sales', operatorAccount, creditMicro - chargeMicro + commissionMicro));
    }
  } else if (charge.driverProvider === me) {
    lines.push(line('peer-payable', charge.operatorProvider, -chargeMicro));
    if (creditMicro > 0n) lines.push(line('peer-receivable', charge.operatorProvider, creditMicro));
  } else {
    lines.push(line('peer-receivable', charge.driverProvider, chargeMicro));
    if (commissionMicro === null) lines.push(line('operator-earned', operatorAccount, -chargeMicro));
    else {
      // What batches can bring the operator is at most the charge; of a greater commission we owe the rest ourselves.
      const earnedMicro = operatorMicroOf(chargeMicro, commissionMicro);
      lines.push(line('operator-earned', operatorAccount, -earnedMicro));
      lines.push(line('energy-sales', operatorAccount, commissionMicro - chargeMicro));
      if (commissionMicro > earnedMicro)
        lines.push(line('operator-own', operatorAccount, earnedMicro - commissionMicro));
    }
    if (creditMicro > 0n) {
      lines.push(
        line(commissionMicro === null ? 'operator-own' : 'energy-sales', operatorAccount, creditMicro),
      );
      lines.push(line('peer-payable', charge.driverProvider, -creditMicro));
    }
  }
  return { kind: 'charge', reference: charge.cdrId, bookedAt, lines };
}

/** What of a charge is the operator's where it has a commission: that, and no more than there is. */
export const operatorMicroOf = (chargeMicro: bigint, commissionMicro: bigint): bigint =>
  commissionMicro < chargeMicro ? commissionMicro : chargeMicro;

/** A batch as it was settled on the chain, with what of it goes to which account. */
export interface SettlementToBook {
  readonly channelId: string;
  readonly sequence: bigint;
  readonly debtor: string;
  readonly creditor: string;
  readonly totalMicro: bigint;
  readonly feeMicro: bigint;
  /** Whose the fee is; the debtor's is not paid at all. */
  readonly feeTo: 'creditor' | 'debtor';
  /**
   * Per operator's account: its part of the charges settled, fee included, and what is paid out of it. Of a commission
   * the fee takes nothing: what is paid out less because a charge did not reach for both is `shortMicro`. Creditor's side only.
   */
  readonly shares: readonly {
    readonly account: string;
    readonly grossMicro: bigint;
    readonly payoutMicro: bigint;
    readonly shortMicro?: bigint;
  }[];
}

export const settlementReference = (channelId: string, sequence: bigint) => `${channelId}:${sequence}`;

/** The debtor's entry: its debt to the peer has become tokens that it issued; a fee of its own it keeps. */
export function debtorSettlementEntry(batch: SettlementToBook, bookedAt: number): Entry {
  return {
    kind: 'settlement',
    reference: settlementReference(batch.channelId, batch.sequence),
    bookedAt,
    lines: debtorLines(batch.creditor, batch),
  };
}

function debtorLines(
  creditor: string,
  paid: Pick<SettlementToBook, 'totalMicro' | 'feeMicro' | 'feeTo'>,
): EntryLine[] {
  const keptMicro = paid.feeTo === 'debtor' ? paid.feeMicro : 0n;
  const lines = [
    line('peer-payable', creditor, paid.totalMicro),
    line('chain-position', '', keptMicro - paid.totalMicro),
  ];
  if (keptMicro > 0n) lines.push(line('fee-income', creditor, -keptMicro));
  return lines;
}

/** The creditor's entry: the peer's debt has become tokens in the channel's pot, for operators (and, for its drivers' discharge, itself) to claim, and the fee. */
export function creditorSettlementEntry(batch: SettlementToBook, bookedAt: number): Entry {
  const lines = [
    line('peer-receivable', batch.debtor, -batch.totalMicro),
    line('channel-pot', batch.debtor, batch.totalMicro - batch.feeMicro),
  ];
  const receivedMicro = batch.feeTo === 'creditor' ? batch.feeMicro : 0n;
  if (receivedMicro > 0n) lines.push(line('own-tokens', '', receivedMicro));
  // What operators do not get is our income; a fee on what is paid to ourselves is none. Where the debtor
  // keeps the fee, what it keeps of what is ours is our loss.
  const withheldMicro = batch.shares.reduce(
    (sum, share) => sum + share.grossMicro - share.payoutMicro - (share.shortMicro ?? 0n),
    0n,
  );
  const incomeMicro = withheldMicro - (batch.feeMicro - receivedMicro);
  if (incomeMicro !== 0n) lines.push(line('fee-income', batch.debtor, -incomeMicro));
  for (const { account, grossMicro, payoutMicro, shortMicro = 0n } of batch.shares) {
    lines.push(line('operator-earned', account, grossMicro));
    lines.push(line('operator-claimable', account, -payoutMicro));
    if (shortMicro > 0n) lines.push(line('operator-own', account, -shortMicro));
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

/** A bank moves whole cents: what it moved for a redemption beyond its amount is ours to bear. */
export function roundingEntry(redemptionId: string, beyondMicro: bigint, bookedAt: number): Entry {
  return {
    kind: 'rounding',
    reference: redemptionId,
    bookedAt,
    lines: [line('rounding', '', beyondMicro), line('bank', '', -beyondMicro)],
  };
}

/** We paid an operator for our own drivers' charges, in one transfer for what is owed at each of its accounts. */
export function payoutEntry(
  payout: {
    readonly parts: readonly { readonly account: string; readonly amountMicro: bigint }[];
    readonly bankReference: string;
  },
  bookedAt: number,
): Entry {
  const totalMicro = payout.parts.reduce((sum, { amountMicro }) => sum + amountMicro, 0n);
  return {
    kind: 'payout',
    reference: payout.bankReference,
    bookedAt,
    lines: [
      ...payout.parts.map(({ account, amountMicro }) => line('operator-own', account, amountMicro)),
      line('bank', '', -totalMicro),
    ],
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

/** A charge, or its credit, that was collected by its evidence and paid on the chain. */
export interface ForcedToBook {
  readonly claimId: string;
  readonly direction: 'charge' | 'credit';
  readonly debtor: string;
  readonly creditor: string;
  /** The operator's account; for a credit that of the driver's provider. */
  readonly payee: string;
  readonly totalMicro: bigint;
  readonly feeMicro: bigint;
  readonly feeTo: 'creditor' | 'debtor';
  /** Of a charge with a commission, what of it is the operator's (`charge.operator_micro`); null: all. Creditor's side only. */
  readonly operatorMicro?: bigint | null;
}

/**
 * A claim that was paid, as `me` books it. The debtor owes the peer no longer what it owes in tokens; what
 * it does not have in its books yet stands as paid ahead until the charge is booked. The creditor's
 * operator has its tokens already, and nothing is left to be claimed; where it has a commission it was paid
 * more than that, and owes us what is over.
 */
export function forcedEntry(me: string, claim: ForcedToBook, bookedAt: number): Entry {
  const reference = claim.claimId;
  if (claim.debtor === me)
    return { kind: 'forced', reference, bookedAt, lines: debtorLines(claim.creditor, claim) };
  const { totalMicro, feeMicro } = claim;
  const receivedMicro = claim.feeTo === 'creditor' ? feeMicro : 0n;
  const lines = [line('peer-receivable', claim.debtor, -totalMicro)];
  const operatorMicro = claim.operatorMicro ?? null;
  if (claim.direction === 'charge' && operatorMicro !== null) {
    lines.push(line('operator-earned', claim.payee, operatorMicro));
    lines.push(line('operator-own', claim.payee, totalMicro - feeMicro - operatorMicro));
    if (receivedMicro > 0n) lines.push(line('own-tokens', '', receivedMicro));
    if (feeMicro > receivedMicro) lines.push(line('fee-income', claim.debtor, feeMicro - receivedMicro));
  } else if (claim.direction === 'charge') {
    lines.push(line('operator-earned', claim.payee, totalMicro));
    if (receivedMicro > 0n)
      lines.push(line('own-tokens', '', receivedMicro), line('fee-income', claim.debtor, -receivedMicro));
  } else {
    lines.push(line('own-tokens', '', totalMicro - feeMicro + receivedMicro));
    if (feeMicro > receivedMicro) lines.push(line('fee-income', claim.debtor, feeMicro - receivedMicro));
  }
  return { kind: 'forced', reference, bookedAt, lines };
}

/** The fee of a dispute: `paid` from us in tokens that we issue, else received in tokens. */
export function disputeEntry(
  dispute: {
    readonly reference: string;
    readonly peer: string;
    readonly amountMicro: bigint;
    readonly paid: boolean;
  },
  bookedAt: number,
): Entry {
  const { reference, peer, amountMicro } = dispute;
  return {
    kind: 'dispute',
    reference,
    bookedAt,
    lines: dispute.paid
      ? [line('dispute-fees', peer, amountMicro), line('chain-position', '', -amountMicro)]
      : [line('own-tokens', '', amountMicro), line('dispute-fees', peer, -amountMicro)],
  };
}
