import type { Hex } from '@p2p-power/protocol/Hex';

/**
 * Where a charge stands here:
 * - `booked`: our driver at our operator's point, booked on both sides
 * - `waiting`: a peer's driver at our operator's point, not answered by the peer yet
 * - `accepted`: accepted by the driver's provider, that is by the peer, or by us for a peer's operator
 * - `refused`: refused by the peer; the operator bears it unless a later answer differs
 */
export const chargeStates = ['booked', 'waiting', 'accepted', 'refused'] as const;
export type ChargeState = (typeof chargeStates)[number];

/** Each charge that this provider has taken, as its driver's provider, its operator's, or both; times in epoch seconds. */
export interface ChargeTable {
  cdr_id: Hex;
  authorization_id: Hex;
  driver_provider: string;
  operator_provider: string;
  driver_certificate_id: Hex;
  station_certificate_id: Hex;
  emaid: string;
  evse_id: string;
  operator_account: Hex;
  /** Whom we bill: set where the driver is ours. */
  driver_id: string | null;
  currency: string;
  time_zone: string;
  authorized_at: string;
  started_at: string;
  ended_at: string;
  imported_wh: string;
  exported_wh: string;
  charge_micro: string;
  credit_micro: string;
  journal_number: string;
  journal_previous_hash: Hex;
  received_at: string;
  state: ChargeState;
  refusal: string | null;
  refusal_detail: string | null;
  /** Batch of the channel driver's provider → operator's provider that settles the charge. */
  charge_sequence: string | null;
  /** What of the charge the operator's provider keeps, once it is in a batch. */
  fee_micro: string | null;
  /** What the operator earns in place of the charge, where it has a commission with us. */
  commission_micro: string | null;
  /** What of the charge goes to the operator's account, where its provider pays it a commission; null: all. */
  operator_micro: string | null;
  /** What of the charge we bear ourselves by promotions, where the driver is ours (table `promotion_use`). */
  promotion_micro: string | null;
  /** Batch of the channel operator's provider → driver's provider that settles the credit. */
  credit_sequence: string | null;
  /** The whole `Evidence` as JSON. */
  evidence: string;
}

/** What was handed in and refused, with the reason; whole where a certified station signed it (`keepRefused`). */
export interface QuarantineTable {
  /** SHA-256 of the content. */
  content_hash: Hex;
  refusal: string;
  detail: string;
  cdr_id: Hex | null;
  /** `hand-in`, or the peer that sent it. */
  source: string;
  received_at: string;
  /** When it was last judged. */
  judged_at: string;
  /** When it was accepted after all, because by then we knew more. */
  accepted_at: string | null;
  /** Null where it was not kept. */
  content: string | null;
  /** The key of the driver certificate in it, where it was kept and has one; nobody has checked it. */
  driver_public_key: Hex | null;
}

export interface ChargeTables {
  charge: ChargeTable;
  quarantine: QuarantineTable;
}
