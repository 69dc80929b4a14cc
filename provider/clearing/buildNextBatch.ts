import { buildBatch } from '@p2p-power/protocol/Batch';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { Kysely } from 'kysely';
import type { Database } from '../database/Database.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import type { Span } from '../peers/Agreements.ts';
import { lastBatch, lockChannel, payoutsUpTo, unsettledCharges, writeBatch } from './BatchBook.ts';
import type { ClearingChain, ClearingTerms } from './ClearingChain.ts';
import { readFeeTerms } from './readFeeTerms.ts';

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
 * Builds, as creditor, the next batch of the channel in which `peer` pays us, of one agreement's charges:
 * everything that was signed while it was in force (`spans`), that the peer accepted, that ended before
 * `periodEnd` and that no batch holds. Signed and on disk before anybody else hears of it, so that there
 * is never another one of the same sequence.
 */
export async function buildNextBatch(
  context: ProviderContext,
  chain: ClearingChain,
  peer: string,
  agreed: { readonly agreement: ClearingTerms; readonly spans: readonly Span[] },
  periodEnd: number,
): Promise<'built' | NoBatch> {
  const me = context.config.providerId;
  const now = context.clock.nowS();
  const channelId = chain.channelId(peer, me);
  const { agreement, spans } = agreed;
  return context.db.transaction().execute(async (trx) => {
    await lockChannel(trx, channelId);
    const last = await lastBatch(trx, channelId);
    if (last !== undefined && last.state !== 'settled') return 'batch-open';
    const periodStart = await nextPeriodStart(trx, channelId, agreement);
    if (periodEnd <= periodStart) return 'period-already-closed';
    const unsettled = await unsettledCharges(
      trx,
      { debtor: peer, creditor: me, creditorAccount: chain.account },
      spans,
      { periodEnd },
    );
    const charges = unsettled.slice(0, maxBatchCharges);
    if (charges.length === 0) return 'nothing-to-settle';
    const sequence = Number(last?.sequence ?? 0) + 1;
    const previousPayouts = await payoutsUpTo(trx, channelId, sequence - 1);
    const parties = { debtor: peer, creditor: me };
    const terms = await readFeeTerms(chain, agreement, { ...parties, periodStart, periodEnd, charges });
    const built = buildBatch({
      networkId: context.networkId,
      ...parties,
      sequence,
      periodStart,
      periodEnd,
      agreementId: agreement.agreementId,
      terms,
      charges,
      creditorAccount: chain.account,
      previousPayouts,
    });
    await writeBatch(trx, {
      channelId,
      built,
      charges,
      creditorAccount: chain.account,
      feeTo: agreement.feeTo,
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

/** An agreement's first period in a channel begins with it, each later one where the one before ended. */
export async function nextPeriodStart(
  db: Kysely<Database>,
  channelId: Hex,
  agreement: Pick<ClearingTerms, 'agreementId' | 'validFrom'>,
): Promise<number> {
  const last = await lastBatch(db, channelId, agreement.agreementId);
  return Math.max(Number(last?.period_end ?? 0), agreement.validFrom);
}
