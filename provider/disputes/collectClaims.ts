import type { Evidence } from '@p2p-power/protocol/Evidence';
import type { ClearingChain } from '../clearing/ClearingChain.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { backoffS } from '../peers/deliverEvidence.ts';
import { type ClaimRow, claimOf } from './ClaimBook.ts';

/**
 * As creditor: shows the meter's record where a debtor asked for it, and has claims paid whose window has
 * closed, whoever of our side raised them. That they are paid is said by the chain's events.
 */
export async function collectClaims(
  context: ProviderContext,
  chain: ClearingChain,
  signal?: AbortSignal,
): Promise<void> {
  const now = String(context.clock.nowS());
  const due = await context.db
    .selectFrom('forced_claim')
    .selectAll()
    .where('creditor', '=', context.config.providerId)
    .where('state', '=', 'raised')
    .where('next_attempt_at', '<=', now)
    .where((where) => where.or([where('payable_from', 'is', null), where('payable_from', '<=', now)]))
    .orderBy('created_at')
    .execute();
  for (const row of due) {
    if (signal?.aborted) return;
    try {
      const sent =
        row.payable_from === null ? await show(context, chain, row) : await chain.disputes.pay(claimOf(row));
      await wait(context, row, sent.ok ? null : sent.refusal, sent.ok ? '' : sent.detail);
    } catch (error) {
      await wait(context, row, 'chain-fault', (error as Error).message);
    }
  }
}

async function show(context: ProviderContext, chain: ClearingChain, row: ClaimRow) {
  const charge = await context.db
    .selectFrom('charge')
    .select('evidence')
    .where('cdr_id', '=', row.cdr_id)
    .executeTakeFirst();
  if (charge === undefined)
    return { ok: false as const, refusal: 'charge-unknown', detail: 'we do not hold its evidence' };
  return chain.disputes.showRecord(claimOf(row), (JSON.parse(charge.evidence) as Evidence).meterRecord);
}

/** Looks again later: after a while where it was sent, in case its block is lost. */
async function wait(
  context: ProviderContext,
  row: ClaimRow,
  refusal: string | null,
  detail: string,
): Promise<void> {
  const attempts = refusal === null ? 0 : row.attempts + 1;
  if (refusal !== null)
    context.log.warn({ cdrId: row.cdr_id, refusal, detail }, 'a forced claim waits to be paid');
  await context.db
    .updateTable('forced_claim')
    .set({
      attempts,
      next_attempt_at: String(context.clock.nowS() + (refusal === null ? 300 : backoffS(attempts))),
      refusal,
      refusal_detail: refusal === null ? null : detail.slice(0, 500),
    })
    .where('claim_id', '=', row.claim_id)
    .where('state', '=', 'raised')
    .execute();
}
