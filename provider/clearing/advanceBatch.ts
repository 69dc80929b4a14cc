import { type Hex, isHex } from '@p2p-power/protocol/Hex';
import { isRecord } from '@p2p-power/protocol/SignedObject';
import { sql, type Updateable } from 'kysely';
import type { ProviderContext } from '../ProviderContext.ts';
import { backoffS } from '../peers/deliverEvidence.ts';
import { peerFetch } from '../peers/peerFetch.ts';
import { readAgreements } from '../peers/readAgreements.ts';
import { abandonBatch } from './abandonBatch.ts';
import { type BatchRow, batchOf, chargesOfBatch } from './BatchBook.ts';
import type { ClearingChain } from './ClearingChain.ts';
import type { BatchTable } from './ClearingTables.ts';
import { memberAccount } from './memberAccount.ts';

/**
 * Brings a batch of ours, as creditor, as far as it goes now: to the debtor for its signature, then to
 * the chain. Each step is written before the next, and each may be made again. That it is settled is
 * said by the chain alone (`followChain`). What stops it is kept with the batch and tried again later.
 */
export async function advanceBatch(
  context: ProviderContext,
  chain: ClearingChain,
  row: BatchRow,
): Promise<BatchRow> {
  let batch = row;
  try {
    if (batch.state === 'built') {
      const asked = await askDebtor(context, chain, batch);
      if ('refusal' in asked) {
        if (await isOutdated(context, batch, asked.refusal)) await giveUp(context, batch);
        return await postpone(context, batch, asked.refusal, asked.detail);
      }
      batch = await update(context, batch, {
        state: 'countersigned',
        debtor_signature: asked.debtorSignature,
        refusal: null,
        refusal_detail: null,
        attempts: 0,
      });
    }
    if (batch.state === 'countersigned') batch = await update(context, batch, { state: 'submitted' });
    if (batch.state === 'submitted') {
      const settled = await chain.settle({
        batch: batchOf(batch),
        creditorSignature: batch.creditor_signature,
        debtorSignature: batch.debtor_signature as Hex,
      });
      if (!settled.ok) return await postpone(context, batch, settled.refusal, settled.detail);
      batch = await update(context, batch, {
        tx_hash: settled.value.txHash,
        refusal: null,
        refusal_detail: null,
      });
    }
    return batch;
  } catch (error) {
    const reason = (error as { reason?: unknown }).reason;
    const name = typeof reason === 'string' ? reason : 'peer-unreachable';
    context.log.warn({ sequence: batch.sequence, debtor: batch.debtor, error: name }, 'batch waits');
    return postpone(context, batch, name, (error as Error).message);
  }
}

/** Whether what the debtor refused can never be signed any more, while a batch built anew can. */
async function isOutdated(context: ProviderContext, row: BatchRow, refusal: string): Promise<boolean> {
  // What the pair's own terms contract says has changed since.
  if (refusal === 'wrong-fee') return hasOwnTerms(context, row);
  // Somebody has claimed one of its charges by force since.
  if (refusal === 'charge-not-accepted') return holdsClaimed(context, row);
  return false;
}

async function holdsClaimed(context: ProviderContext, row: BatchRow): Promise<boolean> {
  const authorizationIds = (await chargesOfBatch(context.db, row)).map((charge) => charge.authorizationId);
  const { rows } = await sql`
    select from forced_claim where debtor = ${row.debtor} and creditor = ${row.creditor}
      and state in ('raised', 'paid') and authorization_id = any(${authorizationIds}::text[]) limit 1`.execute(
    context.db,
  );
  return rows.length > 0;
}

async function hasOwnTerms(context: ProviderContext, row: BatchRow): Promise<boolean> {
  const agreements = await readAgreements(context, row.debtor, context.clock.nowS());
  const agreement = agreements?.find((one) => one.agreementId === row.agreement_id);
  return agreement !== undefined && agreement.termsContract !== null;
}

/** Gives up a batch that the debtor has not signed; the next is built anew from the books. */
async function giveUp(context: ProviderContext, row: BatchRow): Promise<void> {
  await context.db.transaction().execute(async (trx) => {
    const held = await trx
      .selectFrom('batch')
      .selectAll()
      .where('batch_hash', '=', row.batch_hash)
      .where('state', '=', 'built')
      .forUpdate()
      .executeTakeFirst();
    if (held !== undefined) await abandonBatch(trx, held);
  });
}

/** The debtor's signature, or its no. */
async function askDebtor(
  context: ProviderContext,
  chain: ClearingChain,
  row: BatchRow,
): Promise<{ readonly debtorSignature: Hex } | { readonly refusal: string; readonly detail: string }> {
  const batch = batchOf(row);
  const response = await peerFetch(context, row.debtor, '/peer/batches', {
    body: JSON.stringify({
      batch,
      creditorSignature: row.creditor_signature,
      charges: await chargesOfBatch(context.db, row),
    }),
  });
  const text = await response.text();
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    answer = undefined;
  }
  const says = isRecord(answer) ? answer : {};
  if (response.status !== 200)
    return {
      refusal: typeof says.refusal === 'string' ? says.refusal.slice(0, 80) : `http-${response.status}`,
      detail: typeof says.detail === 'string' ? says.detail.slice(0, 500) : '',
    };
  const account = await memberAccount(context, chain, row.debtor);
  const signature = says.debtorSignature;
  if (!isHex(signature, 65) || account === undefined || !(await chain.isSignedBy(batch, signature, account)))
    return { refusal: 'bad-debtor-signature', detail: `the signature is not one of ${row.debtor}’s account` };
  return { debtorSignature: signature };
}

async function update(
  context: ProviderContext,
  row: BatchRow,
  change: Updateable<BatchTable>,
): Promise<BatchRow> {
  return context.db
    .updateTable('batch')
    .set(change)
    .where('channel_id', '=', row.channel_id)
    .where('sequence', '=', row.sequence)
    .where('state', '<>', 'settled')
    .returningAll()
    .executeTakeFirst()
    .then((updated) => updated ?? row);
}

function postpone(
  context: ProviderContext,
  row: BatchRow,
  refusal: string,
  detail: string,
): Promise<BatchRow> {
  const attempts = row.attempts + 1;
  return update(context, row, {
    attempts,
    next_attempt_at: String(context.clock.nowS() + backoffS(attempts)),
    refusal,
    refusal_detail: detail.slice(0, 500),
  });
}
