import type { Hex } from '@p2p-power/protocol/Hex';
import type { Generated } from 'kysely';

/**
 * Where a forced claim stands:
 * - `raising`: we are bringing it to the chain
 * - `refused`: the contract said no; it can be tried again
 * - `raised`: it stands, and its window is open or has closed
 * - `paid`, `void`: decided; `void` is what an objection held against
 */
export const claimStates = ['raising', 'refused', 'raised', 'paid', 'void'] as const;
export type ClaimState = (typeof claimStates)[number];

/** Why we claim by force. */
export const claimReasons = ['peer-silent', 'peer-refused', 'batch-stuck', 'staff'] as const;
export type ClaimReason = (typeof claimReasons)[number];

/** What the debtor, if that is us, has made of a claim: it is right, we objected, or we asked for the meter's record. */
export const claimAnswers = ['right', 'objected', 'demanded'] as const;
export type ClaimAnswer = (typeof claimAnswers)[number];

/** A charge, or the credit of one, claimed by its evidence: by us, by somebody on our side, or from us. Times in epoch seconds. */
export interface ForcedClaimTable {
  authorization_id: Hex;
  direction: 'charge' | 'credit';
  claim_id: Hex;
  cdr_id: Hex;
  /** Party ids. */
  debtor: string;
  creditor: string;
  state: ClaimState;
  /** Null where we did not raise it. */
  reason: ClaimReason | null;
  amount_micro: string;
  fee_micro: string | null;
  /** The chain's `ForcedClaim` as JSON (`ClaimBook.ts`), once it stands. */
  claim: string | null;
  /** Null while the debtor waits for the meter's record. */
  payable_from: string | null;
  answer: ClaimAnswer | null;
  /** The kind of the objection that held, or that we made. */
  objection: 'settled' | 'revoked' | 'meter' | null;
  /** What the chain last said no with. */
  refusal: string | null;
  refusal_detail: string | null;
  attempts: number;
  next_attempt_at: string;
  tx_hash: Hex | null;
  raised_block: string | null;
  closed_block: string | null;
  created_at: string;
  closed_at: string | null;
}

/** Roots of CDR ids that we have put on the chain: proof of a hand-in in time. */
export interface HandInAnchorTable {
  anchor: Generated<string>;
  root: Hex;
  created_at: string;
  /** Time of its block; null until the chain has it. */
  anchored_at: string | null;
}

/** Which anchor a CDR's hand-in is under. */
export interface HandInTable {
  cdr_id: Hex;
  anchor: string;
}

/** Roots of our revoked certificates: anchor n holds all whose `revocation.anchor` is n or less. */
export interface RevocationAnchorTable {
  anchor: string;
  root: Hex;
  count: string;
  created_at: string;
  anchored_at: string | null;
}

export interface DisputeTables {
  forced_claim: ForcedClaimTable;
  hand_in_anchor: HandInAnchorTable;
  hand_in: HandInTable;
  revocation_anchor: RevocationAnchorTable;
}
