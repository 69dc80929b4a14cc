import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Peers' nonces, and the outbox of evidence for them. */
export const peerMigration: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  `create table peer_nonce (
    provider_id text not null,
    nonce text not null,
    expires_at bigint not null,
    primary key (provider_id, nonce)
  )`,
  'create index peer_nonce_expiry on peer_nonce (expires_at)',
  `create table outbox (
    cdr_id text primary key references charge,
    peer text not null,
    attempts integer not null default 0,
    next_attempt_at bigint not null,
    last_error text
  )`,
  `create table peer_agreement (
    peer text primary key,
    terms text,
    read_at bigint not null
  )`,
  'create index outbox_due on outbox (peer, next_attempt_at)',
];
