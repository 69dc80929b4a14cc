import type { Hex } from '@p2p-power/protocol/Hex';
import type { Generated } from 'kysely';

/**
 * Where a batch stands, in this order; each step is on disk before the next begins:
 * - `built`: the creditor has signed it and keeps asking the debtor to sign too
 * - `countersigned`: both have signed; as debtor this is all there is to do
 * - `submitted`: the creditor is bringing it to the chain
 * - `settled`: the chain says so
 */
export const batchStates = ['built', 'countersigned', 'submitted', 'settled'] as const;
export type BatchState = (typeof batchStates)[number];

/** A batch of one channel. Never two for one sequence number. */
export interface BatchTable {
  channel_id: Hex;
  sequence: string;
  /** Party ids. */
  debtor: string;
  creditor: string;
  /** The agreement under which all its charges were signed. */
  agreement_id: Hex;
  /** Whose the fee is by that agreement. */
  fee_to: 'creditor' | 'debtor';
  /** The signed fields as JSON, integers as decimal text. */
  batch: string;
  /** EIP-712 hash of the struct, as Clearing keeps it. */
  batch_hash: Hex;
  total_micro: string;
  fee_micro: string;
  count: string;
  period_start: string;
  period_end: string;
  state: BatchState;
  creditor_signature: Hex;
  debtor_signature: Hex | null;
  tx_hash: Hex | null;
  block_number: string | null;
  /** What the debtor or the chain last said no with; it is tried again. */
  refusal: string | null;
  refusal_detail: string | null;
  attempts: number;
  /** Epoch seconds. */
  next_attempt_at: string;
  built_at: string;
}

/** What accounts are owed by a batch, and were ever owed in its channel up to it. */
export interface BatchPayoutTable {
  channel_id: Hex;
  sequence: string;
  account: Hex;
  /** The account's part of the batch's charges, fee included; of a commission that, for ourselves what commissions leave. */
  gross_micro: string;
  payout_micro: string;
  /** By how much commissions are paid out less because a charge did not reach for fee and commission: we owe it. */
  short_micro: Generated<string>;
  cumulative_micro: string;
}

/** How far the chain has been followed, stored with what was done for it. */
export interface ChainCursorTable {
  id: number;
  cursor: string;
}

/** What we know of redemptions: asked for by operators whose account we keep, or by anyone of us on the chain. */
export interface RedemptionTable {
  redemption_id: Hex;
  holder: Hex;
  /** Party id. */
  provider: string;
  amount_micro: string;
  /** `requesting` until the chain has it. */
  state: 'requesting' | 'open' | 'paying' | 'paid' | 'cancelled' | 'refused';
  /** 32 random bytes that name the request on the chain; null where somebody else made it. */
  chain_reference: Hex | null;
  bank_reference: string | null;
  refusal: string | null;
  requested_at: string;
  /** When the chain will show it as overdue, epoch seconds; null until that was read. */
  due_at: string | null;
  /** `{deadline, signature}` as JSON where the holder signed and we bring it. */
  relay: string | null;
  closed_at: string | null;
}

/** Private keys of chain accounts that we keep for operators, sealed with the provider's key file. */
export interface AccountKeyTable {
  account: Hex;
  sealed_key: string;
  created_at: string;
}

/** Batches that we built, as creditor, and gave up before the debtor had signed. */
export interface AbandonedBatchTable {
  batch_hash: Hex;
  /** The row of `batch`, those of `batch_payout` and the CDR ids of its charges, as JSON. */
  row: string;
  payouts: string;
  charges: string;
  /** What each charge bore of the fee: `{cdr_id, fee_micro}` as JSON. */
  fees: Generated<string>;
}

export interface ClearingTables {
  abandoned_batch: AbandonedBatchTable;
  batch: BatchTable;
  batch_payout: BatchPayoutTable;
  chain_cursor: ChainCursorTable;
  redemption: RedemptionTable;
  account_key: AccountKeyTable;
}
