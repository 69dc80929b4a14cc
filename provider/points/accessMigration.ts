import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Who may use a place's points. */
export const accessMigration: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`alter table location add column access text`.execute(db);
  },
};
