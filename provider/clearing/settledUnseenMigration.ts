import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** A batch may be settled whose debtor's signature we never saw: the debtor can bring it to the chain itself. */
export const settledUnseenMigration: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  'alter table batch drop constraint batch_check1',
  `alter table batch add constraint batch_is_signed
    check (state in ('built', 'settled') or debtor_signature is not null)`,
];
