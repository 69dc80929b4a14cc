import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { type Result, refuse } from '@p2p-power/tariff/Result';
import { Complaint } from '../Complaint.ts';

const MOST_BYTES = 200_000_000;

/** Reads a file by one of the parsers; a Complaint says which line of which file cannot be used. */
export function readStudyFile<Value>(
  file: string,
  what: string,
  parse: (text: string) => Result<Value, string>,
): Value {
  const bytes = readBytes(file, what);
  const unreadable = lineNotUtf8(bytes);
  const parsed =
    unreadable === undefined
      ? parse(bytes.toString('utf8'))
      : refuse('invalid-row', `line ${unreadable}: is no text in UTF-8`);
  if (parsed.ok) return parsed.value;
  throw new Complaint(
    `${basename(file)} cannot be used: ${parsed.detail}`,
    `docs/simulate.md tells the form of files of ${what}.`,
  );
}

/** The first line that is no UTF-8, or has a NUL, as text in UTF-16 does; undefined where there is none. */
function lineNotUtf8(bytes: Buffer): number | undefined {
  if (isUtf8(bytes) && !bytes.includes(0)) return undefined;
  let from = 0;
  for (let line = 1; ; line += 1) {
    const end = bytes.indexOf(10, from);
    const cells = bytes.subarray(from, end < 0 ? bytes.length : end);
    if (!isUtf8(cells) || cells.includes(0)) return line;
    assert(end >= 0, 'a file that is no UTF-8 has a line that is none');
    from = end + 1;
  }
}

function readBytes(file: string, what: string): Buffer {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new Complaint(`The file of ${what} ${file} cannot be read.`, 'Name a file that exists.', { cause });
  }
  if (bytes.length > MOST_BYTES)
    throw new Complaint(`${file} has ${bytes.length} bytes, more than is read.`, 'Cut it into parts.');
  return bytes;
}
