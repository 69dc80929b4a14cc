import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** By which tariffs a point's station may offer, until it shows by which it does. */
export const heldTariffsMigration: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`alter table evse add column held_tariffs jsonb`.execute(db);
  },
};
