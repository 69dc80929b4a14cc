import type { Evidence } from '@p2p-power/protocol/Evidence';
import { keyId } from '@p2p-power/protocol/KeyId';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import {
  type Address,
  encodeAbiParameters,
  erc20Abi,
  type Hex,
  keccak256,
  parseEventLogs,
  zeroHash,
} from 'viem';
import { type ChainClient, type ChainSigner, contractAt } from './ChainClient.ts';
import { withChainFaults } from './ChainFault.ts';
import type { ChainRefusal } from './ChainRefusal.ts';
import { memberOf, readMember } from './Consortium.ts';
import { encodeChargeEvidence } from './encodeChargeEvidence.ts';
import { forcedClaimsAbi } from './generated/ForcedClaims.ts';
import { encodeMemberId } from './MemberId.ts';
import { readCurrentAgreement } from './Peering.ts';
import { type Mined, submitOnce, submitTransaction, type TxOutcome } from './submitTransaction.ts';

/** Charge: claimed from the driver's provider. Credit of a discharge: claimed from the operator's provider. */
export type ClaimDirection = 'charge' | 'credit';

/** `void` is what an objection held against, for good. */
export type ForcedClaimStatus = 'none' | 'raised' | 'paid' | 'void';

/** A claim as the contract keeps it (by hash only) and its events carry it; IForcedClaims.sol says what each means. */
export type ForcedClaim = {
  readonly authorizationId: Hex;
  readonly cdrId: Hex;
  readonly agreementId: Hex;
  readonly debtor: Hex;
  readonly creditor: Hex;
  /** 0 charge, 1 credit: {@link directionOf}. */
  readonly direction: number;
  readonly certificateId: Hex;
  readonly meterKeyHash: Hex;
  readonly meterRecordHash: Hex;
  readonly signedAt: bigint;
  readonly startedAt: bigint;
  readonly endedAt: bigint;
  readonly importBeginWh: bigint;
  readonly importEndWh: bigint;
  readonly exportBeginWh: bigint;
  readonly exportEndWh: bigint;
  readonly amountMicro: bigint;
  readonly payee: Address;
  readonly maker: Address;
  readonly makerId: Hex;
  readonly bondMicro: bigint;
  /** Epoch seconds: the window is open before it. 2^64 − 1 while the debtor waits for the meter's record. */
  readonly payableFrom: bigint;
  readonly recordDemanded: boolean;
  readonly billedByTime: boolean;
};

export type RaisedClaim = {
  readonly outcome: 'raised' | 'already-raised';
  readonly claimId: Hex;
  readonly claim: ForcedClaim;
  readonly txHash: Hex;
};

/** What an objection led to: whether it held (the claim is void), and what the loser was charged. */
export type Objected = Mined & { readonly held: boolean; readonly feeMicro: bigint };

const contractOf = (client: ChainClient) => contractAt(client.deployment.forcedClaims, forcedClaimsAbi);
const directionNumber = (direction: ClaimDirection): number => (direction === 'charge' ? 0 : 1);

export function directionOf(claim: ForcedClaim): ClaimDirection {
  return claim.direction === 0 ? 'charge' : 'credit';
}

/** The name of a claim on the chain: of one authorization one charge and one credit can be claimed. */
export function claimIdOf(authorizationId: Hex, direction: ClaimDirection): Hex {
  return keccak256(
    encodeAbiParameters(
      [{ type: 'bytes32' }, { type: 'uint8' }],
      [authorizationId, directionNumber(direction)],
    ),
  );
}

/** Why evidence is not brought to the contract at all: it knows tariffs, and no prices by quarter-hour beside them. */
export type NotClaimable = 'prices-not-claimable';

/** Whether the contract can judge such a charge. It cannot where the offer names prices of its own. */
export function checkClaimable({ offer }: Evidence): Result<null, NotClaimable> {
  return offer.value.pricesId === zeroHash
    ? accept(null)
    : refuse(
        'prices-not-claimable',
        'the contract knows tariffs only, and this point offered dynamic prices',
      );
}

/**
 * Claims a charge, or the credit of one, without the debtor's signature. `signer` may be a member's account or anybody's:
 * who is no member leaves the agreement's dispute fee in tokens as a bond, for which an allowance is set if there is none.
 * `handIn` proves a hand-in in time to who comes after the deadline.
 *
 * Refuses with `prices-not-claimable` before the chain is asked ({@link checkClaimable}), then with the contract's
 * reason, in the order of IForcedClaims.sol; `claim-exists` if it is paid or void. A claim
 * that stands already is returned as `already-raised`, whoever raised it. Throws `ChainFault`: calling again is safe.
 */
export async function raiseForcedClaim(
  client: ChainClient,
  signer: ChainSigner,
  request: {
    readonly direction: ClaimDirection;
    readonly evidence: Evidence;
    readonly authorizationId: Hex;
    readonly handIn?: { readonly root: Hex; readonly proof: readonly Hex[] };
  },
): Promise<Result<RaisedClaim, ChainRefusal | NotClaimable>> {
  const { direction, evidence, authorizationId } = request;
  const claimable = checkClaimable(evidence);
  if (!claimable.ok) return claimable;
  const claimId = claimIdOf(authorizationId, direction);
  const before = await findRaised(client, claimId);
  if (before !== null) return accept(before);
  const issuers = await readIssuers(client, evidence);
  if (!issuers.ok) return issuers;
  const bonded = await ensureBond(client, signer, evidence);
  if (!bonded.ok) return bonded;
  const sent = await submitTransaction(client, signer, {
    ...contractOf(client),
    functionName: 'raise',
    args: [
      directionNumber(direction),
      encodeChargeEvidence(evidence, issuers.value),
      request.handIn ?? { root: zeroHash, proof: [] },
    ],
  });
  const raised = await findRaised(client, claimId);
  if (!sent.ok) return raised === null ? sent : accept(raised);
  if (raised === null) throw new Error(`the claim of ${sent.value.txHash} is none of its authorization`);
  return accept({ ...raised, outcome: 'raised' });
}

/** The certificate keys that signed, out of the consortium's list. */
async function readIssuers(client: ChainClient, { driverCertificate, stationCertificate }: Evidence) {
  const [driverIssuer, stationIssuer] = await Promise.all(
    [driverCertificate.value, stationCertificate.value].map(async ({ providerId, issuerKeyId }) => {
      const member = await readMember(client, encodeMemberId(providerId));
      return member?.keys
        .map(({ x, y }): Hex => `0x${x.slice(2)}${y.slice(2)}`)
        .find((key) => keyId(key) === issuerKeyId);
    }),
  );
  if (driverIssuer === undefined)
    return refuse('unknown-driver-provider', driverCertificate.value.providerId);
  if (stationIssuer === undefined)
    return refuse('unknown-station-provider', stationCertificate.value.providerId);
  return accept({ driverIssuer, stationIssuer });
}

/** Lets the contract take the bond of who is no member. */
async function ensureBond(
  client: ChainClient,
  signer: ChainSigner,
  { driverCertificate, stationCertificate, authorization }: Evidence,
): Promise<Result<null, ChainRefusal>> {
  if ((await memberOf(client, signer.address)) !== zeroHash) return accept(null);
  const agreement = await readCurrentAgreement(
    client,
    encodeMemberId(driverCertificate.value.providerId),
    encodeMemberId(stationCertificate.value.providerId),
    authorization.value.signedAt,
  );
  const bondMicro = agreement?.terms.disputeFeeMicro ?? 0n;
  const token = contractAt(client.deployment.chargeToken, erc20Abi);
  const spender = client.deployment.forcedClaims;
  const isAllowed = async () =>
    (await client.rpc.readContract({
      ...token,
      functionName: 'allowance',
      args: [signer.address, spender],
    })) >= bondMicro;
  const allowed = await submitOnce(
    client,
    signer,
    { ...token, functionName: 'approve', args: [spender, bondMicro] },
    isAllowed,
  );
  return allowed.ok ? accept(null) : allowed;
}

/** The claim if it was raised and stands, paid and void ones not. */
async function findRaised(client: ChainClient, claimId: Hex): Promise<RaisedClaim | null> {
  if ((await readClaimStatus(client, claimId)) !== 'raised') return null;
  const found = await findForcedClaim(client, claimId);
  return found === null
    ? null
    : { outcome: 'already-raised', claimId, claim: found.claim, txHash: found.txHash };
}

/** The newest form of a claim, out of the events, with its status; null if it was never raised. */
export async function findForcedClaim(
  client: ChainClient,
  claimId: Hex,
): Promise<{ readonly claim: ForcedClaim; readonly status: ForcedClaimStatus; readonly txHash: Hex } | null> {
  const status = await readClaimStatus(client, claimId);
  if (status === 'none') return null;
  return withChainFaults(async () => {
    const logs = await client.rpc.getLogs({
      address: client.deployment.forcedClaims,
      fromBlock: BigInt(client.deployment.block),
      events: forcedClaimsAbi.filter(
        (entry) =>
          entry.type === 'event' &&
          (entry.name === 'ForcedClaimRaised' ||
            entry.name === 'MeterRecordDemanded' ||
            entry.name === 'MeterRecordShown'),
      ),
    });
    const events = parseEventLogs({
      abi: forcedClaimsAbi,
      logs,
      eventName: ['ForcedClaimRaised', 'MeterRecordDemanded', 'MeterRecordShown'],
    }).filter((event) => event.args.claimId === claimId);
    const newest = events.at(-1);
    return newest === undefined ? null : { claim: newest.args.claim, status, txHash: newest.transactionHash };
  });
}

export async function readForcedClaim(
  client: ChainClient,
  authorizationId: Hex,
  direction: ClaimDirection,
): Promise<ForcedClaimStatus> {
  return readClaimStatus(client, claimIdOf(authorizationId, direction));
}

const statuses: readonly ForcedClaimStatus[] = ['none', 'raised', 'paid', 'void'];

async function readClaimStatus(client: ChainClient, claimId: Hex): Promise<ForcedClaimStatus> {
  const status = await withChainFaults(() =>
    client.rpc.readContract({ ...contractOf(client), functionName: 'statusOf', args: [claimId] }),
  );
  return statuses[status] ?? 'none';
}

/**
 * Objects, as the debtor, that the authorization was settled in a batch of the channel debtor → creditor. The charge named
 * is the one in the batch; its CDR may be another one than the claim's. An objection that does not hold costs the debtor
 * the agreement's dispute fee and leaves the claim as it is.
 *
 * Of all objections: refuses with `not-the-debtor`, `objection-too-late`, or `claim-unknown` where the claim does not
 * stand (any longer). Throws `ChainFault`; look at {@link readForcedClaim} before trying again.
 */
export async function objectSettled(
  client: ChainClient,
  signer: ChainSigner,
  claim: ForcedClaim,
  settled: {
    readonly sequence: bigint;
    readonly cdrId: Hex;
    readonly chargeMicro: bigint;
    readonly proof: readonly Hex[];
  },
): Promise<Result<Objected, ChainRefusal>> {
  const { sequence, cdrId, chargeMicro, proof } = settled;
  return object(client, signer, 'objectSettled', [claim, sequence, cdrId, chargeMicro, proof]);
}

/** Objects that the debtor anchored, longer than the grace before the signing, a list with the claim's `certificateId`. */
export async function objectRevoked(
  client: ChainClient,
  signer: ChainSigner,
  claim: ForcedClaim,
  revoked: { readonly root: Hex; readonly proof: readonly Hex[] },
): Promise<Result<Objected, ChainRefusal>> {
  return object(client, signer, 'objectRevoked', [claim, revoked.root, revoked.proof]);
}

/**
 * Objects that the meter's record is not signed by the certified key or says another thing than the CDR. Reading is
 * refused, at no cost, with `meter-record-unreadable` where the record or its key is of another form than ours, and with
 * `record-mismatch` or `meter-key-mismatch` where it is not the one that was signed for.
 */
export async function objectMeter(
  client: ChainClient,
  signer: ChainSigner,
  claim: ForcedClaim,
  meter: Pick<Evidence, 'meterPublicKey' | 'meterRecord'>,
): Promise<Result<Objected, ChainRefusal>> {
  return object(client, signer, 'objectMeter', [claim, meter.meterPublicKey, textBytes(meter.meterRecord)]);
}

async function object(
  client: ChainClient,
  signer: ChainSigner,
  functionName: string,
  args: readonly unknown[],
): Promise<Result<Objected, ChainRefusal>> {
  const sent = await submitTransaction(client, signer, { ...contractOf(client), functionName, args });
  if (!sent.ok) return sent;
  const receipt = await withChainFaults(() => client.rpc.getTransactionReceipt({ hash: sent.value.txHash }));
  const [event] = parseEventLogs({
    abi: forcedClaimsAbi,
    logs: receipt.logs,
    eventName: 'ForcedClaimObjected',
  });
  if (event === undefined) throw new Error(`no objection in ${sent.value.txHash}`);
  return accept({ ...sent.value, held: event.args.held, feeMicro: event.args.feeMicro });
}

/** Asks, as the debtor and once, for the meter's record: the claim waits until somebody shows it. */
export async function demandMeterRecord(
  client: ChainClient,
  signer: ChainSigner,
  claim: ForcedClaim,
): Promise<Result<Mined, ChainRefusal>> {
  return submitTransaction(client, signer, {
    ...contractOf(client),
    functionName: 'demandRecord',
    args: [claim],
  });
}

/** Shows the record that was demanded, which then is readable on the chain; the window begins anew. */
export async function showMeterRecord(
  client: ChainClient,
  signer: ChainSigner,
  claim: ForcedClaim,
  meterRecord: string,
): Promise<Result<Mined, ChainRefusal>> {
  return submitTransaction(client, signer, {
    ...contractOf(client),
    functionName: 'showRecord',
    args: [claim, textBytes(meterRecord)],
  });
}

/** Pays a claim whose window has closed; anyone may. Calling twice pays once. Throws `ChainFault`: calling again is safe. */
export async function payForcedClaim(
  client: ChainClient,
  signer: ChainSigner,
  claim: ForcedClaim,
): Promise<Result<TxOutcome, ChainRefusal>> {
  return submitOnce(
    client,
    signer,
    { ...contractOf(client), functionName: 'pay', args: [claim] },
    async () => (await readForcedClaim(client, claim.authorizationId, directionOf(claim))) === 'paid',
  );
}

/** Puts on record that what is under a root (`handInTree`) was handed in by now. Doing it twice changes nothing. */
export async function anchorHandIn(
  client: ChainClient,
  signer: ChainSigner,
  root: Hex,
): Promise<Result<TxOutcome, ChainRefusal>> {
  return submitOnce(
    client,
    signer,
    { ...contractOf(client), functionName: 'anchorHandIn', args: [root] },
    async () => (await readHandInAnchor(client, root)) !== null,
  );
}

/** Puts on record which certificates the signer, a member, has revoked by now (`revokedTree`). */
export async function anchorRevocations(
  client: ChainClient,
  signer: ChainSigner,
  root: Hex,
): Promise<Result<TxOutcome, ChainRefusal>> {
  const memberId = await memberOf(client, signer.address);
  return submitOnce(
    client,
    signer,
    { ...contractOf(client), functionName: 'anchorRevocations', args: [root] },
    async () => (await readRevocationsAnchor(client, memberId, root)) !== null,
  );
}

/** When a root was anchored, epoch seconds of its block; null if it never was. */
export async function readHandInAnchor(client: ChainClient, root: Hex): Promise<number | null> {
  const at = await withChainFaults(() =>
    client.rpc.readContract({ ...contractOf(client), functionName: 'handInAnchoredAt', args: [root] }),
  );
  return at === 0n ? null : Number(at);
}

export async function readRevocationsAnchor(
  client: ChainClient,
  memberId: Hex,
  root: Hex,
): Promise<number | null> {
  const at = await withChainFaults(() =>
    client.rpc.readContract({
      ...contractOf(client),
      functionName: 'revocationsAnchoredAt',
      args: [memberId, root],
    }),
  );
  return at === 0n ? null : Number(at);
}

function textBytes(text: string): Hex {
  return `0x${Buffer.from(text, 'utf8').toString('hex')}`;
}
