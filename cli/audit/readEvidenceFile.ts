import { readFileSync } from 'node:fs';
import { Authorization } from '@p2p-power/protocol/Authorization';
import { ChargeDetailRecord } from '@p2p-power/protocol/ChargeDetailRecord';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import type { Hex } from '@p2p-power/protocol/Hex';
import { parseEvidenceText } from '@p2p-power/protocol/parseEvidence';
import { Complaint } from '../Complaint.ts';

/** A receipt of a file, with the ids that its signed words have; `-` reads standard input. Judges nothing. */
export function readEvidenceFile(file: string): {
  readonly evidence: Evidence;
  readonly authorizationId: Hex;
  readonly cdrId: Hex;
} {
  let text: string;
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new Complaint(
      `The receipt ${file} cannot be read.`,
      'Name a file that exists, or - for standard input.',
      { cause: error },
    );
  }
  const parsed = parseEvidenceText(text);
  if (!parsed.ok)
    throw new Complaint(
      `${file} is no receipt: ${parsed.refusal}: ${parsed.detail}.`,
      'A receipt is the evidence of one charge, as the app saves it.',
    );
  const evidence = parsed.value;
  return {
    evidence,
    authorizationId: Authorization.id(evidence.networkId, evidence.authorization.value),
    cdrId: ChargeDetailRecord.id(evidence.networkId, evidence.cdr.value),
  };
}
