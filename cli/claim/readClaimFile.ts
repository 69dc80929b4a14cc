import { Authorization } from '@p2p-power/protocol/Authorization';
import { ChargeDetailRecord } from '@p2p-power/protocol/ChargeDetailRecord';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import { type Hex, isHex } from '@p2p-power/protocol/Hex';
import { parseEvidence } from '@p2p-power/protocol/parseEvidence';
import { isRecord } from '@p2p-power/protocol/SignedObject';
import { Complaint } from '../Complaint.ts';
import { readJsonFile } from '../readJsonFile.ts';

/** A charge as somebody wants to claim it. */
export interface ClaimedCharge {
  readonly evidence: Evidence;
  readonly authorizationId: Hex;
  readonly cdrId: Hex;
  /** The proof that it was handed in by then; undefined where the file has none. */
  readonly handIn?: { readonly root: Hex; readonly proof: readonly Hex[] };
}

/** Reads what `GET /operator/charges/{cdrId}/evidence` answered, or evidence alone; complains of anything else. */
export function readClaimFile(file: string): ClaimedCharge {
  const json = readJsonFile(file);
  const isFile = isRecord(json) && isRecord(json.evidence);
  const parsed = parseEvidence(isFile ? json.evidence : json);
  if (!parsed.ok)
    throw new Complaint(
      `${file} holds no evidence of a charge: ${parsed.refusal}: ${parsed.detail}.`,
      'Name the answer of GET /operator/charges/{cdrId}/evidence, or a receipt: --evidence FILE',
    );
  const evidence = parsed.value;
  const { networkId } = evidence;
  return {
    evidence,
    authorizationId: Authorization.id(networkId, evidence.authorization.value),
    cdrId: ChargeDetailRecord.id(networkId, evidence.cdr.value),
    ...(isFile && json.handIn != null && { handIn: readHandIn(json.handIn, file) }),
  };
}

function readHandIn(json: unknown, file: string): { readonly root: Hex; readonly proof: readonly Hex[] } {
  const { root, proof } = isRecord(json) ? json : {};
  if (!isHex(root, 32) || !Array.isArray(proof) || !proof.every((hash): hash is Hex => isHex(hash, 32)))
    throw new Complaint(
      `The proof of the hand-in in ${file} is malformed.`,
      'Fetch the file again, or take `handIn` out of it where the deadline has not passed.',
    );
  return { root, proof };
}
