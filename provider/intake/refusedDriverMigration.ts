import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Of what was refused, whose driver's it claims to be: the key of the certificate in it. */
export const refusedDriverMigration: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  'alter table quarantine add column driver_public_key text',
  'create index quarantine_driver on quarantine (driver_public_key) where driver_public_key is not null',
];
