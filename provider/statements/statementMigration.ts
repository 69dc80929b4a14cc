import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Views for billing and accounting systems that read the database: `billing_charges`, what to put on a
 * driver's bill, and `operator_credits`, what operators have earned. Money in units of the currency with
 * six decimals, energy in kWh with three.
 */
export const statementMigration: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  `create view billing_charges as
    select cdr_id, driver_id, emaid, evse_id, operator_provider,
      to_timestamp(started_at) as started_at, to_timestamp(ended_at) as ended_at, time_zone,
      round(imported_wh / 1000.0, 3) as imported_kwh, round(exported_wh / 1000.0, 3) as exported_kwh,
      round(charge_micro / 1000000.0, 6) as charge, round(credit_micro / 1000000.0, 6) as credit,
      round((charge_micro - credit_micro) / 1000000.0, 6) as total, currency,
      to_timestamp(received_at) as received_at
    from charge where driver_id is not null`,
  `create view operator_credits as
    select cdr_id, operator_id, operator.name as operator_name, operator_account, evse_id, driver_provider,
      to_timestamp(ended_at) as ended_at,
      round(charge_micro / 1000000.0, 6) as charge, round(charge.fee_micro / 1000000.0, 6) as fee,
      round((charge_micro - coalesce(charge.fee_micro, 0)) / 1000000.0, 6) as earned,
      round(credit_micro / 1000000.0, 6) as credit, currency,
      case when batch.state = 'settled' then 'settled' when batch.state is not null then 'in-batch'
        else charge.state end as state,
      charge.refusal, batch.sequence as batch, batch.tx_hash
    from charge
    join operator on operator.account = operator_account
    left join batch on batch.debtor = driver_provider and batch.creditor = operator_provider
      and batch.sequence = charge_sequence`,
];
