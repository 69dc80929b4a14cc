import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Views for people with an SQL client, in a schema of their own: money in currency units, times as
 * times. Programs use the interface; these may change from version to version.
 */
export const reportMigration: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  'create schema report',
  `create view report.point as
    select l.source, e.provider_id, coalesce(e.evse_id, e.uid) as evse_id, l.operator_name, l.name, l.address,
      l.postal_code, l.city, l.latitude, l.longitude, e.max_power_w / 1000.0 as max_power_kw, e.plugs, e.live,
      to_timestamp(e.last_seen_at) as last_seen_at, e.meter_key_note, to_timestamp(e.removed_at) as removed_at
    from evse e join location l using (provider_id, location_id)`,
  `create view report.driver_certificate as
    select driver_id, certificate_id, emaid, to_timestamp(issued_at) as issued_at,
      to_timestamp(not_after) as valid_until, to_timestamp(revoked_at) as revoked_at
    from driver_certificate`,
  `create view report.charge as
    select cdr_id, state, refusal, driver_provider, operator_provider, driver_id, evse_id, operator_account,
      to_timestamp(started_at) as started_at, to_timestamp(ended_at) as ended_at,
      imported_wh / 1000.0 as imported_kwh, exported_wh / 1000.0 as exported_kwh,
      charge_micro / 1000000.0 as charge, credit_micro / 1000000.0 as credit, currency,
      to_timestamp(received_at) as received_at
    from charge`,
  `create view report.charges_by_day as
    select (to_timestamp(ended_at) at time zone time_zone)::date as day, driver_provider, operator_provider, state,
      currency, count(*) as charges, sum(imported_wh) / 1000.0 as imported_kwh,
      sum(charge_micro) / 1000000.0 as charge, sum(credit_micro) / 1000000.0 as credit
    from charge group by 1, 2, 3, 4, 5`,
  `create view report.ledger_balance as
    select a.kind, a.owner, sum(l.amount_micro) / 1000000.0 as balance, count(*) as lines
    from ledger_account a join ledger_line l on l.account_id = a.id group by a.kind, a.owner`,
];
