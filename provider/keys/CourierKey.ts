import type { Hex } from '@p2p-power/protocol/Hex';

/** The P-256 key pair that stations seal segments for (HPKE, RFC 9180). */
export interface CourierKey {
  /** x‖y. */
  readonly publicKey: Hex;
  /** `recipientKeyId` of a segment's header. */
  readonly keyId: Hex;
  /** The private scalar, 32 bytes. */
  readonly privateKey: Uint8Array;
}
