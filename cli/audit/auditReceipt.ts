import { readSettlement } from '@p2p-power/chain/audit/readSettlement';
import type { ChainClient } from '@p2p-power/chain/ChainClient';
import { readClaimed, readSettledRoot } from '@p2p-power/chain/Clearing';
import { readMember } from '@p2p-power/chain/Consortium';
import { type ClaimDirection, type ForcedClaimStatus, readForcedClaim } from '@p2p-power/chain/ForcedClaims';
import { encodeMemberId } from '@p2p-power/chain/MemberId';
import { Authorization } from '@p2p-power/protocol/Authorization';
import { ChargeDetailRecord } from '@p2p-power/protocol/ChargeDetailRecord';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import type { Hex } from '@p2p-power/protocol/Hex';
import { parseSettlementProof, type SettlementProof } from '@p2p-power/protocol/SettlementProof';
import { Complaint } from '../Complaint.ts';

/** What the chain says of one charge. */
export interface ReceiptAudit {
  readonly authorizationId: Hex;
  readonly cdrId: Hex;
  readonly settlements: readonly AuditedSettlement[];
  /** What was, or is being, collected by the evidence itself, without the debtor's signature. */
  readonly forced: readonly { readonly direction: ClaimDirection; readonly status: ForcedClaimStatus }[];
}

export interface AuditedSettlement {
  readonly settlement: SettlementProof;
  /** What does not hold, in order of precedence; nothing where the chain agrees with all of it. */
  readonly faults: readonly SettlementFault[];
  readonly txHash: Hex | null;
  readonly blockNumber: number | null;
  /** Epoch seconds. */
  readonly settledAt: number | null;
  /** What the payee was paid of the channel so far, of this charge and all others. */
  readonly claimedMicro: bigint | null;
}

export type SettlementFault =
  /** The proof is of another charge than the receipt. */
  | 'proof-of-another-charge'
  /** The amount is not the receipt's. */
  | 'amount-not-of-receipt'
  /** Debtor and creditor are not the providers of the receipt. */
  | 'providers-not-of-receipt'
  /** The chain has no batch of this number in the channel. */
  | 'batch-not-on-chain'
  /** The chain keeps another root under this number. */
  | 'root-not-on-chain'
  /** The chain settled another batch under this number. */
  | 'batch-hash-not-on-chain';

/** Looks a charge up on a chain, by proofs that whoever gave them: each is checked against the receipt and any node. */
export async function auditReceipt(
  client: ChainClient,
  evidence: Evidence,
  proofs: readonly SettlementProof[],
): Promise<ReceiptAudit> {
  const { networkId } = evidence;
  const authorizationId = Authorization.id(networkId, evidence.authorization.value);
  const cdrId = ChargeDetailRecord.id(networkId, evidence.cdr.value);
  const settlements: AuditedSettlement[] = [];
  for (const settlement of proofs) {
    const { channelId, sequence, payee } = settlement;
    const faults: SettlementFault[] = [...faultsOffline(evidence, { authorizationId, cdrId }, settlement)];
    const root = await readSettledRoot(client, channelId, BigInt(sequence));
    const onChain = await readSettlement(client, channelId, BigInt(sequence));
    if (root === null || onChain === null) faults.push('batch-not-on-chain');
    else if (root.toLowerCase() !== settlement.cdrRoot) faults.push('root-not-on-chain');
    else if (onChain.batchHash.toLowerCase() !== settlement.batchHash) faults.push('batch-hash-not-on-chain');
    settlements.push({
      settlement,
      faults,
      txHash: onChain?.txHash ?? null,
      blockNumber: onChain?.blockNumber ?? null,
      settledAt: onChain?.settledAt ?? null,
      claimedMicro: payee === null ? null : await readClaimed(client, channelId, payee),
    });
  }
  const forced: ReceiptAudit['forced'][number][] = [];
  for (const direction of ['charge', 'credit'] as const) {
    const status = await readForcedClaim(client, authorizationId, direction);
    if (status !== 'none') forced.push({ direction, status });
  }
  return { authorizationId, cdrId, settlements, forced };
}

/** What can be said without any chain: whether the proof is one of this receipt. Its path has been checked by its parser. */
export function faultsOffline(
  { cdr, networkId, driverCertificate, stationCertificate }: Evidence,
  ids: { readonly authorizationId: Hex; readonly cdrId: Hex },
  settlement: SettlementProof,
): readonly SettlementFault[] {
  const faults: SettlementFault[] = [];
  if (
    settlement.networkId !== networkId ||
    settlement.authorizationId !== ids.authorizationId ||
    settlement.cdrId !== ids.cdrId
  )
    faults.push('proof-of-another-charge');
  const amounts = { charge: cdr.value.chargeMicro, credit: cdr.value.creditMicro };
  if (settlement.amountMicro !== amounts[settlement.side]) faults.push('amount-not-of-receipt');
  const pair = [driverCertificate.value.providerId, stationCertificate.value.providerId];
  const [debtor, creditor] = settlement.side === 'charge' ? pair : pair.toReversed();
  if (settlement.debtor !== debtor || settlement.creditor !== creditor)
    faults.push('providers-not-of-receipt');
  return faults;
}

/** Settlement proofs out of what a provider answered or a file holds: one, a list, or `{settlements}`. */
export function readProofs(json: unknown, source: string): readonly SettlementProof[] {
  const list = (json as { settlements?: unknown } | null)?.settlements ?? json;
  return (Array.isArray(list) ? list : [list]).map((one) => {
    const parsed = parseSettlementProof(one);
    if (parsed.ok) return parsed.value;
    throw new Complaint(
      `${source} gives no proof of settlement: ${parsed.refusal}: ${parsed.detail}.`,
      'Ask the driver’s or the operator’s provider: GET /settlements/{authorizationId}',
    );
  });
}

/** Asks a provider for the proofs; nothing where it knows of no settlement. */
export async function fetchProofs(
  providerUrl: string,
  authorizationId: Hex,
): Promise<readonly SettlementProof[]> {
  const url = `${providerUrl.replace(/\/+$/, '')}/settlements/${authorizationId}`;
  let response: Response;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
  } catch (error) {
    throw new Complaint(`${providerUrl} does not answer.`, 'Name the proof itself: --proof FILE', {
      cause: error,
    });
  }
  if (response.status === 404) return [];
  if (!response.ok)
    throw new Complaint(`${url} answers ${response.status}.`, 'Name the proof itself: --proof FILE');
  return readProofs(await response.json(), url);
}

/** Where the chain says that the driver's provider is. */
export async function providerUrlOf(client: ChainClient, evidence: Evidence): Promise<string> {
  const { providerId } = evidence.driverCertificate.value;
  const member = await readMember(client, encodeMemberId(providerId));
  if (member !== null && member.url !== '') return member.url;
  throw new Complaint(
    `The chain does not say where ${providerId} is.`,
    'Name it: --provider URL, or the proof itself: --proof FILE',
  );
}
