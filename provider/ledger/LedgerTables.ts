import type { Generated } from 'kysely';

/**
 * Kinds of ledger account, seen from this provider; a positive balance is owed to us or ours, a
 * negative one is owed by us. `owner` is named in brackets.
 */
export const accountKinds = [
  /** What one of our drivers owes us [driver id]. */
  'driver',
  /** What an operator has earned from our own drivers, paid by bank transfer [operator's chain account]. */
  'operator-own',
  /** What an operator has earned from peers' drivers and no batch has settled yet, fee included [account]. */
  'operator-earned',
  /** What batches have settled for an operator and it has not claimed [account]. */
  'operator-claimable',
  /** What a peer owes us for charges that it accepted and no batch has settled [peer]. */
  'peer-receivable',
  /** What we owe a peer for charges that we accepted and no batch has settled [peer]. */
  'peer-payable',
  /** Tokens in the pot of the channel in which a peer pays us [peer]. */
  'channel-pot',
  /** What we sold at the points of an operator to which we pay a commission, less that commission; negative [operator's account]. */
  'energy-sales',
  /** What we bore of our drivers' charges by a promotion [promotion id]. */
  'promotions',
  /** Our fee of the charges at our operators' points, or of our drivers' charges, as agreed [peer]. */
  'fee-income',
  /** What disputes over forced claims have cost us, and, negative, brought us [peer]. */
  'dispute-fees',
  /** Tokens in our own chain account []. */
  'own-tokens',
  /** What we redeemed less what we issued: minus our position on the chain []. */
  'chain-position',
  /** Money moved by bank []. */
  'bank',
  /** What banks made us pay beyond parts of a cent []. */
  'rounding',
] as const;
export type AccountKind = (typeof accountKinds)[number];

export interface LedgerAccountTable {
  id: Generated<string>;
  kind: AccountKind;
  owner: string;
}

/** What a ledger entry is about; `reference` names the one thing it books. */
export const entryKinds = [
  /** A CDR at its being booked or accepted [cdr id]. */
  'charge',
  /** A settled batch [channel id:sequence]. */
  'settlement',
  /** Tokens claimed from a channel's pot [channel id:account:cumulative amount]. */
  'claim',
  /** Tokens redeemed for money [redemption id]. */
  'redemption',
  /** What a redemption cost beyond its amount, because banks move whole cents [redemption id]. */
  'rounding',
  /** Own earnings paid by bank transfer [bank reference]. */
  'payout',
  /** A bank transfer between providers [receiver:bank reference]. */
  'receipt',
  /** A charge that was collected by its evidence [claim id]. */
  'forced',
  /** What the loser of a dispute paid [claim id:objection:tx]. */
  'dispute',
] as const;
export type EntryKind = (typeof entryKinds)[number];

export interface LedgerEntryTable {
  id: Generated<string>;
  kind: EntryKind;
  reference: string;
  /** Epoch seconds. */
  booked_at: string;
}

export interface LedgerLineTable {
  entry_id: string;
  account_id: string;
  amount_micro: string;
}

/** Double entry: entries of two or more lines that come to zero, never changed, one for each thing booked. */
export interface LedgerTables {
  ledger_account: LedgerAccountTable;
  ledger_entry: LedgerEntryTable;
  ledger_line: LedgerLineTable;
}
