import assert from 'node:assert/strict';
import { sql, type Transaction } from 'kysely';
import type { Database } from '../database/Database.ts';
import type { AccountKind, EntryKind } from './LedgerTables.ts';

/** One line of an entry: what an account gains (positive) or loses, in micro-units. */
export interface EntryLine {
  readonly kind: AccountKind;
  readonly owner: string;
  readonly amountMicro: bigint;
}

/** Something to be booked: at least two lines that come to zero. */
export interface Entry {
  readonly kind: EntryKind;
  /** Names the one thing that is booked: a second entry of the same kind and reference is not made. */
  readonly reference: string;
  /** Epoch seconds. */
  readonly bookedAt: number;
  readonly lines: readonly EntryLine[];
}

/**
 * Books entries, all in three statements, and answers the references of those that were not booked
 * before. Belongs in one transaction together with what the entries are about. The database checks
 * again that each comes to zero and refuses any later change (see `ledgerMigration`).
 */
export async function bookEntries(
  db: Transaction<Database>,
  entries: readonly Entry[],
): Promise<ReadonlySet<string>> {
  if (entries.length === 0) return new Set();
  for (const entry of entries) assertBalanced(entry);
  // In one order everywhere, so that two transactions cannot wait for each other.
  const sorted = [...entries].sort((left, right) => (entryKey(left) < entryKey(right) ? -1 : 1));
  const booked = await sql<{ id: string; kind: string; reference: string }>`
    insert into ledger_entry (kind, reference, booked_at)
    select * from unnest(
      ${sorted.map((entry) => entry.kind)}::text[],
      ${sorted.map((entry) => entry.reference)}::text[],
      ${sorted.map((entry) => entry.bookedAt)}::bigint[])
    on conflict (kind, reference) do nothing
    returning id, kind, reference`.execute(db);
  const idOf = new Map(booked.rows.map((row) => [entryKey(row), row.id]));
  const entryIds: string[] = [];
  const lines: EntryLine[] = [];
  for (const entry of entries) {
    const id = idOf.get(entryKey(entry));
    // Of two equal entries in one call only the first is booked.
    if (id === undefined || !idOf.delete(entryKey(entry))) continue;
    for (const line of entry.lines) {
      entryIds.push(id);
      lines.push(line);
    }
  }
  if (lines.length > 0) {
    const accountIds = await accountIdsOf(db, lines);
    await sql`
      insert into ledger_line (entry_id, account_id, amount_micro)
      select * from unnest(
        ${entryIds}::bigint[],
        ${lines.map((line) => accountIds.get(accountKey(line)) as string)}::bigint[],
        ${lines.map((line) => line.amountMicro.toString())}::bigint[])`.execute(db);
  }
  return new Set(booked.rows.map((row) => row.reference));
}

function assertBalanced(entry: Entry): void {
  assert(entry.lines.length >= 2, `ledger entry ${entry.kind} ${entry.reference} has fewer than two lines`);
  const sum = entry.lines.reduce((total, line) => total + line.amountMicro, 0n);
  assert.equal(sum, 0n, `ledger entry ${entry.kind} ${entry.reference} does not come to zero`);
}

const entryKey = (entry: { readonly kind: string; readonly reference: string }) =>
  `${entry.kind} ${entry.reference}`;

const accountKey = (account: { readonly kind: string; readonly owner: string }) =>
  `${account.kind} ${account.owner}`;

/** Ids of the lines' accounts, which are made where they are missing. */
async function accountIdsOf(
  db: Transaction<Database>,
  lines: readonly EntryLine[],
): Promise<Map<string, string>> {
  const wanted = new Map<string, EntryLine>();
  for (const line of lines) wanted.set(accountKey(line), line);
  const found = new Map<string, string>();
  const read = async (accounts: readonly EntryLine[]) => {
    const rows = await sql<{ id: string; kind: string; owner: string }>`
      select id, kind, owner from ledger_account
      where (kind, owner) in (select * from unnest(
        ${accounts.map((account) => account.kind)}::text[],
        ${accounts.map((account) => account.owner)}::text[]))`.execute(db);
    for (const row of rows.rows) {
      found.set(accountKey(row), row.id);
      wanted.delete(accountKey(row));
    }
  };
  await read([...wanted.values()]);
  if (wanted.size > 0) {
    // In one order everywhere, so that two transactions cannot wait for each other.
    const missing = [...wanted.keys()].sort().map((key) => wanted.get(key) as EntryLine);
    await sql`
      insert into ledger_account (kind, owner)
      select * from unnest(
        ${missing.map((account) => account.kind)}::text[],
        ${missing.map((account) => account.owner)}::text[])
      on conflict (kind, owner) do nothing`.execute(db);
    await read(missing);
  }
  assert.equal(wanted.size, 0, 'a ledger account could not be made');
  return found;
}
