import { parseWitnessFile, type WitnessFile } from '@p2p-power/protocol/WitnessRecord';
import { Complaint } from '../Complaint.ts';
import { readJsonFile } from '../readJsonFile.ts';

/** A witness record of a file; complains of one that is none. */
export function readWitnessFile(file: string): WitnessFile {
  const parsed = parseWitnessFile(readJsonFile(file));
  if (parsed.ok) return parsed.value;
  throw new Complaint(
    `${file} is no witness record: ${parsed.refusal}: ${parsed.detail}.`,
    'Name a file that p2p-power witness publish wrote.',
  );
}
