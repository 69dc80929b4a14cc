import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Rounds of netting with their transfers, and what the chain says of confirmed ones. */
export const nettingMigration: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  `create table netting_round (
    round_id text primary key,
    block_number bigint not null,
    block_hash text not null,
    block_time bigint not null,
    supply_micro bigint not null,
    positions text not null,
    opened_by text not null,
    opened_at bigint not null,
    announced text[] not null default '{}',
    state text not null check (state in ('open', 'closed', 'replaced')),
    closed_at bigint,
    check ((state = 'open') = (closed_at is null))
  )`,
  "create unique index netting_round_open on netting_round ((true)) where state = 'open'",
  `create table netting_transfer (
    end_to_end_id text primary key,
    bank_reference text not null unique,
    round_id text not null references netting_round,
    leg integer not null check (leg > 0),
    payer text not null,
    receiver text not null check (receiver <> payer),
    amount_micro bigint not null check (amount_micro > 0 and amount_micro % 10000 = 0),
    unique (round_id, leg)
  )`,
  `create table chain_receipt (
    receiver text not null,
    bank_reference text not null,
    payer text not null,
    amount_micro bigint not null,
    tx_hash text not null,
    block_number bigint not null,
    seen_at bigint not null,
    primary key (receiver, bank_reference)
  )`,
];
