import { handInTree, revokedTree, settledChargeTree } from '@p2p-power/protocol/MerkleTree';
import { encodeAbiParameters, type Hex, keccak256, zeroHash } from 'viem';
import { channelId as channelIdOf } from '../BatchSigning.ts';
import type { ChainRefusal } from '../ChainRefusal.ts';
import { boundOf } from './actClearing.ts';
import { isLiable, keyName, moneyOf } from './actConsortium.ts';
import { agreementInForce } from './actPeering.ts';
import { issueTokens, move } from './actToken.ts';
import {
  type CallOf,
  type Network,
  type NetworkCharge,
  type NetworkClaim,
  type NetworkKey,
  presentMemberOf,
} from './Network.ts';

const clockToleranceS = 120;

type Outcome = ChainRefusal | null;

/** Of one authorization one charge and one credit can be claimed. */
export function claimIdOf(authorizationId: Hex, direction: 'charge' | 'credit'): Hex {
  return keccak256(
    encodeAbiParameters(
      [{ type: 'bytes32' }, { type: 'uint8' }],
      [authorizationId, direction === 'charge' ? 0 : 1],
    ),
  );
}

/** The root of a batch that has just this charge in it. */
export function settledRootOf({ networkId, authorizationId, cdrId, chargeMicro }: NetworkCharge): Hex {
  const charge = { authorizationId, cdrId, chargeMicro: Number(chargeMicro) };
  return settledChargeTree(networkId, [charge]).root;
}

export function handInRootOf({ networkId, cdrId }: NetworkCharge): Hex {
  return handInTree(networkId, [cdrId]).root;
}

export function revokedRootOf(charge: NetworkCharge, direction: 'charge' | 'credit'): Hex {
  const { networkId, driverCertificateId, stationCertificateId } = charge;
  return revokedTree(networkId, [direction === 'charge' ? driverCertificateId : stationCertificateId]).root;
}

export function raise(network: Network, call: CallOf<'raise'>, now: number): Outcome {
  const { charge, direction } = call;
  const { driverProvider, stationProvider, signedAt, endedAt } = charge;
  if (driverProvider === stationProvider) return 'same-member';
  const [debtor, creditor] =
    direction === 'charge' ? [driverProvider, stationProvider] : [stationProvider, driverProvider];
  const agreementId = agreementInForce(network, driverProvider, stationProvider, signedAt);
  const terms = network.agreements.get(agreementId ?? '0x')?.terms;
  if (agreementId === null || terms === undefined) return 'agreement-missing';
  if (terms.currency !== 'EUR') return 'currency-mismatch';
  const { graceS } = terms;
  if (!isTrusted(network, driverProvider, charge.driverIssuer, signedAt, graceS)) {
    return 'unknown-driver-provider';
  }
  if (!isTrusted(network, stationProvider, charge.stationIssuer, signedAt, graceS)) {
    return 'unknown-station-provider';
  }
  if (!isLiable(network, debtor, signedAt, graceS)) return 'debtor-not-liable';
  if (charge.spoilt !== null) return charge.spoilt;
  const amountMicro = direction === 'charge' ? charge.chargeMicro : charge.creditMicro;
  if (amountMicro === 0n) return 'amount-missing';
  if (endedAt > now + clockToleranceS) return 'session-not-ended';
  const deadline = endedAt + terms.handInDeadlineS;
  const anchoredAt = network.handIns.get(call.handInRoot) ?? 0;
  const isAnchored = anchoredAt !== 0 && anchoredAt <= deadline && call.handInRoot === handInRootOf(charge);
  if (now > deadline && !isAnchored) return 'handed-in-too-late';
  const claimId = claimIdOf(charge.authorizationId, direction);
  if (network.forcedClaims.has(claimId)) return 'claim-exists';
  const makerId = presentMemberOf(network, call.from);
  const bondMicro = makerId === null ? terms.disputeFeeMicro : 0n;
  network.forcedClaims.set(claimId, {
    charge,
    direction,
    agreementId,
    debtor,
    creditor,
    amountMicro,
    maker: call.from,
    makerId,
    bondMicro,
    status: 'raised',
    payableFrom: now + terms.objectionWindowS,
    recordDemanded: false,
  });
  if (bondMicro === 0n) return null;
  const { forcedClaims } = network.addresses;
  const key = `${call.from} ${forcedClaims}`;
  const allowed = network.allowances.get(key) ?? 0n;
  if (allowed < bondMicro) return 'allowance-too-low';
  if (allowed !== 2n ** 256n - 1n) network.allowances.set(key, allowed - bondMicro);
  return move(network, call.from, forcedClaims, bondMicro, now);
}

function isTrusted(
  network: Network,
  memberId: Hex,
  key: NetworkKey,
  signedAt: number,
  graceS: number,
): boolean {
  const times = network.members.get(memberId)?.keys.get(keyName(key));
  return times !== undefined && (times.retiredAt === 0 || signedAt < times.retiredAt + graceS);
}

export function payForced(network: Network, call: CallOf<'payForced'>, now: number): Outcome {
  const claim = standing(network, call.claimId);
  if (claim === null) return 'claim-unknown';
  if (claim.payableFrom === null || now < claim.payableFrom) return 'not-payable-yet';
  claim.status = 'paid';
  const { charge, direction, debtor, creditor, amountMicro } = claim;
  const creditorAccount = network.members.get(creditor)?.account ?? '0x';
  const payee = direction === 'charge' ? charge.operatorAccount : creditorAccount;
  const terms = network.agreements.get(claim.agreementId)?.terms;
  if (terms === undefined) return 'agreement-missing';
  const energyWh = direction === 'charge' ? charge.importedWh : charge.exportedWh;
  const feeMicro = boundOf(terms, amountMicro, energyWh);
  const payeeMicro = amountMicro - feeMicro;
  const refused = payeeMicro === 0n ? null : issueTokens(network, debtor, payee, payeeMicro, now);
  if (refused !== null) return refused;
  if (terms.feeTo === 'creditor' && feeMicro !== 0n) {
    const refusedFee = issueTokens(network, debtor, creditorAccount, feeMicro, now);
    if (refusedFee !== null) return refusedFee;
  }
  if (claim.bondMicro === 0n) return null;
  return move(network, network.addresses.forcedClaims, claim.maker, claim.bondMicro, now);
}

export function objectSettled(network: Network, call: CallOf<'objectSettled'>, now: number): Outcome {
  const claim = standing(network, call.claimId);
  const refused = whyNotOpen(network, claim, call.from, now);
  if (refused !== null || claim === null) return refused;
  const channelId = channelIdOf(claim.debtor, claim.creditor);
  const root = network.settledRoots.get(`${channelId} ${call.sequence}`);
  return decide(network, claim, root === settledRootOf(claim.charge), now);
}

export function objectRevoked(network: Network, call: CallOf<'objectRevoked'>, now: number): Outcome {
  const claim = standing(network, call.claimId);
  const refused = whyNotOpen(network, claim, call.from, now);
  if (refused !== null || claim === null) return refused;
  const anchoredAt = network.revocations.get(`${claim.debtor} ${call.root}`) ?? 0;
  const graceS = network.agreements.get(claim.agreementId)?.terms.graceS ?? 0;
  const isOld = anchoredAt !== 0 && anchoredAt + graceS <= claim.charge.signedAt;
  return decide(network, claim, isOld && call.root === revokedRootOf(claim.charge, claim.direction), now);
}

export function objectMeter(network: Network, call: CallOf<'objectMeter'>, now: number): Outcome {
  const claim = standing(network, call.claimId);
  const refused = whyNotOpen(network, claim, call.from, now);
  return refused !== null || claim === null ? refused : decide(network, claim, false, now);
}

export function demandRecord(network: Network, call: CallOf<'demandRecord'>, now: number): Outcome {
  const claim = standing(network, call.claimId);
  const refused = whyNotOpen(network, claim, call.from, now);
  if (refused !== null || claim === null) return refused;
  if (claim.recordDemanded) return 'record-demanded-already';
  claim.recordDemanded = true;
  claim.payableFrom = null;
  return null;
}

export function showRecord(network: Network, call: CallOf<'showRecord'>, now: number): Outcome {
  const claim = standing(network, call.claimId);
  if (claim === null) return 'claim-unknown';
  if (claim.payableFrom !== null) return 'record-not-demanded';
  if (!call.isTrueRecord) return 'record-mismatch';
  claim.payableFrom = now + (network.agreements.get(claim.agreementId)?.terms.objectionWindowS ?? 0);
  return null;
}

export function anchorHandIn(network: Network, call: CallOf<'anchorHandIn'>, now: number): Outcome {
  if (call.root === zeroHash) return 'root-missing';
  if (!network.handIns.has(call.root)) network.handIns.set(call.root, now);
  return null;
}

export function anchorRevocations(network: Network, call: CallOf<'anchorRevocations'>, now: number): Outcome {
  const memberId = presentMemberOf(network, call.from);
  if (memberId === null) return 'not-a-member';
  if (call.root === zeroHash) return 'root-missing';
  const key = `${memberId} ${call.root}`;
  if (!network.revocations.has(key)) network.revocations.set(key, now);
  return null;
}

function standing(network: Network, claimId: Hex): NetworkClaim | null {
  const claim = network.forcedClaims.get(claimId);
  return claim?.status === 'raised' ? claim : null;
}

/** Only the debtor objects, before the window closes; a former member is still the debtor. */
function whyNotOpen(network: Network, claim: NetworkClaim | null, from: string, now: number): Outcome {
  if (claim === null) return 'claim-unknown';
  if (network.members.get(claim.debtor)?.account !== from) return 'not-the-debtor';
  return claim.payableFrom !== null && now >= claim.payableFrom ? 'objection-too-late' : null;
}

/** The loser is charged what its limit allows, and a claim that fell is void. */
function decide(network: Network, claim: NetworkClaim, held: boolean, now: number): Outcome {
  const feeMicro = network.agreements.get(claim.agreementId)?.terms.disputeFeeMicro ?? 0n;
  const debtorAccount = network.members.get(claim.debtor)?.account ?? '0x';
  if (held) {
    claim.status = 'void';
    if (claim.makerId !== null) return bookDisputeFee(network, claim.makerId, debtorAccount, feeMicro, now);
    if (claim.bondMicro === 0n) return null;
    return move(network, network.addresses.forcedClaims, debtorAccount, claim.bondMicro, now);
  }
  const maker = claim.makerId === null ? claim.maker : (network.members.get(claim.makerId)?.account ?? '0x');
  return bookDisputeFee(network, claim.debtor, maker, feeMicro, now);
}

function bookDisputeFee(
  network: Network,
  payer: Hex,
  to: NetworkClaim['maker'],
  feeMicro: bigint,
  now: number,
): Outcome {
  const { issuedMicro, redeemedMicro, limitMicro } = moneyOf(network, payer);
  const positionMicro = issuedMicro + feeMicro - redeemedMicro;
  const isAllowed =
    issuedMicro + feeMicro < 2n ** 128n && (positionMicro <= 0n || positionMicro <= limitMicro);
  return isAllowed && feeMicro !== 0n ? issueTokens(network, payer, to, feeMicro, now) : null;
}
