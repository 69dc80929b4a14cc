import type { Hex } from '@p2p-power/protocol/Hex';
import type { Generated } from 'kysely';

/** Certificates taken back, ours and what peers publish of theirs. Times in epoch seconds. */
export interface RevocationTable {
  provider_id: string;
  certificate_id: Hex;
  revoked_at: string;
  /** Until when it must be published: the certificate's end. */
  expires_at: string | null;
  /** The root on the chain under which it is, of ours; null until then. */
  anchor: Generated<string | null>;
}

/** The provider's members as last read from the chain, for when it cannot be reached; one row. */
export interface MemberTable {
  provider_id: string;
  name: string;
  url: string;
  account: Hex | null;
  /** `{publicKey, addedAt, retiredAt}[]`. */
  keys: unknown;
  /** From when on it makes no new debts, epoch seconds; 0 in good standing. */
  suspended_at: Generated<string>;
  read_at: string;
}

/** What we last had from a peer. */
export interface PeerStateTable {
  provider_id: string;
  trust_list_issued_at: string | null;
  locations_date_from: string | null;
  last_error: string | null;
}

export interface TrustTables {
  revocation: RevocationTable;
  member: MemberTable;
  peer_state: PeerStateTable;
}
