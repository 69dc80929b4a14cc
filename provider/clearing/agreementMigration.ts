import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Batches by agreement; and of each peer all agreements, where there was the one in force. */
export const agreementMigration: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  'alter table batch add column agreement_id text',
  "update batch set agreement_id = batch::json->>'agreementId'",
  'alter table batch alter column agreement_id set not null',
  "alter table batch add column fee_to text not null default 'creditor' check (fee_to in ('creditor', 'debtor'))",
  'create index batch_agreement on batch (channel_id, agreement_id, sequence)',
  // Read again from the chain at the first question.
  'delete from peer_agreement',
  'alter table peer_agreement rename column terms to agreements',
  'alter table peer_agreement alter column agreements set not null',
  `create table agreement_proposal (
    agreement_id text primary key,
    peer text not null
  )`,
];
