import { isRecord } from '@p2p-power/protocol/SignedObject';
import { sql } from 'kysely';
import { followChain } from '../clearing/followChain.ts';
import type { Job } from '../jobs/Job.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { peerFetch, peerJson } from '../peers/peerFetch.ts';
import { closeSettledRounds } from './closeRounds.ts';
import { warnOfIssuance } from './watchIssuance.ts';

/**
 * Tells the other members of the round that our staff opened: its block, from which each computes the
 * same. Who cannot be reached, or is in the middle of another round, is told again later.
 */
export async function announceRounds(context: ProviderContext, signal?: AbortSignal): Promise<void> {
  const { db, config, log } = context;
  const rounds = await db
    .selectFrom('netting_round')
    .selectAll()
    .where('state', '=', 'open')
    .where('opened_by', '=', 'staff')
    .execute();
  for (const round of rounds) {
    const peers = await db
      .selectFrom('member')
      .select('provider_id')
      .where('provider_id', '<>', config.providerId)
      .where('provider_id', 'not in', ['', ...round.announced])
      .orderBy('provider_id')
      .execute();
    for (const { provider_id: peer } of peers) {
      if (signal?.aborted) return;
      const body = JSON.stringify({ blockNumber: Number(round.block_number), blockHash: round.block_hash });
      try {
        const answer = await peerJson(await peerFetch(context, peer, '/peer/netting/rounds', { body }), peer);
        if (!isRecord(answer) || answer.roundId !== round.round_id) {
          log.error({ peer, roundId: round.round_id }, 'a peer computes another round from the same block');
          continue;
        }
        await sql`
          update netting_round set announced = array_append(announced, ${peer})
          where round_id = ${round.round_id} and not ${peer} = any(announced)`.execute(db);
      } catch (error) {
        if ((error as Error).name !== 'PeerFault') throw error;
        const { message } = error as Error;
        if (noteWaiting(context, `${round.round_id} ${peer}`, message))
          log.warn({ peer, error: message }, 'a round waits to be announced');
      }
    }
  }
}

/** Why each announcement waits, so that a change is logged and not every attempt. */
const waiting = new WeakMap<ProviderContext, Map<string, string>>();

function noteWaiting(context: ProviderContext, announcement: string, reason: string): boolean {
  const known = waiting.get(context) ?? new Map<string, string>();
  waiting.set(context, known);
  if (known.get(announcement) === reason) return false;
  known.set(announcement, reason);
  return true;
}

/** Announces rounds, closes settled ones, and looks whether the issuance limit suffices. */
export const nettingJob: Job = {
  name: 'netting',
  everyS: (context) => context.config.jobs.peersEveryS,
  async run(context, signal) {
    if (context.chain === undefined) return;
    await followChain(context, context.chain, signal);
    await closeSettledRounds(context);
    await announceRounds(context, signal);
    await warnOfIssuance(context, context.chain);
  },
};
