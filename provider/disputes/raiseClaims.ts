import { checkClaimable, directionOf, type NotClaimable } from '@p2p-power/chain/ForcedClaims';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import type { Hex } from '@p2p-power/protocol/Hex';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { sql, type Transaction } from 'kysely';
import { abandonBatch } from '../clearing/abandonBatch.ts';
import { type BatchRow, chargesOfBatch, lockCharges } from '../clearing/BatchBook.ts';
import type { ClearingChain } from '../clearing/ClearingChain.ts';
import type { Database } from '../database/Database.ts';
import { retryDeadlock } from '../database/retryDeadlock.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { backoffS } from '../peers/deliverEvidence.ts';
import { readAgreement } from '../peers/readAgreements.ts';
import { type ClaimRow, payableFromOf, printClaim } from './ClaimBook.ts';
import type { ClaimReason } from './DisputeTables.ts';
import { handInProof } from './handInAnchors.ts';

/** Why a charge is not claimed by force, in order of precedence; beside them the contract's own names. */
export type NoClaim =
  | 'charge-unknown'
  /** Nobody but ourselves would pay. */
  | 'charge-not-of-peer'
  /** It costs nothing, or gave nothing back. */
  | 'nothing-to-claim'
  /** It was charged at dynamic prices, which the contract cannot judge. */
  | NotClaimable
  /** A batch that both have signed holds it, on its way to the chain or settled. */
  | 'charge-in-batch'
  /** It was claimed before: the claim stands, or is decided. */
  | 'claim-exists';

export type Direction = 'charge' | 'credit';

/**
 * Decides to claim a charge, as the operators' provider, or the credit of one, as the drivers': the claim
 * is in the books, and the charge in no batch of ours, before the chain hears of it (`sendClaims`).
 */
export function decideClaim(
  context: Pick<ProviderContext, 'db' | 'config' | 'clock'>,
  chain: ClearingChain,
  cdrId: Hex,
  direction: Direction,
  reason: ClaimReason,
): Promise<Result<ClaimRow, NoClaim>> {
  const me = context.config.providerId;
  const now = String(context.clock.nowS());
  const decide = async (trx: Transaction<Database>): Promise<Result<ClaimRow, NoClaim>> => {
    await lockUnsignedBatch(trx, cdrId, direction);
    const charge = await trx
      .selectFrom('charge')
      .selectAll()
      .where('cdr_id', '=', cdrId)
      .forUpdate()
      .executeTakeFirst();
    if (charge === undefined) return refuse('charge-unknown', 'no such charge');
    const [debtor, creditor] =
      direction === 'charge'
        ? [charge.driver_provider, charge.operator_provider]
        : [charge.operator_provider, charge.driver_provider];
    if (creditor !== me || debtor === me)
      return refuse('charge-not-of-peer', `the ${direction} is one of ${debtor} to ${creditor}`);
    const amount = direction === 'charge' ? charge.charge_micro : charge.credit_micro;
    if (BigInt(amount) === 0n) return refuse('nothing-to-claim', `there is no ${direction} in it`);
    const claimable = checkClaimable(JSON.parse(charge.evidence) as Evidence);
    if (!claimable.ok) return claimable;
    const sequence = direction === 'charge' ? charge.charge_sequence : charge.credit_sequence;
    if (sequence !== null) {
      const left = await leaveBatch(trx, { debtor, creditor, sequence });
      if (!left) return refuse('charge-in-batch', `batch ${sequence} holds it, and both have signed that`);
    }
    const decided = await trx
      .insertInto('forced_claim')
      .values({
        authorization_id: charge.authorization_id,
        direction,
        claim_id: chain.disputes.claimId(charge.authorization_id, direction),
        cdr_id: cdrId,
        debtor,
        creditor,
        state: 'raising',
        reason,
        amount_micro: amount,
        fee_micro: null,
        claim: null,
        payable_from: null,
        answer: null,
        objection: null,
        refusal: null,
        refusal_detail: null,
        attempts: 0,
        next_attempt_at: now,
        tx_hash: null,
        raised_block: null,
        closed_block: null,
        created_at: now,
        closed_at: null,
      })
      .onConflict((conflict) =>
        conflict
          .columns(['authorization_id', 'direction'])
          .doUpdateSet({ state: 'raising', reason, attempts: 0, next_attempt_at: now })
          .where('forced_claim.state', '=', 'refused'),
      )
      .returningAll()
      .executeTakeFirst();
    return decided === undefined ? refuse('claim-exists', 'it was claimed before') : accept(decided);
  };
  return retryDeadlock(() => context.db.transaction().execute(decide));
}

/** Locks the batch that holds a charge, where only we have signed it, and what it holds, before the charge itself. */
async function lockUnsignedBatch(
  trx: Transaction<Database>,
  cdrId: Hex,
  direction: Direction,
): Promise<void> {
  const held =
    direction === 'charge'
      ? sql`select driver_provider, operator_provider, charge_sequence from charge where cdr_id = ${cdrId}`
      : sql`select operator_provider, driver_provider, credit_sequence from charge where cdr_id = ${cdrId}`;
  const batches = await sql<Pick<BatchRow, 'debtor' | 'creditor' | 'sequence'>>`
    select debtor, creditor, sequence from batch
    where state = 'built' and (debtor, creditor, sequence) = (${held}) for update`.execute(trx);
  for (const batch of batches.rows) {
    const charges = await chargesOfBatch(trx, batch);
    await lockCharges(
      trx,
      charges.map((charge) => charge.cdrId),
    );
  }
}

/** Takes a charge out of its batch where the debtor has not signed that; else false. */
async function leaveBatch(
  trx: Transaction<Database>,
  held: { readonly debtor: string; readonly creditor: string; readonly sequence: string },
): Promise<boolean> {
  const batch = await trx
    .selectFrom('batch')
    .selectAll()
    .where('debtor', '=', held.debtor)
    .where('creditor', '=', held.creditor)
    .where('sequence', '=', held.sequence)
    .forUpdate()
    .executeTakeFirstOrThrow();
  if (batch.state !== 'built') return false;
  await abandonBatch(trx, batch);
  return true;
}

/** Brings to the chain what was decided. What the contract refuses by name is kept so and not tried again by itself. */
export async function sendClaims(
  context: ProviderContext,
  chain: ClearingChain,
  signal?: AbortSignal,
): Promise<void> {
  const due = await context.db
    .selectFrom('forced_claim')
    .selectAll()
    .where('state', '=', 'raising')
    .where('next_attempt_at', '<=', String(context.clock.nowS()))
    .orderBy('created_at')
    .execute();
  for (const row of due) if (!signal?.aborted) await sendClaim(context, chain, row);
}

/** The same with one claim. */
export async function sendClaim(
  context: ProviderContext,
  chain: ClearingChain,
  row: ClaimRow,
): Promise<void> {
  const now = context.clock.nowS();
  const charge = await context.db
    .selectFrom('charge')
    .select(['evidence', 'authorized_at', 'ended_at'])
    .where('cdr_id', '=', row.cdr_id)
    .executeTakeFirstOrThrow();
  const set = (change: Partial<ClaimRow>) =>
    context.db
      .updateTable('forced_claim')
      .set(change)
      .where('claim_id', '=', row.claim_id)
      .where('state', '=', 'raising')
      .execute();
  try {
    const agreement = await readAgreement(context, row.debtor, now, Number(charge.authorized_at));
    const deadline = Number(charge.ended_at) + (agreement?.handInDeadlineS ?? 0);
    const handIn = now < deadline - lateS ? undefined : await handInProof(context, row.cdr_id);
    const raised = await chain.disputes.raise({
      direction: row.direction,
      evidence: JSON.parse(charge.evidence) as Evidence,
      authorizationId: row.authorization_id,
      ...(handIn !== undefined && { handIn }),
    });
    if (!raised.ok) {
      context.log.warn({ cdrId: row.cdr_id, refusal: raised.refusal }, 'a forced claim is refused');
      await set({ state: 'refused', refusal: raised.refusal, refusal_detail: raised.detail.slice(0, 500) });
      return;
    }
    const { claim, txHash } = raised.value;
    if (directionOf(claim) !== row.direction) throw new Error('the claim is one of the other direction');
    await set({
      state: 'raised',
      claim: printClaim(claim),
      payable_from: payableFromOf(claim),
      tx_hash: txHash,
      refusal: null,
      refusal_detail: null,
      attempts: 0,
    });
  } catch (error) {
    const attempts = row.attempts + 1;
    context.log.warn({ cdrId: row.cdr_id, error: (error as Error).message }, 'a forced claim waits');
    await set({ attempts, next_attempt_at: String(now + backoffS(attempts)) });
  }
}

/** So many seconds before the deadline the proof of a hand-in goes along: the block comes later. */
const lateS = 600;

/**
 * Decides to claim all that has waited longer than the configured patience: the peer has not answered, or
 * a batch of what it accepted, or of what it owes for a discharge, was never signed. What a peer refused
 * is for the staff to look at, and what was charged at dynamic prices waits for its batch. Answers how many.
 */
export async function claimStuck(
  context: ProviderContext,
  chain: ClearingChain,
  signal?: AbortSignal,
): Promise<number> {
  const me = context.config.providerId;
  const before = String(context.clock.nowS() - context.config.disputes.patienceS);
  const open = (sequence: string) => sql`(${sql.ref(sequence)} is null or exists (
    select from batch where batch.sequence = ${sql.ref(sequence)} and batch.creditor = ${me}
      and batch.debtor in (driver_provider, operator_provider) and batch.state = 'built'))`;
  // Text inside of JSON has its quotes escaped: these characters are the field itself.
  const dynamic = sql`evidence like '%"prices":{%'`;
  const stuck = await sql<{ cdr_id: Hex; direction: Direction; reason: ClaimReason }>`
    select cdr_id, 'charge' as direction,
        case state when 'waiting' then 'peer-silent' else 'batch-stuck' end as reason
      from charge where operator_provider = ${me} and driver_provider <> ${me}
        and state in ('waiting', 'accepted') and charge_micro > 0 and received_at < ${before}::bigint
        and ${open('charge_sequence')} and not ${dynamic}
        and not exists (select from forced_claim where forced_claim.authorization_id = charge.authorization_id
          and forced_claim.direction = 'charge')
    union all
    select cdr_id, 'credit', 'batch-stuck'
      from charge where driver_provider = ${me} and operator_provider <> ${me}
        and state = 'accepted' and credit_micro > 0 and received_at < ${before}::bigint
        and ${open('credit_sequence')} and not ${dynamic}
        and not exists (select from forced_claim where forced_claim.authorization_id = charge.authorization_id
          and forced_claim.direction = 'credit')
    order by cdr_id limit ${maxClaims}`.execute(context.db);
  let decided = 0;
  for (const { cdr_id, direction, reason } of stuck.rows) {
    if (signal?.aborted) break;
    const claim = await decideClaim(context, chain, cdr_id, direction, reason);
    if (claim.ok) decided += 1;
  }
  return decided;
}

/** Claims of one run. */
const maxClaims = 100;
