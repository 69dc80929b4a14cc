import type { Hex } from '@p2p-power/protocol/Hex';

/** A round of netting, open until its transfers are confirmed or the staff gives them up. */
export const roundStates = ['open', 'closed', 'replaced'] as const;
export type RoundState = (typeof roundStates)[number];

/** A round of netting as we computed it from all positions at a block. Times in epoch seconds. */
export interface NettingRoundTable {
  /** SHA-256 of network id and block hash. */
  round_id: Hex;
  block_number: string;
  block_hash: Hex;
  block_time: string;
  supply_micro: string;
  /** `{providerId, positionMicro}[]` as JSON, integers as decimal text. */
  positions: string;
  /** `staff`, or the peer that announced it. */
  opened_by: string;
  opened_at: string;
  /** Peers that know of it; they are told by who opened it. */
  announced: string[];
  state: RoundState;
  closed_at: string | null;
}

/** A bank transfer of a round. That it is confirmed is said by the chain alone (`chain_receipt`). */
export interface NettingTransferTable {
  end_to_end_id: string;
  /** SHA-256 of `end_to_end_id`, by which the chain names it. */
  bank_reference: Hex;
  round_id: Hex;
  /** From 1, greatest amount first. */
  leg: number;
  /** Party ids. */
  payer: string;
  receiver: string;
  amount_micro: string;
}

/** Every bank transfer between members that its receiver confirmed on the chain. */
export interface ChainReceiptTable {
  receiver: string;
  bank_reference: Hex;
  payer: string;
  amount_micro: string;
  tx_hash: Hex;
  block_number: string;
  /** When we read of it, epoch seconds. */
  seen_at: string;
}

export interface NettingTables {
  netting_round: NettingRoundTable;
  netting_transfer: NettingTransferTable;
  chain_receipt: ChainReceiptTable;
}
