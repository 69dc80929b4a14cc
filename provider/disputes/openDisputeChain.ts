import type { ChainClient, ChainSigner } from '@p2p-power/chain/ChainClient';
import {
  anchorHandIn,
  anchorRevocations,
  claimIdOf,
  demandMeterRecord,
  objectMeter,
  objectRevoked,
  objectSettled,
  payForcedClaim,
  raiseForcedClaim,
  readForcedClaim,
  readHandInAnchor,
  readRevocationsAnchor,
  showMeterRecord,
} from '@p2p-power/chain/ForcedClaims';
import { encodeMemberId } from '@p2p-power/chain/MemberId';
import type { DisputeChain } from './DisputeChain.ts';

/** The port over the contract of a deployment; `signer` is the account of the member `providerId`. */
export function openDisputeChain(client: ChainClient, signer: ChainSigner, providerId: string): DisputeChain {
  return {
    claimId: claimIdOf,
    raise: (request) => raiseForcedClaim(client, signer, request),
    status: (authorizationId, direction) => readForcedClaim(client, authorizationId, direction),
    objectSettled: (claim, settled) => objectSettled(client, signer, claim, settled),
    objectRevoked: (claim, revoked) => objectRevoked(client, signer, claim, revoked),
    objectMeter: (claim, meter) => objectMeter(client, signer, claim, meter),
    demandRecord: (claim) => demandMeterRecord(client, signer, claim),
    showRecord: (claim, meterRecord) => showMeterRecord(client, signer, claim, meterRecord),
    pay: (claim) => payForcedClaim(client, signer, claim),
    anchorHandIn: (root) => anchorHandIn(client, signer, root),
    anchorRevocations: (root) => anchorRevocations(client, signer, root),
    handInAnchoredAt: (root) => readHandInAnchor(client, root),
    revocationsAnchoredAt: (root) => readRevocationsAnchor(client, encodeMemberId(providerId), root),
  };
}
