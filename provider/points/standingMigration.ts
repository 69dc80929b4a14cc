import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Whether a charge runs at a point. */
export const standingMigration: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`alter table evse add column occupied_at bigint`.execute(db);
  },
};
