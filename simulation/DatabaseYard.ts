import type { Database } from '@p2p-power/provider/database/Database';
import { migrateDatabase, openDatabase } from '@p2p-power/provider/database/openDatabase';
import { createTestDatabase } from '@p2p-power/provider/testing/testDatabase';
import { type Kysely, sql } from 'kysely';

/** Where worlds get their databases: real ones of the present form, emptied after each world. */
export interface DatabaseYard {
  /** URL of an empty database of the present form; `giveBack` empties it for the next world. */
  open(): Promise<{ readonly url: string; giveBack(): Promise<void> }>;
  close(): Promise<void>;
}

interface Yard {
  readonly url: string;
  readonly db: Kysely<Database>;
  readonly drop: () => Promise<void>;
}

export async function openDatabaseYard(): Promise<DatabaseYard> {
  const all: Yard[] = [];
  const free: Yard[] = [];
  const create = async (): Promise<Yard> => {
    const { url, drop } = await createTestDatabase();
    const db = openDatabase(url, { poolSize: 1 });
    await migrateDatabase(db);
    const yard = { url, db, drop };
    all.push(yard);
    return yard;
  };
  return {
    async open() {
      const yard = free.pop() ?? (await create());
      return {
        url: yard.url,
        async giveBack() {
          await empty(yard.db);
          free.push(yard);
        },
      };
    },
    async close() {
      for (const { db, drop } of all) {
        await db.destroy();
        await drop();
      }
    },
  };
}

/** Deletes all but the form, past the triggers that keep a ledger from being changed. */
async function empty(db: Kysely<Database>): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`set local session_replication_role = replica`.execute(trx);
    const tables = await sql<{ name: string }>`
      select quote_ident(tablename) as name from pg_tables
      where schemaname = 'public' and tablename not like 'kysely%'`.execute(trx);
    const deletions = tables.rows.map(({ name }) => `delete from ${name}`);
    await sql.raw(deletions.join('; ')).execute(trx);
  });
}
