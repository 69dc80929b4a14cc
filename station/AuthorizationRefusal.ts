import type { LinkParseRefusal } from '@p2p-power/protocol/parseLinkMessage';

/**
 * Why a station refuses an authorization whose form is sound, in order of precedence: it names the
 * first that holds.
 * docs/refusals.md explains each.
 */
export const authorizationRefusals = [
  'authorization-replayed',
  'unknown-provider',
  'unknown-issuer-key',
  'bad-certificate-signature',
  'certificate-not-yet-valid',
  'certificate-expired',
  'certificate-revoked',
  'trust-list-too-old',
  'emaid-mismatch',
  'certificate-mismatch',
  'wrong-station',
  'offer-unknown',
  'offer-expired',
  'bad-authorization-signature',
  'clock-skew',
  'zero-bounds',
  'bounds-above-certificate',
  'bounds-below-price',
  'leave-time-past',
  'discharge-not-available',
  'session-running',
  'station-out-of-order',
  'journal-full',
] as const;
export type AuthorizationRefusal = (typeof authorizationRefusals)[number];

/** What else the link refuses, in no order: each belongs to one kind of message. */
export const linkRefusals = [
  'no-valid-tariff',
  'no-fresh-price',
  'session-unknown',
  'session-not-ended',
  'no-charge',
  'bad-stop-signature',
  'stop-too-old',
  'too-many-requests',
] as const;
export type LinkRefusal = (typeof linkRefusals)[number];

export type StationRefusal = LinkParseRefusal | AuthorizationRefusal | LinkRefusal;
