import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * The tax in what promotions bear, by rate, and the views for billing systems that learn of it. What was billed before has
 * none: its bills showed the full price, and the promotion as a payment, and they stay so.
 */
export const promotionTaxMigration: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const lessTax = `left join (
      select cdr_id, sum(excl_vat_micro) as promotion_net_micro, sum(vat_micro) as promotion_vat_micro
      from promotion_tax group by cdr_id
    ) as less_tax using (cdr_id)`;

const statements = [
  `create table promotion_tax (
    cdr_id text not null,
    promotion_id text not null,
    vat_bp integer not null check (vat_bp between 0 and 10000),
    excl_vat_micro bigint not null,
    vat_micro bigint not null,
    primary key (cdr_id, promotion_id, vat_bp),
    foreign key (cdr_id, promotion_id) references promotion_use
  )`,
  `create or replace view billing_charges as
    select cdr_id, driver_id, emaid, evse_id, operator_provider,
      to_timestamp(started_at) as started_at, to_timestamp(ended_at) as ended_at, time_zone,
      round(imported_wh / 1000.0, 3) as imported_kwh, round(exported_wh / 1000.0, 3) as exported_kwh,
      round(charge_micro / 1000000.0, 6) as charge, round(credit_micro / 1000000.0, 6) as credit,
      round((charge_micro - credit_micro - coalesce(promotion_micro, 0)) / 1000000.0, 6) as total, currency,
      to_timestamp(received_at) as received_at, round(coalesce(promotion_micro, 0) / 1000000.0, 6) as promotion,
      round(promotion_net_micro / 1000000.0, 6) as promotion_net, round(promotion_vat_micro / 1000000.0, 6) as promotion_vat
    from charge ${lessTax} where driver_id is not null`,
  `create or replace view billing_split as
    select cdr_id, driver_id, to_timestamp(ended_at) as ended_at, currency,
      round(charge_micro / 1000000.0, 6) as charge, round(energy_micro / 1000000.0, 6) as energy,
      round(infrastructure_micro / 1000000.0, 6) as infrastructure, round(grid_micro / 1000000.0, 6) as grid,
      round(levies_micro / 1000000.0, 6) as levies, round(vat_micro / 1000000.0, 6) as vat,
      round(coalesce(promotion_micro, 0) / 1000000.0, 6) as promotion,
      round(promotion_net_micro / 1000000.0, 6) as promotion_net, round(promotion_vat_micro / 1000000.0, 6) as promotion_vat,
      round((vat_micro - coalesce(promotion_vat_micro, 0)) / 1000000.0, 6) as owed_vat
    from charge join charge_split using (cdr_id) ${lessTax} where driver_id is not null`,
  `create view billing_promotion as
    select cdr_id, charge.driver_id, to_timestamp(charge.ended_at) as ended_at, currency, promotion_id, rule ->> 'title' as title,
      round(vat_bp / 100.0, 2) as vat_percent, round(excl_vat_micro / 1000000.0, 6) as net,
      round(vat_micro / 1000000.0, 6) as vat,
      round(coalesce(excl_vat_micro + vat_micro, amount_micro) / 1000000.0, 6) as gross
    from promotion_use
    join promotion using (promotion_id)
    join charge using (cdr_id)
    left join promotion_tax using (cdr_id, promotion_id)
    where charge.driver_id is not null`,
];
