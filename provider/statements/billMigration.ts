import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Views for billing systems, beside `billing_charges` and `operator_credits`, which learn of promotions and commissions:
 * `billing_split`, what of a charge is for what, and `billing_quarter_hour`, the energy of each charge of our drivers by
 * quarter-hour, from the readings in its evidence and by the rule of tariff/quarterHours.ts, so that the quarter-hours of a
 * charge add up to it, to the Wh. Money in units of the currency with six decimals.
 */
export const billMigration: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  `create or replace view billing_charges as
    select cdr_id, driver_id, emaid, evse_id, operator_provider,
      to_timestamp(started_at) as started_at, to_timestamp(ended_at) as ended_at, time_zone,
      round(imported_wh / 1000.0, 3) as imported_kwh, round(exported_wh / 1000.0, 3) as exported_kwh,
      round(charge_micro / 1000000.0, 6) as charge, round(credit_micro / 1000000.0, 6) as credit,
      round((charge_micro - credit_micro - coalesce(promotion_micro, 0)) / 1000000.0, 6) as total, currency,
      to_timestamp(received_at) as received_at, round(coalesce(promotion_micro, 0) / 1000000.0, 6) as promotion
    from charge where driver_id is not null`,
  `create or replace view operator_credits as
    select cdr_id, operator.operator_id, operator.name as operator_name, operator_account, evse_id, driver_provider,
      to_timestamp(ended_at) as ended_at,
      round(charge_micro / 1000000.0, 6) as charge, round(charge.fee_micro / 1000000.0, 6) as fee,
      round(coalesce(commission_micro, charge_micro - coalesce(charge.fee_micro, 0)) / 1000000.0, 6) as earned,
      round(credit_micro / 1000000.0, 6) as credit, currency,
      case when batch.state = 'settled' then 'settled' when batch.state is not null then 'in-batch'
        else charge.state end as state,
      charge.refusal, batch.sequence as batch, batch.tx_hash,
      round(commission_micro / 1000000.0, 6) as commission
    from charge
    join operator_account as paid_at on paid_at.account = operator_account
    join operator on operator.operator_id = paid_at.operator_id
    left join batch on batch.debtor = driver_provider and batch.creditor = operator_provider
      and batch.sequence = charge_sequence`,
  `create or replace view billing_split as
    select cdr_id, driver_id, to_timestamp(ended_at) as ended_at, currency,
      round(charge_micro / 1000000.0, 6) as charge, round(energy_micro / 1000000.0, 6) as energy,
      round(infrastructure_micro / 1000000.0, 6) as infrastructure, round(grid_micro / 1000000.0, 6) as grid,
      round(levies_micro / 1000000.0, 6) as levies, round(vat_micro / 1000000.0, 6) as vat,
      round(coalesce(promotion_micro, 0) / 1000000.0, 6) as promotion
    from charge join charge_split using (cdr_id) where driver_id is not null`,
  // A part of an amount that is not negative, rounded half up.
  `create or replace function round_half_up(amount bigint, part bigint, whole bigint) returns bigint
    language sql immutable return (2 * amount * part + whole) / (2 * whole)`,
  // Energy between two readings of one second belongs to the quarter-hour that begins then or runs, at the very end of
  // the charge to the one that ends.
  `create or replace view billing_quarter_hour as
    with reading as (
      select cdr_id, driver_id, emaid, evse_id, time_zone, ended_at, started_at as began_at,
        (one ->> 'at')::bigint as read_at, (one ->> 'importWh')::bigint as import_wh,
        (one ->> 'exportWh')::bigint as export_wh, place
      from charge, json_array_elements(evidence::json -> 'readings') with ordinality as reading (one, place)
      where driver_id is not null
    ), span as (
      select *, lag(read_at) over session as from_at, import_wh - lag(import_wh) over session as imported_wh,
        export_wh - lag(export_wh) over session as exported_wh
      from reading window session as (partition by cdr_id, driver_id, ended_at order by place)
    ), bounded as (
      select *, read_at - from_at as span_s, case when read_at = from_at and from_at = ended_at and from_at > began_at
        then from_at - 1 - (from_at - 1) % 900 else from_at - from_at % 900 end as first_quarter
      from span where from_at is not null
    ), part as (
      select bounded.*, quarter, least(read_at, quarter + 900) - from_at as until_s,
        greatest(from_at, quarter) - from_at as since_s
      from bounded, generate_series(first_quarter, greatest(read_at - 1, first_quarter), 900) as quarter
      where span_s > 0 or quarter = first_quarter
    )
    select cdr_id, driver_id, emaid, evse_id, time_zone, to_timestamp(ended_at) as ended_at,
      to_timestamp(quarter) as starts_at,
      sum(case when span_s = 0 then imported_wh else round_half_up(imported_wh, until_s, span_s)
        - round_half_up(imported_wh, since_s, span_s) end)::bigint as imported_wh,
      sum(case when span_s = 0 then exported_wh else round_half_up(exported_wh, until_s, span_s)
        - round_half_up(exported_wh, since_s, span_s) end)::bigint as exported_wh
    from part group by cdr_id, driver_id, emaid, evse_id, time_zone, ended_at, quarter`,
];
