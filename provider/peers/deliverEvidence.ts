import { type Hex, isHex } from '@p2p-power/protocol/Hex';
import { isRecord } from '@p2p-power/protocol/SignedObject';
import { sql, type Transaction } from 'kysely';
import type { Database } from '../database/Database.ts';
import { retryDeadlock } from '../database/retryDeadlock.ts';
import type { Job } from '../jobs/Job.ts';
import { bookEntries } from '../ledger/bookEntries.ts';
import { chargeEntry } from '../ledger/makeEntries.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { PeerFault, peerFetch, peerJson } from './peerFetch.ts';

/** CDRs of one request to a peer, and the bytes of their evidence. */
const maxCdrs = 200;
const maxBytes = 8 * 1024 * 1024;

/** Seconds for which who took charges out of the outbox may be at it, before another tries. */
const leaseS = 120;

/** Seconds until the next attempt after so many that failed: 5, 10, 20 … at most an hour. */
export const backoffS = (attempts: number) => Math.min(3_600, 5 * 2 ** Math.min(attempts - 1, 10));

/**
 * Hands what waits in the outbox to the drivers' providers, until nothing is due or the signal says
 * so, and books their answers. A peer that cannot be reached keeps nobody else waiting. Answers how many
 * CDRs were answered.
 */
export async function deliverEvidence(context: ProviderContext, signal?: AbortSignal): Promise<number> {
  const due = await sql<{ peer: string }>`
    select distinct peer from outbox where next_attempt_at <= ${context.clock.nowS()}::bigint order by peer`.execute(
    context.db,
  );
  let answered = 0;
  for (const { peer } of due.rows) {
    while (!signal?.aborted) {
      const delivered = await deliverTo(context, peer, signal);
      if (delivered === 0) break;
      answered += delivered;
    }
  }
  return answered;
}

/** One request's worth; 0 where nothing is due or the peer did not answer. */
async function deliverTo(context: ProviderContext, peer: string, signal?: AbortSignal): Promise<number> {
  const taken = await takeDue(context, peer);
  if (taken.length === 0) return 0;
  try {
    const body = `{"evidence":[${taken.map((row) => row.evidence).join(',')}]}`;
    const response = await peerFetch(context, peer, '/peer/evidence', {
      body,
      ...(signal && { signal }),
    });
    const outcomes = readOutcomes(
      await peerJson(response, peer),
      peer,
      new Set(taken.map((row) => row.cdr_id)),
    );
    await retryDeadlock(() => context.db.transaction().execute((trx) => bookAnswers(trx, context, outcomes)));
    if (outcomes.length < taken.length) throw new PeerFault(`${peer} did not answer for every CDR`);
    return outcomes.length;
  } catch (error) {
    const now = context.clock.nowS();
    const attempts = Math.max(...taken.map((row) => row.attempts));
    await context.db
      .updateTable('outbox')
      .set({
        next_attempt_at: String(now + backoffS(attempts)),
        last_error: String((error as Error).message).slice(0, 500),
      })
      .where(
        'cdr_id',
        'in',
        taken.map((row) => row.cdr_id),
      )
      .execute();
    if (!(error instanceof PeerFault)) throw error;
    context.log.warn({ peer, error: error.message, cdrs: taken.length }, 'evidence not delivered');
    return 0;
  }
}

interface Due {
  readonly cdr_id: Hex;
  readonly attempts: number;
  readonly evidence: string;
}

/** Takes what is due out of reach of other processes for a while. */
async function takeDue(context: ProviderContext, peer: string): Promise<readonly Due[]> {
  const now = context.clock.nowS();
  const rows = await sql<Due>`
    with due as (
      select cdr_id from outbox where peer = ${peer} and next_attempt_at <= ${now}::bigint
      order by next_attempt_at, cdr_id limit ${maxCdrs} for update skip locked
    ), taken as (
      update outbox set attempts = attempts + 1, next_attempt_at = ${now + leaseS}::bigint
      from due where outbox.cdr_id = due.cdr_id returning outbox.cdr_id, attempts
    )
    select cdr_id, attempts, evidence from taken join charge using (cdr_id) order by cdr_id`.execute(
    context.db,
  );
  let bytes = 0;
  const fitting = rows.rows.filter((row, index) => {
    bytes += row.evidence.length;
    return index === 0 || bytes <= maxBytes;
  });
  const left = rows.rows.slice(fitting.length).map((row) => row.cdr_id);
  if (left.length > 0)
    await context.db
      .updateTable('outbox')
      .set({ next_attempt_at: String(now) })
      .where('cdr_id', 'in', left)
      .execute();
  return fitting;
}

interface Answer {
  readonly cdrId: Hex;
  readonly accepted: boolean;
  readonly refusal: string | null;
  readonly detail: string | null;
}

/** What the peer says of the CDRs that it was asked about; the first word on each counts. */
function readOutcomes(json: unknown, peer: string, asked: ReadonlySet<Hex>): readonly Answer[] {
  if (!isRecord(json) || !Array.isArray(json.outcomes))
    throw new PeerFault(`${peer} answered without outcomes`);
  const answers = new Map<Hex, Answer>();
  for (const outcome of json.outcomes as readonly unknown[]) {
    if (!isRecord(outcome) || !isHex(outcome.cdrId, 32) || !asked.has(outcome.cdrId)) continue;
    if (answers.has(outcome.cdrId)) continue;
    const text = (value: unknown, length: number) =>
      typeof value === 'string' ? value.slice(0, length) : '';
    const accepted = outcome.outcome === 'accepted' || outcome.outcome === 'already-known';
    if (!accepted && outcome.outcome !== 'refused') continue;
    answers.set(outcome.cdrId, {
      cdrId: outcome.cdrId,
      accepted,
      refusal: accepted ? null : text(outcome.refusal, 80) || 'refused',
      detail: accepted ? null : text(outcome.detail, 500),
    });
  }
  return [...answers.values()];
}

interface AnsweredCharge {
  readonly cdr_id: Hex;
  readonly driver_provider: string;
  readonly operator_provider: string;
  readonly operator_account: string;
  readonly charge_micro: string;
  readonly credit_micro: string;
  readonly commission_micro: string | null;
  readonly state: 'accepted' | 'refused';
}

/** Notes the peer's answers and books what it accepted; answered twice is booked once. */
async function bookAnswers(
  trx: Transaction<Database>,
  context: ProviderContext,
  answers: readonly Answer[],
): Promise<void> {
  if (answers.length === 0) return;
  const cdrIds = answers.map((answer) => answer.cdrId);
  const changed = await sql<AnsweredCharge>`
    update charge set state = answer.state, refusal = answer.refusal, refusal_detail = answer.detail
    from unnest(
      ${cdrIds}::text[],
      ${answers.map((answer) => (answer.accepted ? 'accepted' : 'refused'))}::text[],
      ${answers.map((answer) => answer.refusal)}::text[],
      ${answers.map((answer) => answer.detail)}::text[]) as answer (cdr_id, state, refusal, detail)
    where charge.cdr_id = answer.cdr_id and charge.state in ('waiting', 'refused')
    returning charge.cdr_id, driver_provider, operator_provider, operator_account, charge_micro, credit_micro,
      commission_micro, charge.state`.execute(trx);
  const now = context.clock.nowS();
  await bookEntries(
    trx,
    changed.rows
      .filter((charge) => charge.state === 'accepted')
      .map((charge) =>
        chargeEntry(
          context.config.providerId,
          {
            cdrId: charge.cdr_id,
            driverProvider: charge.driver_provider,
            operatorProvider: charge.operator_provider,
            driverId: null,
            operatorAccount: charge.operator_account,
            chargeMicro: BigInt(charge.charge_micro),
            creditMicro: BigInt(charge.credit_micro),
            commissionMicro: charge.commission_micro === null ? null : BigInt(charge.commission_micro),
          },
          now,
        ),
      ),
  );
  await trx.deleteFrom('outbox').where('cdr_id', 'in', cdrIds).execute();
}

/** Hands evidence to peers in the background. */
export const deliverEvidenceJob: Job = {
  name: 'deliver-evidence',
  everyS: (context) => context.config.jobs.clearingEveryS,
  run: async (context, signal) => {
    await deliverEvidence(context, signal);
  },
};
