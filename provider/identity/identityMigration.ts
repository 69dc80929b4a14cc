import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Records of the development identity provider; empty where another one is configured. */
export const identityMigration: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  `create table identity_record (
    model text not null,
    id text not null,
    payload jsonb not null,
    grant_id text,
    uid text,
    consumed_at bigint,
    expires_at bigint,
    primary key (model, id)
  )`,
  'create index identity_record_grant on identity_record (grant_id) where grant_id is not null',
  'create index identity_record_uid on identity_record (uid) where uid is not null',
  'create index identity_record_expiry on identity_record (expires_at)',
];
