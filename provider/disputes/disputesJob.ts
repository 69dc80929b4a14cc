import { followChain } from '../clearing/followChain.ts';
import type { Job } from '../jobs/Job.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { answerClaims } from './answerClaims.ts';
import { collectClaims } from './collectClaims.ts';
import { anchorHandIns } from './handInAnchors.ts';
import { claimStuck, sendClaims } from './raiseClaims.ts';
import { anchorRevocations } from './revocationAnchors.ts';

/**
 * All that forced claims need once: follows the chain, answers claims against us, brings ours, shows
 * records, has paid what is due; with `disputes.automatic` also claims what has waited too long. Each step
 * is in the books before it takes effect and may be made again.
 */
export async function disputeOnce(context: ProviderContext, signal?: AbortSignal): Promise<void> {
  const { chain } = context;
  if (chain === undefined) return;
  await followChain(context, chain, signal);
  await answerClaims(context, chain, signal);
  if (context.config.disputes.automatic) await claimStuck(context, chain, signal);
  await sendClaims(context, chain, signal);
  await collectClaims(context, chain, signal);
  await followChain(context, chain, signal);
}

/** Forced claims in the background. */
export const disputesJob: Job = {
  name: 'disputes',
  everyS: (context) => context.config.jobs.clearingEveryS,
  run: disputeOnce,
};

/** Roots of hand-ins and of revocations on the chain, as often as they are needed. */
export const anchorsJob: Job = {
  name: 'anchors',
  everyS: (context) => Math.min(60, context.config.disputes.anchorEveryS),
  async run(context, signal) {
    const { chain } = context;
    if (chain === undefined) return;
    await anchorRevocations(context, chain);
    if (!signal.aborted) await anchorHandIns(context, chain);
  },
};
