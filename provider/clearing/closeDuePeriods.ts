import type { Kysely } from 'kysely';
import type { Database } from '../database/Database.ts';
import type { Job } from '../jobs/Job.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { type Span, spansOf } from '../peers/Agreements.ts';
import { readAgreements } from '../peers/readAgreements.ts';
import { lastBatch, oldestUnsettled } from './BatchBook.ts';
import { nextPeriodStart } from './buildNextBatch.ts';
import type { ClearingChain, ClearingTerms } from './ClearingChain.ts';
import { closePeriodWith } from './closePeriod.ts';
import { creditLimitOf, readOutstanding } from './readOutstanding.ts';

/**
 * Closes, as creditor, the periods that are over: with each peer, for each agreement whose charges are
 * unsettled, the one that ended at the last multiple of its `periodS` (epoch seconds, so that a day's
 * period ends at midnight UTC). Where a peer owes more than the `creditLimitMicro` of the agreement in
 * force, the period ends now instead. A period is closed once, however often and by however many
 * processes this is called; a peer with which it fails holds up no other. Answers the peers with which a
 * batch was built.
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
    const agreements = await readAgreements(context, peer, now);
    if (agreements === undefined || agreements.length === 0) continue;
    const limitMicro = creditLimitOf(agreements, now);
    const isOver = BigInt(outstandingMicro) > limitMicro;
    noteLimit(context, peer, isOver, { outstandingMicro, creditLimitMicro: String(limitMicro) });
    if (oldestEndedAt === null) continue;
    const last = await lastBatch(db, chain.channelId(peer, config.providerId));
    if (last !== undefined && last.state !== 'settled') continue;
    try {
      for (const agreement of agreements) {
        const periodEnd = isOver ? now : now - (now % agreement.periodS);
        const due = { agreement, spans: spansOf(agreements, agreement) };
        if (!(await isDue(db, chain, config.providerId, peer, due, periodEnd))) continue;
        const { outcome } = await closePeriodWith(context, chain, peer, periodEnd, agreement.agreementId);
        if (outcome === 'built' && !built.includes(peer)) built.push(peer);
      }
    } catch (error) {
      log.warn({ peer, error: (error as Error).message }, 'a period waits to be closed');
    }
  }
  return built;
}

/** Whether a period of an agreement is open that ends at `periodEnd`, with something to settle in it. */
async function isDue(
  db: Kysely<Database>,
  chain: ClearingChain,
  me: string,
  peer: string,
  { agreement, spans }: { readonly agreement: ClearingTerms; readonly spans: readonly Span[] },
  periodEnd: number,
): Promise<boolean> {
  const periodStart = await nextPeriodStart(db, chain.channelId(peer, me), agreement);
  if (periodEnd <= periodStart) return false;
  const oldest = await oldestUnsettled(db, { debtor: peer, creditor: me }, spans);
  return oldest !== null && oldest < periodEnd;
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
