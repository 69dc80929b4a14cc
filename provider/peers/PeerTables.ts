import type { Hex } from '@p2p-power/protocol/Hex';

/** Nonces of peers' requests, so that none is answered twice; times in epoch seconds. */
export interface PeerNonceTable {
  provider_id: string;
  nonce: string;
  expires_at: string;
}

/** Evidence that waits to be handed to its driver's provider. A row goes when the peer has answered. */
export interface OutboxTable {
  cdr_id: Hex;
  peer: string;
  attempts: number;
  next_attempt_at: string;
  last_error: string | null;
}

/** The agreements with a peer as last read from the chain, for when it cannot be reached. */
export interface PeerAgreementTable {
  peer: string;
  /** `ClearingTerms[]` as JSON, large integers as decimal text. */
  agreements: string;
  /** Epoch seconds. */
  read_at: string;
}

/** Agreements that were proposed to us or by us; what they say is asked of the chain. */
export interface AgreementProposalTable {
  agreement_id: Hex;
  peer: string;
}

export interface PeerTables {
  agreement_proposal: AgreementProposalTable;
  peer_agreement: PeerAgreementTable;
  peer_nonce: PeerNonceTable;
  outbox: OutboxTable;
}
