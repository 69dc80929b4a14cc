import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Signals of price, carbon and grid; points priced by them, and what their stations have of them. */
export const signalMigration: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  `create table signal_series (
    kind text not null check (kind in ('price', 'carbon', 'grid')),
    area text not null,
    source text not null,
    content jsonb,
    asked_at bigint,
    heard_at bigint,
    next_at bigint not null,
    fault text,
    fault_detail text,
    faults_in_row integer not null default 0,
    primary key (kind, area)
  )`,
  `create table signal (
    signal_id text primary key,
    provider_id text not null,
    kind text not null,
    area text not null,
    issued_at bigint not null,
    signed text not null
  )`,
  'create index signal_latest on signal (provider_id, kind, area, issued_at)',
  `alter table evse
    add column dynamic_terms jsonb,
    add column feed_in_micro_per_kwh integer not null default 0 check (feed_in_micro_per_kwh >= 0),
    add column grid_area text,
    add column signals_taken_at bigint,
    add column taken_signal_id text,
    add column carried_signal_id text`,
];
