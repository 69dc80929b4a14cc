import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Forced claims, and what we have anchored on the chain: hand-ins and revocations. */
export const disputeMigration: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  `create table forced_claim (
    authorization_id text not null,
    direction text not null check (direction in ('charge', 'credit')),
    claim_id text not null unique,
    cdr_id text not null,
    debtor text not null,
    creditor text not null check (creditor <> debtor),
    state text not null check (state in ('raising', 'refused', 'raised', 'paid', 'void')),
    reason text check (reason in ('peer-silent', 'peer-refused', 'batch-stuck', 'staff')),
    amount_micro bigint not null check (amount_micro > 0),
    fee_micro bigint,
    claim text,
    payable_from bigint,
    answer text check (answer in ('right', 'objected', 'demanded')),
    objection text check (objection in ('settled', 'revoked', 'meter')),
    refusal text,
    refusal_detail text,
    attempts integer not null default 0,
    next_attempt_at bigint not null,
    tx_hash text,
    raised_block bigint,
    closed_block bigint,
    created_at bigint not null,
    closed_at bigint,
    primary key (authorization_id, direction),
    check (state not in ('raised', 'paid', 'void') or claim is not null),
    check (state not in ('raising', 'refused') or reason is not null)
  )`,
  "create index forced_claim_open on forced_claim (next_attempt_at) where state in ('raising', 'raised')",
  'create index forced_claim_cdr on forced_claim (cdr_id)',
  `create table abandoned_batch (
    batch_hash text primary key,
    row text not null,
    payouts text not null,
    charges text not null
  )`,
  `create table hand_in_anchor (
    anchor bigint generated always as identity primary key,
    root text not null unique,
    created_at bigint not null,
    anchored_at bigint
  )`,
  `create table hand_in (
    cdr_id text primary key,
    anchor bigint not null references hand_in_anchor
  )`,
  'create index hand_in_by_anchor on hand_in (anchor)',
  `create table revocation_anchor (
    anchor bigint primary key,
    root text not null,
    count bigint not null,
    created_at bigint not null,
    anchored_at bigint
  )`,
  'alter table member add column suspended_at bigint not null default 0',
  'alter table revocation add column anchor bigint references revocation_anchor',
  'create index revocation_by_anchor on revocation (provider_id, anchor)',
];
