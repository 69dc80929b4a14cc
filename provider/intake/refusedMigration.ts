import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Refused CDRs without their content, where no certified station signed them. */
export const refusedMigration: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  'alter table quarantine alter column content drop not null',
  'create index quarantine_cdr on quarantine (cdr_id) where content is not null',
  'create index quarantine_without_content on quarantine (received_at, content_hash) where content is null',
];
