import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Bank accounts, payment files, the bank's entries; when a redemption is due and what was paid for it. */
export const bankMigration: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  `create table peer_bank_account (
    provider_id text primary key,
    name text not null,
    iban text not null,
    bic text,
    read_at bigint not null,
    confirmed_iban text
  )`,
  `create table payment_file (
    message_id text primary key,
    created_at bigint not null,
    execution_date text not null,
    count integer not null check (count > 0),
    total_micro bigint not null check (total_micro > 0),
    sealed_xml text not null
  )`,
  `create table payment (
    end_to_end_id text primary key,
    message_id text not null references payment_file,
    kind text not null check (kind in ('netting', 'redemption')),
    redemption_id text unique references redemption,
    amount_micro bigint not null check (amount_micro > 0 and amount_micro % 10000 = 0),
    debited_at bigint,
    check ((kind = 'redemption') = (redemption_id is not null))
  )`,
  `create table bank_entry (
    entry_id text primary key,
    message_id text not null,
    line integer not null,
    side text not null check (side in ('credit', 'debit')),
    amount_micro bigint not null check (amount_micro > 0),
    currency text not null,
    end_to_end_id text,
    bank_reference text,
    booked_on text,
    state text not null check (state in ('matched', 'done', 'unmatched')),
    refusal text,
    refusal_detail text,
    received_at bigint not null,
    attempts integer not null default 0,
    next_attempt_at bigint not null,
    check (state <> 'unmatched' or refusal is not null)
  )`,
  "create index bank_entry_matched on bank_entry (next_attempt_at) where state = 'matched'",
  // Of people's accounts nothing stands in the clear but the last four characters.
  `create table operator_bank_account (
    operator_id text primary key references operator,
    sealed text not null,
    iban_end text not null,
    changed_at bigint not null
  )`,
  `create table redemption_bank_account (
    redemption_id text primary key,
    sealed text not null,
    iban_end text not null,
    received_at bigint not null
  )`,
  // Epoch seconds: when the chain will show it as overdue.
  'alter table redemption add column due_at bigint',
];
