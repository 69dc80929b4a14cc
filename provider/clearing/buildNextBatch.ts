import { buildBatch } from '@p2p-power/protocol/Batch';
import type { ProviderContext } from '../ProviderContext.ts';
import { lastBatch, lockChannel, payoutsUpTo, unsettledCharges, writeBatch } from './BatchBook.ts';
import type { ClearingChain, ClearingTerms } from './ClearingChain.ts';

/** Why no batch is built for a peer, in order of precedence. */
export type NoBatch =
  /** One is on its way to the chain; the next follows when it is settled. */
  | 'batch-open'
  /** The two providers have no agreement. */
  | 'no-agreement'
  /** The period ends before, or with, the last one. */
  | 'period-already-closed'
  /** Nothing that the peer accepted in the period is unsettled. */
  | 'nothing-to-settle';

/** Most charges of one batch; what is over goes into the next. */
export const maxBatchCharges = 50_000;

/**
 * Builds, as creditor, the next batch of the channel in which `peer` pays us: everything that it
 * accepted, that ended before `periodEnd` and that no batch holds. Signed and on disk before anybody
 * else hears of it, so that there is never another one of the same sequence.
 */
export async function buildNextBatch(
  context: ProviderContext,
  chain: ClearingChain,
  peer: string,
  periodEnd: number,
): Promise<'built' | NoBatch> {
  const me = context.config.providerId;
  const now = context.clock.nowS();
  const channelId = chain.channelId(peer, me);
  const terms = await chain.agreementBetween(me, peer, now);
  if (terms === null) return 'no-agreement';
  return context.db.transaction().execute(async (trx) => {
    await lockChannel(trx, channelId);
    const last = await lastBatch(trx, channelId);
    if (last !== undefined && last.state !== 'settled') return 'batch-open';
    const periodStart = nextPeriodStart(last && Number(last.period_end), terms);
    if (periodEnd <= periodStart) return 'period-already-closed';
    const unsettled = await unsettledCharges(
      trx,
      { debtor: peer, creditor: me, creditorAccount: chain.account },
      { periodEnd },
    );
    const charges = unsettled.slice(0, maxBatchCharges);
    if (charges.length === 0) return 'nothing-to-settle';
    const sequence = Number(last?.sequence ?? 0) + 1;
    const previousPayouts = await payoutsUpTo(trx, channelId, sequence - 1);
    const built = buildBatch({
      networkId: context.networkId,
      debtor: peer,
      creditor: me,
      sequence,
      periodStart,
      periodEnd,
      agreementId: terms.agreementId,
      terms: feeTerms(terms),
      charges,
      previousPayouts,
    });
    await writeBatch(trx, {
      channelId,
      built,
      charges,
      terms: feeTerms(terms),
      previousPayouts,
      batchHash: chain.hashBatch(built.batch),
      state: 'built',
      creditorSignature: await chain.signBatch(built.batch),
      debtorSignature: null,
      now,
    });
    return 'built';
  });
}

/** A channel's first period begins with the agreement, each later one where the one before ended. */
export function nextPeriodStart(
  lastPeriodEnd: number | undefined,
  terms: Pick<ClearingTerms, 'validFrom'>,
): number {
  return Math.max(lastPeriodEnd ?? 0, terms.validFrom);
}

export const feeTerms = (terms: ClearingTerms) => ({
  feeShareBp: terms.feeShareBp,
  feeMicroPerKwh: Number(terms.feeMicroPerKwh),
});
