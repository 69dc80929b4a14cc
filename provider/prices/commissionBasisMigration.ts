import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What each charge's commission was worked out from, so that the operator can repeat it; null for what was booked before. */
export const commissionBasisMigration: Migration = {
  async up(db: Kysely<unknown>) {
    await sql.raw('alter table charge add column commission_basis jsonb').execute(db);
  },
};
