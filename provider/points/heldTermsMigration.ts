import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** By which terms a point's station sets its price, until it hears of others. */
export const heldTermsMigration: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`alter table evse add column held_terms jsonb`.execute(db);
  },
};
