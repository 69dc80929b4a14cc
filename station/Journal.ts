import { hash as digest } from 'node:crypto';
import type { Hex } from '@p2p-power/protocol/Hex';
import { canonicalJson } from './canonicalJson.ts';
import { JournalFault } from './JournalFault.ts';
import type { JournalEntry, JournalStore } from './Ports.ts';

/** What is to be written: the journal adds number, time and hashes. */
export interface EntryDraft {
  readonly kind: string;
  readonly subject: string;
  readonly body: unknown;
}

/** Where the next entry will stand: a CDR names it inside itself. */
export interface JournalHead {
  readonly nextNumber: number;
  readonly previousHash: Hex;
}

/** The station's memory: append-only, hash-chained, durable. One actor writes it. */
export interface Journal {
  readonly store: JournalStore;
  head(): JournalHead;
  /** One durable commit for all drafts; throws JournalFault where the disk refuses. */
  append(at: number, drafts: readonly EntryDraft[]): readonly JournalEntry[];
  find(kind: string, subject: string): JournalEntry | undefined;
  /** Checks every entry from the first. Throws JournalFault at the first that does not fit. */
  verifyWhole(): void;
}

/** `previousHash` of entry 1. */
export const genesisHash: Hex = `0x${'00'.repeat(32)}`;

const checkpointName = 'journal-checkpoint';
const pageSize = 500;
const notTrusted =
  'The journal was changed or damaged. Do not delete it: keep a copy of the data folder for the operator, ' +
  'restore the folder from a backup, or start with an empty one after the records were saved.';

/**
 * SHA-256 over previous hash (32 bytes) ‖ number (8 bytes, big endian) ‖ time (8 bytes, big endian) ‖
 * UTF-8 of kind, line feed, subject, line feed, canonical JSON body.
 */
export function entryHash(entry: Omit<JournalEntry, 'hash'>): Hex {
  const numbers = Buffer.alloc(16);
  numbers.writeBigUInt64BE(BigInt(entry.number), 0);
  numbers.writeBigUInt64BE(BigInt(entry.at), 8);
  const text = Buffer.from(`${entry.kind}\n${entry.subject}\n${entry.body}`);
  const previous = Buffer.from(entry.previousHash.slice(2), 'hex');
  return `0x${digest('sha256', Buffer.concat([previous, numbers, text]), 'hex')}`;
}

/**
 * Opens a journal and checks the chain from the last checkpoint on; the checkpoint moves to the end.
 * Throws JournalFault where an entry is missing, doubled or changed.
 */
export function openJournal(store: JournalStore): Journal {
  const checkpoint = readCheckpoint(store);
  let last = verifyFrom(store, checkpoint);
  if (last.number > checkpoint.number) keepCheckpoint(store, last);
  return {
    store,
    head: () => ({ nextNumber: last.number + 1, previousHash: last.hash }),
    append(at, drafts) {
      const entries: JournalEntry[] = [];
      let { number, hash } = last;
      for (const { kind, subject, body } of drafts) {
        const open = { number: number + 1, previousHash: hash, at, kind, subject, body: canonicalJson(body) };
        const entry = { ...open, hash: entryHash(open) };
        ({ number, hash } = entry);
        entries.push(entry);
      }
      store.append(entries);
      last = { number, hash };
      return entries;
    },
    find(kind, subject) {
      const entry = store.find(kind, subject);
      if (entry !== undefined && entryHash(entry) !== entry.hash)
        throw new JournalFault(`Journal entry ${entry.number} does not match its hash.`, notTrusted);
      return entry;
    },
    verifyWhole() {
      const end = verifyFrom(store, { number: 0, hash: genesisHash });
      if (end.number !== last.number || end.hash !== last.hash)
        throw new JournalFault(
          `The journal ends with entry ${end.number} instead of ${last.number}.`,
          notTrusted,
        );
    },
  };
}

interface Link {
  readonly number: number;
  readonly hash: Hex;
}

function verifyFrom(store: JournalStore, start: Link): Link {
  if (start.number > 0) {
    const [entry] = store.read(start.number, 1);
    if (entry?.number !== start.number || entry.hash !== start.hash || entryHash(entry) !== entry.hash)
      throw new JournalFault(`Journal entry ${start.number} is not the one checked before.`, notTrusted);
  }
  let last = start;
  for (;;) {
    const page = store.read(last.number + 1, pageSize);
    for (const entry of page) {
      if (entry.number !== last.number + 1)
        throw new JournalFault(`Journal entry ${last.number + 1} is missing.`, notTrusted);
      if (entry.previousHash !== last.hash || entryHash(entry) !== entry.hash)
        throw new JournalFault(`Journal entry ${entry.number} does not fit the chain.`, notTrusted);
      last = entry;
    }
    if (page.length < pageSize) return { number: last.number, hash: last.hash };
  }
}

function readCheckpoint(store: JournalStore): Link {
  const text = store.kept(checkpointName);
  const match = /^(\d{1,15}) (0x[0-9a-f]{64})$/.exec(text ?? `0 ${genesisHash}`);
  if (match === null) throw new JournalFault('The journal’s checkpoint is unreadable.', notTrusted);
  return { number: Number(match[1]), hash: match[2] as Hex };
}

function keepCheckpoint(store: JournalStore, link: Link): void {
  store.keep(checkpointName, `${link.number} ${link.hash}`);
}
