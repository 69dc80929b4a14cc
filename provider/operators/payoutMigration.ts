import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Operators may change the account at which they are paid; redemptions that are relayed, and at other providers. */
export const payoutMigration: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  `create table former_account (
    account text primary key,
    operator_id text not null references operator,
    kept boolean not null,
    until bigint not null
  )`,
  `create view operator_account as
    select account, operator_id, account_kept as kept, null::bigint as until from operator
    union all select account, operator_id, kept, until from former_account`,
  // What the holder signed for us to bring, until it is on the chain: deadline and signature as JSON.
  'alter table redemption add column relay text',
  // Where we are not asked ourselves: the holder's signature under its account, and when the provider had it.
  'alter table redemption_bank_account add column signature text',
  'alter table redemption_bank_account add column sent_at bigint',
  `create or replace view operator_credits as
    select cdr_id, operator.operator_id, operator.name as operator_name, operator_account, evse_id, driver_provider,
      to_timestamp(ended_at) as ended_at,
      round(charge_micro / 1000000.0, 6) as charge, round(charge.fee_micro / 1000000.0, 6) as fee,
      round((charge_micro - coalesce(charge.fee_micro, 0)) / 1000000.0, 6) as earned,
      round(credit_micro / 1000000.0, 6) as credit, currency,
      case when batch.state = 'settled' then 'settled' when batch.state is not null then 'in-batch'
        else charge.state end as state,
      charge.refusal, batch.sequence as batch, batch.tx_hash
    from charge
    join operator_account as paid_at on paid_at.account = operator_account
    join operator on operator.operator_id = paid_at.operator_id
    left join batch on batch.debtor = driver_provider and batch.creditor = operator_provider
      and batch.sequence = charge_sequence`,
];
