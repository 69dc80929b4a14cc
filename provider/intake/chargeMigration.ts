import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Charges with their evidence, and what was refused. A CDR is there once, and so is an authorization. */
export const chargeMigration: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  `create table charge (
    cdr_id text primary key,
    authorization_id text not null unique,
    driver_provider text not null,
    operator_provider text not null,
    driver_certificate_id text not null,
    station_certificate_id text not null,
    emaid text not null,
    evse_id text not null,
    operator_account text not null,
    driver_id text,
    currency text not null,
    time_zone text not null,
    authorized_at bigint not null,
    started_at bigint not null,
    ended_at bigint not null,
    imported_wh bigint not null,
    exported_wh bigint not null,
    charge_micro bigint not null check (charge_micro >= 0),
    credit_micro bigint not null check (credit_micro >= 0),
    journal_number bigint not null,
    journal_previous_hash text not null,
    received_at bigint not null,
    state text not null check (state in ('booked', 'waiting', 'accepted', 'refused')),
    refusal text,
    refusal_detail text,
    charge_sequence bigint,
    credit_sequence bigint,
    fee_micro bigint,
    evidence text not null,
    check (state <> 'booked' or driver_provider = operator_provider)
  )`,
  // Signatures and hashes hardly shrink: compressing them would cost more than all the rest of an insert.
  'alter table charge alter column evidence set storage external',
  'create index charge_driver on charge (driver_id, ended_at) where driver_id is not null',
  'create index charge_operator on charge (operator_account, ended_at)',
  'create index charge_journal on charge (station_certificate_id, journal_number)',
  `create index charge_unsettled on charge (driver_provider, operator_provider)
    where state = 'accepted' and charge_sequence is null`,
  `create index credit_unsettled on charge (operator_provider, driver_provider)
    where state = 'accepted' and credit_sequence is null and credit_micro > 0`,
  `create index charge_batch on charge (driver_provider, operator_provider, charge_sequence)
    where charge_sequence is not null`,
  `create index credit_batch on charge (operator_provider, driver_provider, credit_sequence)
    where credit_sequence is not null`,
  `create table quarantine (
    content_hash text not null,
    refusal text not null,
    detail text not null,
    cdr_id text,
    source text not null,
    received_at bigint not null,
    judged_at bigint not null,
    accepted_at bigint,
    content text not null,
    primary key (content_hash, refusal, source)
  )`,
  'alter table quarantine alter column content set storage external',
  'create index quarantine_open on quarantine (refusal, judged_at) where accepted_at is null',
  'create index quarantine_received on quarantine (received_at)',
];
