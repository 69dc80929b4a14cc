import type { Job } from '../jobs/Job.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { intakeOf } from './Intake.ts';
import { takeCharges } from './takeCharges.ts';

/** Refusals that we may see otherwise when we know more: a new member, a new agreement, a certificate entered late. */
export const passingRefusals = [
  'unknown-driver-provider',
  'unknown-station-provider',
  'no-agreement',
  'driver-certificate-not-issued',
] as const;

/** Seconds between two judgements of the same CDR, and for how long it is judged again. */
const againAfterS = 3_600;
const againForS = 60 * 86_400;

/** CDRs of one run. */
const maxCdrs = 500;

/**
 * Judges again what was handed in and refused for what we did not know. Its station has let go of it, so
 * nobody else would bring it. It counts as received when it was first handed in. Answers how many were
 * accepted.
 */
export async function retryRefused(context: ProviderContext, signal?: AbortSignal): Promise<number> {
  const { db } = context;
  const now = context.clock.nowS();
  const due = await db
    .selectFrom('quarantine')
    .select(['content_hash', 'refusal', 'source', 'received_at', 'content'])
    .where('source', '=', 'hand-in')
    .where('refusal', 'in', [...passingRefusals])
    .where('accepted_at', 'is', null)
    .where('content', 'is not', null)
    .where('judged_at', '<=', String(now - againAfterS))
    .where('received_at', '>=', String(now - againForS))
    .orderBy('judged_at')
    .limit(maxCdrs)
    .execute();
  let accepted = 0;
  for (const row of due) {
    if (signal?.aborted) break;
    const pool = await intakeOf(context).checks();
    const checked = await pool.checkEvidence([JSON.parse(row.content ?? 'null')]);
    const [outcome] = await takeCharges(context, checked, { kind: 'station' }, Number(row.received_at));
    const isTaken = outcome?.outcome !== 'refused';
    if (isTaken) accepted++;
    await db
      .updateTable('quarantine')
      .set({ judged_at: String(now), ...(isTaken && { accepted_at: String(now) }) })
      .where('content_hash', '=', row.content_hash)
      .where('refusal', '=', row.refusal)
      .where('source', '=', row.source)
      .execute();
  }
  return accepted;
}

export const retryRefusedJob: Job = {
  name: 'retry-refused',
  everyS: (context) => context.config.jobs.peersEveryS,
  run: async (context, signal) => {
    await retryRefused(context, signal);
  },
};
