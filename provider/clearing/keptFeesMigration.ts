import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What each charge bore of the fee in a batch that was given up, for the case that it is settled after all. */
export const keptFeesMigration: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`alter table abandoned_batch add column fees text not null default '[]'`.execute(db);
  },
};
