import { closeSync, mkdirSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isHex } from '@p2p-power/protocol/Hex';
import { JournalFault } from './JournalFault.ts';
import type { JournalEntry, JournalStore } from './Ports.ts';

const schema = `
  CREATE TABLE IF NOT EXISTS entries (
    number INTEGER PRIMARY KEY,
    previousHash TEXT NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    hash TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS entriesByKind ON entries (kind, subject, number);
  CREATE INDEX IF NOT EXISTS entriesByNumber ON entries (kind, number);
  CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT;
`;

/**
 * A journal in `folder/journal.sqlite` (SQLite in WAL mode, synchronous=FULL: one sync a commit),
 * held by one process at a time. Write-ahead pages go into the main file only in `tidy`, so that no
 * append pays for it. The sign of life is a file of its own, `folder/alive`, written without a sync.
 * Throws JournalFault where the file is in use or no journal.
 */
export function sqliteJournalStore(folder: string): JournalStore {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'journal.sqlite');
  const database = openDatabase(path);
  const insert = database.prepare('INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)');
  const last = database.prepare('SELECT * FROM entries ORDER BY number DESC LIMIT 1');
  const read = database.prepare('SELECT * FROM entries WHERE number >= ? ORDER BY number LIMIT ?');
  const find = database.prepare(
    'SELECT * FROM entries WHERE kind = ? AND subject = ? ORDER BY number DESC LIMIT 1',
  );
  const latest = database.prepare('SELECT * FROM entries WHERE kind = ? ORDER BY number DESC LIMIT 1');
  const without = database.prepare(
    `SELECT subject FROM entries AS one WHERE kind = ? AND NOT EXISTS
       (SELECT 1 FROM entries AS other WHERE other.kind = ? AND other.subject = one.subject)
     ORDER BY number`,
  );
  const keep = database.prepare(
    'INSERT INTO kept VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET text = excluded.text',
  );
  const kept = database.prepare('SELECT text FROM kept WHERE name = ?');
  const alivePath = join(folder, 'alive');
  const alive = openSync(alivePath, 'a+', 0o600);
  closeSync(alive);
  const aliveFile = openSync(alivePath, 'r+');

  return {
    append(entries) {
      try {
        database.exec('BEGIN IMMEDIATE');
        for (const { number, previousHash, at, kind, subject, body, hash } of entries)
          insert.run(number, previousHash, at, kind, subject, body, hash);
        database.exec('COMMIT');
      } catch (cause) {
        if (database.isTransaction) database.exec('ROLLBACK');
        throw writeFault(cause);
      }
    },
    last: () => reading(() => readEntry(last.get())),
    read: (from, limit) => reading(() => read.all(from, limit).map((row) => readEntry(row) as JournalEntry)),
    find: (kind, subject) => reading(() => readEntry(find.get(kind, subject))),
    latest: (kind) => reading(() => readEntry(latest.get(kind))),
    subjectsWithout: (kind, other) =>
      reading(() => without.all(kind, other).map((row) => String(row.subject))),
    keep(name, text) {
      try {
        keep.run(name, text);
      } catch (cause) {
        throw writeFault(cause);
      }
    },
    kept(name) {
      const row = reading(() => kept.get(name));
      return row === undefined ? undefined : String(row.text);
    },
    markAlive: (at) => {
      writeSync(aliveFile, String(at).padStart(16, '0'), 0);
    },
    aliveAt() {
      const text = readFileSync(alivePath, 'latin1');
      return /^\d{16}$/.test(text) ? Number(text) : undefined;
    },
    bytes: () => statSync(path).size + sizeOf(`${path}-wal`),
    tidy: () => {
      database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    },
    close() {
      closeSync(aliveFile);
      database.close();
    },
  };
}

function openDatabase(path: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: 500 });
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    database.exec('PRAGMA wal_autocheckpoint = 0;');
    database.exec(schema);
    return database;
  } catch (cause) {
    database?.close();
    const message = cause instanceof Error ? cause.message : String(cause);
    if (/locked|busy/i.test(message))
      throw new JournalFault(
        `The journal ${path} is in use by another process.`,
        'Stop that station first, or give this one a data folder of its own.',
        { cause },
      );
    throw unreadable(message, cause);
  }
}

const unreadable = (message: string, cause: unknown): JournalFault =>
  new JournalFault(
    `The journal cannot be read: ${message}.`,
    'Do not delete it: keep a copy for the operator, then restore it from a backup or check the disk.',
    { cause },
  );

function reading<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof JournalFault) throw cause;
    throw unreadable(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function writeFault(cause: unknown): JournalFault {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new JournalFault(
    `The journal could not be written: ${message}.`,
    'Nothing was started on it. Free or replace the disk, then start the station again.',
    { cause },
  );
}

function readEntry(row: Record<string, unknown> | undefined): JournalEntry | undefined {
  if (row === undefined) return undefined;
  const { number, previousHash, at, kind, subject, body, hash } = row;
  if (!isHex(previousHash, 32) || !isHex(hash, 32))
    throw new JournalFault(
      `Journal entry ${String(number)} is unreadable.`,
      'Keep a copy of the data folder for the operator and restore it from a backup.',
    );
  return {
    number: Number(number),
    previousHash,
    at: Number(at),
    kind: String(kind),
    subject: String(subject),
    body: String(body),
    hash,
  };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
