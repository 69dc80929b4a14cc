import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Revocations, members of the consortium, and what we last had from each peer. */
export const trustMigration: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  `create table revocation (
    provider_id text not null,
    certificate_id text not null,
    revoked_at bigint not null,
    expires_at bigint,
    primary key (certificate_id, provider_id)
  )`,
  `create table member (
    provider_id text primary key,
    name text not null,
    url text not null,
    account text,
    keys jsonb not null,
    read_at bigint not null
  )`,
  `create table peer_state (
    provider_id text primary key,
    trust_list_issued_at bigint,
    locations_date_from bigint,
    last_error text
  )`,
];
