import type { Hex } from '@p2p-power/protocol/Hex';
import type { Job } from '../jobs/Job.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { spansOf } from '../peers/Agreements.ts';
import { refreshAgreements } from '../peers/readAgreements.ts';
import { advanceBatch } from './advanceBatch.ts';
import type { BatchRow } from './BatchBook.ts';
import { buildNextBatch, type NoBatch } from './buildNextBatch.ts';
import type { ClearingChain } from './ClearingChain.ts';
import { followChain } from './followChain.ts';

/** What came of closing a period with one peer: whether a batch was built, or why not, and the newest. */
export interface ClosedPeriod {
  readonly peer: string;
  readonly outcome: 'built' | NoBatch;
  readonly batch: BatchRow | undefined;
}

/**
 * Closes a period as creditor, with one peer or with all: builds the batch of each, has it
 * countersigned, settles it and follows the chain. What cannot be done now is done later by the job;
 * closing again continues where it stopped.
 */
export async function closePeriod(
  context: ProviderContext,
  chain: ClearingChain,
  period: { readonly periodEnd: number; readonly peer?: string | undefined },
): Promise<readonly ClosedPeriod[]> {
  const me = context.config.providerId;
  const members = await context.db
    .selectFrom('member')
    .select('provider_id')
    .where('provider_id', '<>', me)
    .orderBy('provider_id')
    .execute();
  const peers = members
    .map((member) => member.provider_id)
    .filter((peer) => period.peer === undefined || peer === period.peer);
  const closed: ClosedPeriod[] = [];
  for (const peer of peers) closed.push(await closePeriodWith(context, chain, peer, period.periodEnd));
  return closed;
}

/**
 * The same with one peer: a batch for each agreement whose charges are unsettled, the oldest first. So
 * what comes late settles in a batch of its own, under the agreement that it was signed under. `only`
 * names one agreement.
 */
export async function closePeriodWith(
  context: ProviderContext,
  chain: ClearingChain,
  peer: string,
  periodEnd: number,
  only?: Hex,
): Promise<ClosedPeriod> {
  // What an earlier close left open goes first.
  await advanceOpen(context, chain, peer);
  const agreements = await refreshAgreements({ ...context, chain }, peer, context.clock.nowS());
  let outcome: ClosedPeriod['outcome'] = 'no-agreement';
  for (const agreement of agreements) {
    if (only !== undefined && agreement.agreementId !== only) continue;
    const spans = spansOf(agreements, agreement);
    const came = await buildNextBatch(context, chain, peer, { agreement, spans }, periodEnd);
    if (came === 'built') await advanceOpen(context, chain, peer);
    if (outcome !== 'built') outcome = came;
    if (came === 'batch-open') break;
  }
  const batch = await context.db
    .selectFrom('batch')
    .selectAll()
    .where('debtor', '=', peer)
    .where('creditor', '=', context.config.providerId)
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst();
  return { peer, outcome, batch };
}

async function advanceOpen(context: ProviderContext, chain: ClearingChain, peer: string): Promise<void> {
  const open = await context.db
    .selectFrom('batch')
    .selectAll()
    .where('debtor', '=', peer)
    .where('creditor', '=', context.config.providerId)
    .where('state', '<>', 'settled')
    .orderBy('sequence')
    .execute();
  for (const row of open) await advanceBatch(context, chain, row);
  if (open.length > 0) await followChain(context, chain).catch(() => undefined);
}

/** Advances whatever is due of our batches, then follows the chain. */
export async function clearOnce(context: ProviderContext, signal?: AbortSignal): Promise<void> {
  const { chain } = context;
  if (chain === undefined) return;
  const due = await context.db
    .selectFrom('batch')
    .selectAll()
    .where('creditor', '=', context.config.providerId)
    .where('state', '<>', 'settled')
    .where('next_attempt_at', '<=', String(context.clock.nowS()))
    .orderBy('sequence')
    .execute();
  for (const row of due) if (!signal?.aborted) await advanceBatch(context, chain, row);
  await followChain(context, chain, signal);
}

/** Clearing in the background. */
export const clearingJob: Job = {
  name: 'clearing',
  everyS: (context) => context.config.jobs.clearingEveryS,
  run: clearOnce,
};
