import type { ClaimDirection, ForcedClaim, ForcedClaimStatus } from '@p2p-power/chain/ForcedClaims';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { Result } from '@p2p-power/tariff/Result';

type Sent = Promise<Result<{ readonly txHash: Hex | null }, string>>;

/**
 * Forced claims as a provider uses them, signed with its own account. Refusals are the contract's, by name;
 * a chain that cannot be reached throws, and each call may then be made again.
 */
export interface DisputeChain {
  claimId(authorizationId: Hex, direction: ClaimDirection): Hex;
  /** Claims a charge or credit; one that stands already is answered as it stands. */
  raise(request: {
    readonly direction: ClaimDirection;
    readonly evidence: Evidence;
    readonly authorizationId: Hex;
    /** Of the hand-in, where the deadline has passed. */
    readonly handIn?: { readonly root: Hex; readonly proof: readonly Hex[] };
  }): Promise<Result<{ readonly claim: ForcedClaim; readonly txHash: Hex }, string>>;
  status(authorizationId: Hex, direction: ClaimDirection): Promise<ForcedClaimStatus>;
  /** As debtor; each answers whether the claim fell. */
  objectSettled(
    claim: ForcedClaim,
    settled: {
      readonly sequence: bigint;
      readonly cdrId: Hex;
      readonly chargeMicro: bigint;
      readonly proof: readonly Hex[];
    },
  ): Promise<Result<{ readonly held: boolean }, string>>;
  objectRevoked(
    claim: ForcedClaim,
    revoked: { readonly root: Hex; readonly proof: readonly Hex[] },
  ): Promise<Result<{ readonly held: boolean }, string>>;
  objectMeter(
    claim: ForcedClaim,
    meter: { readonly meterPublicKey: Hex; readonly meterRecord: string },
  ): Promise<Result<{ readonly held: boolean }, string>>;
  /** As debtor, once: the claim waits until somebody shows the meter's record. */
  demandRecord(claim: ForcedClaim): Sent;
  showRecord(claim: ForcedClaim, meterRecord: string): Sent;
  /** Once the window has closed. */
  pay(claim: ForcedClaim): Sent;
  anchorHandIn(root: Hex): Sent;
  anchorRevocations(root: Hex): Sent;
  /** Times of the anchors' blocks, epoch seconds; null where there are none. */
  handInAnchoredAt(root: Hex): Promise<number | null>;
  revocationsAnchoredAt(root: Hex): Promise<number | null>;
}
