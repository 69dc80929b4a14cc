import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Drivers, their certificates, operators. */
export const peopleMigration: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  `create table driver (
    driver_id text primary key,
    issuer text not null,
    subject text not null,
    name text,
    email text,
    created_at bigint not null,
    closed_at bigint,
    unique (issuer, subject)
  )`,
  `create table driver_certificate (
    certificate_id text primary key,
    driver_id text not null references driver,
    emaid text not null unique,
    public_key text not null,
    not_before bigint not null,
    not_after bigint not null,
    issued_at bigint not null,
    revoked_at bigint,
    signed text not null
  )`,
  'create index driver_certificate_driver on driver_certificate (driver_id, issued_at)',
  `create table operator (
    operator_id text primary key,
    name text not null,
    email text not null,
    account text not null unique,
    account_kept boolean not null,
    issuer text,
    subject text,
    created_at bigint not null,
    unique (issuer, subject)
  )`,
  'create unique index operator_email on operator (lower(email))',
];
