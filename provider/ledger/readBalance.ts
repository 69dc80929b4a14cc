import { type Kysely, sql } from 'kysely';
import type { Database } from '../database/Database.ts';
import type { AccountKind } from './LedgerTables.ts';

/** The balance of a ledger account, micro-units; 0 where nothing was ever booked. */
export async function readBalance(db: Kysely<Database>, kind: AccountKind, owner: string): Promise<bigint> {
  const found = await sql<{ balance_micro: string }>`
    select balance_micro from ledger_balance where kind = ${kind} and owner = ${owner}`.execute(db);
  return BigInt(found.rows[0]?.balance_micro ?? 0);
}
