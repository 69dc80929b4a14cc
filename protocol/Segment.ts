import type { Hex } from './Hex.ts';

/**
 * Sealed records on their way from a station to its provider, by the station itself or in a
 * stranger's phone: who carries it can read the header and nothing else.
 * HPKE (RFC 9180) base mode, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM; the header is
 * authenticated (aad); the plaintext is the JSON list of the segment's evidence.
 */
export interface Segment {
  readonly header: SegmentHeader;
  /** HPKE encapsulated key, base64. */
  readonly encapsulatedKey: string;
  /** base64. */
  readonly ciphertext: string;
}

export interface SegmentHeader {
  readonly version: 1;
  readonly networkId: Hex;
  /** Whom it is for, and with which of its HPKE keys it was sealed: SHA-256 of the raw public key. */
  readonly providerId: string;
  readonly recipientKeyId: Hex;
  /** SHA-256 of the plaintext: the same records sealed again are the same segment. */
  readonly segmentId: Hex;
  /** How many CDRs. */
  readonly count: number;
}
