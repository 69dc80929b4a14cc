import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Price frames, commissions, promotions, and the split of charges for the bill. Until something is entered in
 * them all is as it was: a charge without a commission is its operator's whole. `price_index` remembers each quarter-hour
 * of every price signal as it was last known.
 */
export const priceMigration: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  `alter table evse add column target_group text
    check (target_group in ('garage', 'hotel', 'supermarket', 'public', 'shared-home'))`,
  `create table price_frames (
    id bigint generated always as identity primary key,
    frames jsonb not null,
    entered_at bigint not null
  )`,
  `create table commission (
    id bigint generated always as identity primary key,
    scope text not null check (scope in ('all', 'target-group', 'operator', 'point')),
    subject text not null,
    terms jsonb,
    valid_from bigint not null,
    entered_at bigint not null,
    unique (scope, subject, valid_from)
  )`,
  `create table promotion (
    promotion_id text primary key,
    rule jsonb not null,
    spent_micro bigint not null default 0 check (spent_micro >= 0),
    entered_at bigint not null,
    ended_at bigint
  )`,
  `create table promotion_use (
    cdr_id text not null references charge,
    promotion_id text not null references promotion,
    driver_id text not null,
    amount_micro bigint not null check (amount_micro > 0),
    energy_wh bigint not null check (energy_wh >= 0),
    used_at bigint not null,
    primary key (cdr_id, promotion_id)
  )`,
  'create index promotion_use_driver on promotion_use (promotion_id, driver_id)',
  `create table charge_split (
    cdr_id text primary key references charge,
    energy_micro bigint not null,
    infrastructure_micro bigint not null,
    grid_micro bigint not null,
    levies_micro bigint not null,
    vat_micro bigint not null
  )`,
  `alter table charge add column commission_micro bigint check (commission_micro >= 0),
    add column operator_micro bigint check (operator_micro between 0 and charge_micro),
    add column promotion_micro bigint check (promotion_micro between 0 and charge_micro)`,
  `create table price_index (
    area text not null,
    starts_at bigint not null,
    currency text not null,
    index_micro bigint not null,
    primary key (area, starts_at)
  )`,
  `create function remember_price_index() returns trigger language plpgsql as $$
    begin
      insert into price_index (area, starts_at, currency, index_micro)
        select new.area, (new.content ->> 'firstAt')::bigint + 900 * (place - 1), new.content ->> 'currency',
          (value #>> '{}')::bigint
        from jsonb_array_elements(new.content -> 'indexMicro') with ordinality as known (value, place)
        where value <> 'null'
      on conflict (area, starts_at) do update set currency = excluded.currency, index_micro = excluded.index_micro
        where (price_index.currency, price_index.index_micro) <> (excluded.currency, excluded.index_micro);
      return null;
    end $$`,
  `create trigger remember_price_index after insert or update of content on signal_series
    for each row when (new.kind = 'price' and new.content is not null) execute function remember_price_index()`,
  'alter table batch_payout add column short_micro bigint not null default 0 check (short_micro >= 0)',
];
