import type { Hex } from '@p2p-power/protocol/Hex';

/** A driver: made at the first sign-in. Times in epoch seconds. */
export interface DriverTable {
  /** Random, ours; says nothing about the person. */
  driver_id: string;
  /** OIDC issuer and subject. */
  issuer: string;
  subject: string;
  name: string | null;
  email: string | null;
  created_at: string;
  /** When the account was closed; null while it is open. */
  closed_at: string | null;
}

/** Each driver certificate ever issued. */
export interface DriverCertificateTable {
  certificate_id: Hex;
  driver_id: string;
  emaid: string;
  public_key: Hex;
  not_before: string;
  not_after: string;
  issued_at: string;
  revoked_at: string | null;
  /** The `SignedDriverCertificate` as JSON. */
  signed: string;
}

/** Who sells power at charging points through us. */
export interface OperatorTable {
  operator_id: string;
  name: string;
  email: string;
  /** The chain account that is paid, lower-case. */
  account: Hex;
  /** Whether we keep the account's key, or the operator does. */
  account_kept: boolean;
  /** OIDC issuer and subject, set at the first sign-in with the verified e-mail address. */
  issuer: string | null;
  subject: string | null;
  created_at: string;
}

export interface PeopleTables {
  driver: DriverTable;
  driver_certificate: DriverCertificateTable;
  operator: OperatorTable;
}
