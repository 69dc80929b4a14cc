import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Batches with their payouts, how far the chain was followed, redemptions, and the account keys kept for operators. */
export const clearingMigration: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  `create table batch (
    channel_id text not null,
    sequence bigint not null check (sequence > 0),
    debtor text not null,
    creditor text not null,
    batch text not null,
    batch_hash text not null unique,
    total_micro bigint not null check (total_micro > 0),
    fee_micro bigint not null check (fee_micro between 0 and total_micro),
    count bigint not null check (count > 0),
    period_start bigint not null,
    period_end bigint not null,
    state text not null check (state in ('built', 'countersigned', 'submitted', 'settled')),
    creditor_signature text not null,
    debtor_signature text,
    tx_hash text,
    block_number bigint,
    refusal text,
    refusal_detail text,
    attempts integer not null default 0,
    next_attempt_at bigint not null,
    built_at bigint not null,
    primary key (channel_id, sequence),
    check (state = 'built' or debtor_signature is not null)
  )`,
  "create index batch_open on batch (next_attempt_at) where state <> 'settled'",
  `create table batch_payout (
    channel_id text not null,
    sequence bigint not null,
    account text not null,
    gross_micro bigint not null,
    payout_micro bigint not null check (payout_micro between 0 and gross_micro),
    cumulative_micro bigint not null check (cumulative_micro >= payout_micro),
    primary key (channel_id, sequence, account),
    foreign key (channel_id, sequence) references batch
  )`,
  'create index batch_payout_account on batch_payout (account)',
  `create table chain_cursor (
    id integer primary key check (id = 1),
    cursor text not null
  )`,
  `create table redemption (
    redemption_id text primary key,
    holder text not null,
    provider text not null,
    amount_micro bigint not null check (amount_micro > 0),
    state text not null check (state in ('requesting', 'open', 'paying', 'paid', 'cancelled', 'refused')),
    chain_reference text,
    bank_reference text,
    refusal text,
    requested_at bigint not null,
    closed_at bigint
  )`,
  'create index redemption_holder on redemption (holder)',
  `create table account_key (
    account text primary key,
    sealed_key text not null,
    created_at bigint not null
  )`,
];
