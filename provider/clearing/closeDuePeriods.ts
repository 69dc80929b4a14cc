import type { Job } from '../jobs/Job.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { readAgreement } from '../peers/readAgreement.ts';
import { lastBatch } from './BatchBook.ts';
import { closePeriodWith } from './closePeriod.ts';
import { readOutstanding } from './readOutstanding.ts';

/**
 * Closes, as creditor, the periods that are over: with each peer the one that ended at the last multiple
 * of the agreement's `periodS` (epoch seconds, so that a day's period ends at midnight UTC). Where a peer
 * owes more than the agreement's `creditLimitMicro`, the period ends now instead. A period is closed
 * once, however often and by however many processes this is called; a peer with which it fails holds up
 * no other. Answers the peers with which a batch was built.
 */
export async function closeDuePeriods(
  context: ProviderContext,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const { chain, config, db, log } = context;
  if (chain === undefined) return [];
  const now = context.clock.nowS();
  const built: string[] = [];
  for (const { peer, outstandingMicro, oldestEndedAt } of await readOutstanding(db, config.providerId)) {
    if (signal?.aborted) break;
    const terms = await readAgreement(context, peer, now);
    if (terms === null || terms === undefined) continue;
    const isOver = BigInt(outstandingMicro) > terms.creditLimitMicro;
    noteLimit(context, peer, isOver, { outstandingMicro, creditLimitMicro: String(terms.creditLimitMicro) });
    const periodEnd = isOver ? now : now - (now % terms.periodS);
    if (oldestEndedAt === null || oldestEndedAt >= periodEnd || periodEnd <= terms.validFrom) continue;
    const last = await lastBatch(db, chain.channelId(peer, config.providerId));
    if (last !== undefined && (last.state !== 'settled' || Number(last.period_end) >= periodEnd)) continue;
    try {
      const { outcome } = await closePeriodWith(context, chain, peer, periodEnd);
      if (outcome === 'built') built.push(peer);
    } catch (error) {
      log.warn({ peer, error: (error as Error).message }, 'a period waits to be closed');
    }
  }
  return built;
}

/** Peers that were over their limit when last looked at, so that a change is logged and not every look. */
const overLimit = new WeakMap<ProviderContext, Set<string>>();

function noteLimit(
  context: ProviderContext,
  peer: string,
  isOver: boolean,
  amounts: Readonly<Record<string, unknown>>,
): void {
  const known = overLimit.get(context) ?? new Set();
  overLimit.set(context, known);
  if (isOver && !known.has(peer)) context.log.warn({ peer, ...amounts }, 'a peer owes more than its limit');
  if (isOver) known.add(peer);
  else known.delete(peer);
}

/** Closing periods in the background, unless the configuration leaves it to the staff. */
export const closePeriodsJob: Job = {
  name: 'close-periods',
  everyS: (context) => context.config.jobs.clearingEveryS,
  async run(context, signal) {
    if (context.config.jobs.closePeriods) await closeDuePeriods(context, signal);
  },
};
