import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Result } from '@p2p-power/tariff/Result';
import { Complaint } from '../Complaint.ts';

const MOST_BYTES = 200_000_000;

/** Reads a file by one of the parsers; a Complaint says which line of which file cannot be used. */
export function readStudyFile<Value>(
  file: string,
  what: string,
  parse: (text: string) => Result<Value, string>,
): Value {
  const parsed = parse(readText(file, what));
  if (parsed.ok) return parsed.value;
  throw new Complaint(
    `${basename(file)} cannot be used: ${parsed.detail}`,
    `docs/simulate.md tells the form of files of ${what}.`,
  );
}

function readText(file: string, what: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new Complaint(`The file of ${what} ${file} cannot be read.`, 'Name a file that exists.', { cause });
  }
  if (bytes.length > MOST_BYTES)
    throw new Complaint(`${file} has ${bytes.length} bytes, more than is read.`, 'Cut it into parts.');
  return bytes.toString('utf8');
}
