import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Locations, charging points, tariffs, stations. */
export const pointMigration: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  `create table location (
    provider_id text not null,
    location_id text not null,
    source text not null check (source in ('own', 'peer', 'register')),
    operator_id text references operator,
    operator_name text not null,
    name text not null,
    address text not null,
    postal_code text not null,
    city text not null,
    country text not null,
    latitude double precision not null check (latitude between -90 and 90),
    longitude double precision not null check (longitude between -180 and 180),
    time_zone text not null,
    opening_times jsonb,
    opening_text text,
    updated_at bigint not null,
    primary key (provider_id, location_id),
    check ((source = 'own') = (operator_id is not null))
  )`,
  'create index location_place on location (latitude, longitude)',
  'create index location_updated on location (source, updated_at)',
  `create table evse (
    provider_id text not null,
    uid text not null,
    location_id text not null,
    evse_id text,
    connectors jsonb not null,
    plugs text[] not null,
    max_power_w integer not null check (max_power_w >= 0),
    meter_public_key text,
    meter_key_note text,
    in_service boolean not null,
    tariff jsonb,
    link_url text,
    live boolean not null,
    last_seen_at bigint,
    removed_at bigint,
    updated_at bigint not null,
    primary key (provider_id, uid),
    foreign key (provider_id, location_id) references location on delete cascade
  )`,
  'create index evse_location on evse (provider_id, location_id)',
  'create index evse_evse_id on evse (evse_id) where evse_id is not null',
  `create table tariff (
    uid text not null,
    tariff_id text not null,
    tariff jsonb not null,
    valid_from bigint not null,
    valid_until bigint,
    primary key (uid, valid_from)
  )`,
  'create index tariff_id on tariff (tariff_id)',
  'create unique index tariff_in_force on tariff (uid) where valid_until is null',
  `create table station_certificate (
    certificate_id text primary key,
    uid text not null,
    evse_id text not null,
    operator_id text not null references operator,
    operator_account text not null,
    public_key text not null,
    meter_public_key text not null,
    not_before bigint not null,
    not_after bigint not null,
    issued_at bigint not null,
    revoked_at bigint,
    signed text not null
  )`,
  'create index station_certificate_point on station_certificate (uid, issued_at)',
];
