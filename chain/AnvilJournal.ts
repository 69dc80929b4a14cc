import {
  closeSync,
  fdatasyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Hex, isHex } from 'viem';

/** What happened to a development chain, in order: it makes the chain again, hash for hash. */
export type JournalEntry =
  | { readonly kind: 'genesis'; readonly chainId: number; readonly at: number }
  | { readonly kind: 'tx'; readonly raw: Hex }
  | { readonly kind: 'drop'; readonly txHash: Hex }
  | { readonly kind: 'mine'; readonly at: number };

/** One JSON object a line, appended and on disk before it takes effect. */
export type AnvilJournal = {
  readonly entries: readonly JournalEntry[];
  append(entry: JournalEntry): void;
  close(): void;
};

/** A journal in memory, for a chain that nobody will miss. */
export function forgetfulJournal(): AnvilJournal {
  const entries: JournalEntry[] = [];
  return { entries, append: (entry) => void entries.push(entry), close: () => undefined };
}

/**
 * Opens `<folder>/chain.log`, or begins it. A last line that was torn by a power cut is cut off: it had not taken
 * effect. A malformed line anywhere else throws, because what follows it cannot be replayed truly.
 */
export function openAnvilJournal(folder: string): AnvilJournal {
  mkdirSync(folder, { recursive: true });
  const file = openSync(join(folder, 'chain.log'), 'a+');
  const bytes = readFileSync(join(folder, 'chain.log'));
  const whole = bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1);
  if (whole.length < bytes.length) ftruncateSync(file, whole.length);
  const lines = whole.toString('utf8').split('\n').slice(0, -1);
  const entries = lines.map((line, index) => parseEntry(line, index + 1));
  return {
    entries,
    append(entry) {
      entries.push(entry);
      writeSync(file, `${JSON.stringify(entry)}\n`);
      fdatasyncSync(file);
    },
    close: () => closeSync(file),
  };
}

function parseEntry(line: string, lineNumber: number): JournalEntry {
  let entry: Partial<Record<'kind' | 'chainId' | 'at' | 'raw' | 'txHash', unknown>> | null = null;
  try {
    entry = JSON.parse(line);
  } catch {}
  const isCount = (value: unknown) => Number.isSafeInteger(value);
  switch (entry?.kind) {
    case 'genesis':
      if (isCount(entry.chainId) && isCount(entry.at)) return entry as JournalEntry;
      break;
    case 'mine':
      if (isCount(entry.at)) return entry as JournalEntry;
      break;
    case 'tx':
      if (isHex(entry.raw)) return entry as JournalEntry;
      break;
    case 'drop':
      if (isHex(entry.txHash)) return entry as JournalEntry;
      break;
  }
  throw new Error(`chain.log is damaged in line ${lineNumber}`);
}
