import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { channelId as channelIdOf } from './Batch.ts';
import { type Hex, isHex } from './Hex.ts';
import { verifySettledCharge } from './MerkleTree.ts';
import { isRecord, printable } from './SignedObject.ts';

/**
 * Where one charge (or the credit of a discharge) was settled, with the proof that leads from it to the
 * root which the chain keeps. Holds nothing of a person: ids, sums and hashes.
 */
export interface SettlementProof {
  readonly networkId: Hex;
  readonly authorizationId: Hex;
  readonly cdrId: Hex;
  /** What of the charge this is: the charge itself, or the credit for energy given back. */
  readonly side: 'charge' | 'credit';
  readonly amountMicro: number;
  /** Party ids. */
  readonly debtor: string;
  readonly creditor: string;
  readonly channelId: Hex;
  readonly sequence: number;
  readonly batchHash: Hex;
  readonly cdrRoot: Hex;
  /** Merkle path from the charge's leaf to `cdrRoot`. */
  readonly proof: readonly Hex[];
  /** What the creditor kept of it, micro-units; null where it is not known here. */
  readonly feeMicro: number | null;
  /** Who is paid the rest: the operator's account on the chain, of a credit that of the driver's provider; null where it is not known here. */
  readonly payee: Hex | null;
  /** The transaction that settled the batch, as far as the provider knows. */
  readonly txHash: Hex | null;
  readonly blockNumber: number | null;
}

/** Why a settlement proof is refused, in order of precedence. */
export type SettlementProofRefusal =
  | 'not-a-settlement-proof'
  | 'bad-settlement-proof'
  | 'settlement-channel-mismatch'
  | 'settlement-proof-invalid';

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isParty = (value: unknown): value is string =>
  typeof value === 'string' && /^[A-Z]{2}[A-Z0-9]{3}$/.test(value);

/** Depth of the deepest tree that a proof may come from. */
const maxProofLength = 64;

const fields: Readonly<Record<keyof SettlementProof, (value: unknown) => boolean>> = {
  networkId: (value) => isHex(value, 32),
  authorizationId: (value) => isHex(value, 32),
  cdrId: (value) => isHex(value, 32),
  side: (value) => value === 'charge' || value === 'credit',
  amountMicro: isCount,
  debtor: isParty,
  creditor: isParty,
  channelId: (value) => isHex(value, 32),
  sequence: (value) => isCount(value) && value > 0,
  batchHash: (value) => isHex(value, 32),
  cdrRoot: (value) => isHex(value, 32),
  proof: (value) =>
    Array.isArray(value) && value.length <= maxProofLength && value.every((node) => isHex(node, 32)),
  feeMicro: (value) => value === null || isCount(value),
  payee: (value) => value === null || isHex(value, 20),
  txHash: (value) => value === null || isHex(value, 32),
  blockNumber: (value) => value === null || isCount(value),
};

/** A settlement proof out of untrusted JSON that holds in itself: the path leads from the charge to the root. */
export function parseSettlementProof(json: unknown): Result<SettlementProof, SettlementProofRefusal> {
  if (!isRecord(json)) return refuse('not-a-settlement-proof', 'a settlement proof is a JSON object');
  for (const [field, isSound] of Object.entries(fields))
    if (!isSound(json[field])) return refuse('bad-settlement-proof', `${field} is missing or malformed`);
  const unknown = Object.keys(json).find((field) => !Object.hasOwn(fields, field));
  if (unknown !== undefined)
    return refuse('bad-settlement-proof', `it has no field of the name ${printable(unknown)}`);
  const proof = json as unknown as SettlementProof;
  if (channelIdOf(proof.debtor, proof.creditor) !== proof.channelId)
    return refuse(
      'settlement-channel-mismatch',
      `the channel is not that from ${proof.debtor} to ${proof.creditor}`,
    );
  if (!holdsSettlementProof(proof))
    return refuse('settlement-proof-invalid', 'the path does not lead from the charge to the root');
  return accept(proof);
}

/** Whether the path leads from the charge to the root. */
export const holdsSettlementProof = (
  proof: Pick<
    SettlementProof,
    'networkId' | 'authorizationId' | 'cdrId' | 'amountMicro' | 'cdrRoot' | 'proof'
  >,
): boolean =>
  verifySettledCharge(
    proof.networkId,
    proof.cdrRoot,
    { authorizationId: proof.authorizationId, cdrId: proof.cdrId, chargeMicro: proof.amountMicro },
    proof.proof,
  );
