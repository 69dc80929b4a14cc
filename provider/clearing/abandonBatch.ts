import type { Hex } from '@p2p-power/protocol/Hex';
import { sql, type Transaction } from 'kysely';
import type { Database } from '../database/Database.ts';
import { type BatchRow, chargesOfBatch, lockCharges } from './BatchBook.ts';

/** What a charge bore of the fee in a batch that was given up. */
interface KeptFee {
  readonly cdr_id: Hex;
  readonly fee_micro: string | null;
}

/**
 * Gives up a batch of ours that its debtor has not signed: its charges are free for others, or for forced
 * claims. It is kept, because our signature has left: the debtor may sign it yet and bring it to the
 * chain, and then it holds after all ({@link restoreBatch}).
 */
export async function abandonBatch(trx: Transaction<Database>, row: BatchRow): Promise<void> {
  if (row.state !== 'built') throw new Error(`batch ${row.sequence} is ${row.state}: both have signed it`);
  const charges = await chargesOfBatch(trx, row);
  await lockCharges(
    trx,
    charges.map((charge) => charge.cdrId),
  );
  const fees = await sql<KeptFee>`
    select cdr_id, fee_micro from charge where driver_provider = ${row.debtor}
      and operator_provider = ${row.creditor} and charge_sequence = ${row.sequence}::bigint`.execute(trx);
  const payouts = await trx
    .selectFrom('batch_payout')
    .selectAll()
    .where('channel_id', '=', row.channel_id)
    .where('sequence', '=', row.sequence)
    .execute();
  await trx
    .insertInto('abandoned_batch')
    .values({
      batch_hash: row.batch_hash,
      row: JSON.stringify(row),
      payouts: JSON.stringify(payouts),
      charges: JSON.stringify(charges.map((charge) => charge.cdrId)),
      fees: JSON.stringify(fees.rows),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await sql`update charge set charge_sequence = null, fee_micro = null
    where driver_provider = ${row.debtor} and operator_provider = ${row.creditor}
      and charge_sequence = ${row.sequence}::bigint`.execute(trx);
  await sql`update charge set credit_sequence = null
    where operator_provider = ${row.debtor} and driver_provider = ${row.creditor}
      and credit_sequence = ${row.sequence}::bigint`.execute(trx);
  for (const table of ['batch_payout', 'batch'] as const)
    await trx
      .deleteFrom(table)
      .where('channel_id', '=', row.channel_id)
      .where('sequence', '=', row.sequence)
      .execute();
}

/**
 * Takes a batch back that was given up, because the chain has settled it. The one that was built in its
 * place under the same number can never be settled and is given up in turn. Answers whether there was one.
 */
export async function restoreBatch(trx: Transaction<Database>, batchHash: Hex): Promise<boolean> {
  const kept = await trx
    .deleteFrom('abandoned_batch')
    .where('batch_hash', '=', batchHash)
    .returningAll()
    .executeTakeFirst();
  if (kept === undefined) return false;
  const row = JSON.parse(kept.row) as BatchRow;
  const instead = await trx
    .selectFrom('batch')
    .selectAll()
    .where('channel_id', '=', row.channel_id)
    .where('sequence', '=', row.sequence)
    .executeTakeFirst();
  if (instead !== undefined) await abandonBatch(trx, { ...instead, state: 'built' });
  // Both have signed it: the chain has checked the signature that we never saw.
  await trx.insertInto('batch').values(row).execute();
  const payouts = JSON.parse(kept.payouts);
  if (payouts.length > 0) await trx.insertInto('batch_payout').values(payouts).execute();
  const cdrIds = JSON.parse(kept.charges) as Hex[];
  const fees = JSON.parse(kept.fees) as KeptFee[];
  await lockCharges(trx, cdrIds);
  await sql`update charge set fee_micro = kept.fee_micro
    from unnest(${fees.map((fee) => fee.cdr_id)}::text[], ${fees.map((fee) => fee.fee_micro)}::bigint[])
      as kept (cdr_id, fee_micro)
    where charge.cdr_id = kept.cdr_id and charge.charge_sequence is null`.execute(trx);
  await sql`update charge set charge_sequence = ${row.sequence}::bigint
    where cdr_id = any(${cdrIds}::text[]) and driver_provider = ${row.debtor}
      and operator_provider = ${row.creditor} and charge_sequence is null`.execute(trx);
  await sql`update charge set credit_sequence = ${row.sequence}::bigint
    where cdr_id = any(${cdrIds}::text[]) and operator_provider = ${row.debtor}
      and driver_provider = ${row.creditor} and credit_sequence is null`.execute(trx);
  return true;
}
