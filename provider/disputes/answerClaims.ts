import type { ForcedClaim } from '@p2p-power/chain/ForcedClaims';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import type { Hex } from '@p2p-power/protocol/Hex';
import { settledChargeTree } from '@p2p-power/protocol/MerkleTree';
import type { Result } from '@p2p-power/tariff/Result';
import { type BatchRow, batchOf, chargesOfBatch } from '../clearing/BatchBook.ts';
import type { ClearingChain } from '../clearing/ClearingChain.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { backoffS } from '../peers/deliverEvidence.ts';
import { readAgreement } from '../peers/readAgreements.ts';
import { type ClaimRow, claimOf } from './ClaimBook.ts';
import { revocationProof } from './revocationAnchors.ts';

/** Refusals of evidence that say that the meter's record is bad, or says another thing than the CDR. */
const meterRefusals = [
  'bad-meter-signature',
  'meter-record-of-another-session',
  'meter-registers-differ',
  'meter-times-differ',
] as const;

/** What our books say against a claim. */
export type Answer =
  | { readonly kind: 'settled'; readonly batch: BatchRow; readonly cdrId: Hex }
  /** Both have signed a batch that holds it, which the creditor has not brought to the chain. */
  | { readonly kind: 'unsettled-batch'; readonly batch: BatchRow }
  | { readonly kind: 'revoked'; readonly root: Hex; readonly proof: readonly Hex[] }
  | { readonly kind: 'meter'; readonly meterPublicKey: Hex; readonly meterRecord: string }
  /** We have never seen it: who claims it is to show the meter's record. */
  | { readonly kind: 'unseen' }
  | { readonly kind: 'right' };

/**
 * Answers, as debtor, the claims that stand against us: objects with the proof that our books hold, asks
 * for the meter's record of what we never saw, and leaves alone what is right.
 */
export async function answerClaims(
  context: ProviderContext,
  chain: ClearingChain,
  signal?: AbortSignal,
): Promise<void> {
  const now = String(context.clock.nowS());
  const open = await context.db
    .selectFrom('forced_claim')
    .selectAll()
    .where('debtor', '=', context.config.providerId)
    .where('state', '=', 'raised')
    .where('answer', 'is', null)
    .where('next_attempt_at', '<=', now)
    .orderBy('payable_from')
    .execute();
  for (const row of open) {
    if (signal?.aborted) return;
    try {
      await answerClaim(context, chain, row);
    } catch (error) {
      await postpone(context, row, 'not-answered', (error as Error).message);
    }
  }
}

async function answerClaim(context: ProviderContext, chain: ClearingChain, row: ClaimRow): Promise<void> {
  const claim = claimOf(row);
  const answer = await judgeClaim(context, row, claim);
  const { disputes } = chain;
  switch (answer.kind) {
    case 'settled': {
      const charges = await chargesOfBatch(context.db, answer.batch);
      const index = charges.findIndex((charge) => charge.cdrId === answer.cdrId);
      const charge = charges[index];
      if (charge === undefined)
        throw new Error(`batch ${answer.batch.sequence} does not hold ${answer.cdrId}`);
      const proof = settledChargeTree(context.networkId, charges).proof(index);
      const sequence = BigInt(answer.batch.sequence);
      const chargeMicro = BigInt(charge.chargeMicro);
      const objected = await disputes.objectSettled(claim, {
        sequence,
        cdrId: charge.cdrId,
        chargeMicro,
        proof,
      });
      return noteObjected(context, row, 'settled', objected);
    }
    case 'unsettled-batch': {
      const { batch } = answer;
      const settled = await chain.settle({
        batch: batchOf(batch),
        creditorSignature: batch.creditor_signature,
        debtorSignature: batch.debtor_signature as Hex,
      });
      // That it is settled comes with the chain's events; then it is an objection.
      return postpone(context, row, settled.ok ? null : settled.refusal, settled.ok ? '' : settled.detail);
    }
    case 'revoked':
      return noteObjected(context, row, 'revoked', await disputes.objectRevoked(claim, answer));
    case 'meter':
      return noteObjected(context, row, 'meter', await disputes.objectMeter(claim, answer));
    case 'unseen': {
      const demanded = await disputes.demandRecord(claim);
      if (!demanded.ok) return postpone(context, row, demanded.refusal, demanded.detail);
      return note(context, row, { answer: 'demanded' });
    }
    case 'right':
      context.log.warn({ cdrId: row.cdr_id, creditor: row.creditor }, 'a forced claim against us is right');
      return note(context, row, { answer: 'right' });
  }
}

/** What our books say of a claim against us; the first that holds, the surest first. */
export async function judgeClaim(
  context: Pick<ProviderContext, 'db' | 'config' | 'clock' | 'networkId' | 'chain'>,
  row: Pick<ClaimRow, 'authorization_id' | 'direction' | 'creditor' | 'cdr_id'>,
  claim: Pick<ForcedClaim, 'certificateId' | 'signedAt' | 'recordDemanded'>,
): Promise<Answer> {
  const { db } = context;
  const charge = await db
    .selectFrom('charge')
    .select(['cdr_id', 'charge_sequence', 'credit_sequence'])
    .where('authorization_id', '=', row.authorization_id)
    .executeTakeFirst();
  const sequence = row.direction === 'charge' ? charge?.charge_sequence : charge?.credit_sequence;
  if (charge !== undefined && sequence != null) {
    const batch = await db
      .selectFrom('batch')
      .selectAll()
      .where('debtor', '=', context.config.providerId)
      .where('creditor', '=', row.creditor)
      .where('sequence', '=', sequence)
      .executeTakeFirst();
    if (batch !== undefined)
      return batch.state === 'settled'
        ? { kind: 'settled', batch, cdrId: charge.cdr_id }
        : { kind: 'unsettled-batch', batch };
  }

  const signedAt = Number(claim.signedAt);
  const agreement = await readAgreement(context, row.creditor, context.clock.nowS(), signedAt);
  if (agreement !== null && agreement !== undefined) {
    const revoked = await revocationProof(
      context,
      claim.certificateId.toLowerCase() as Hex,
      signedAt - agreement.graceS,
    );
    if (revoked !== undefined) return { kind: 'revoked', ...revoked };
  }

  if (charge?.cdr_id === row.cdr_id) return { kind: 'right' };
  const refused = await db
    .selectFrom('quarantine')
    .select(['content', 'refusal'])
    .where('cdr_id', '=', row.cdr_id)
    .where('content', 'is not', null)
    .execute();
  const bad = refused.find(({ refusal }) => (meterRefusals as readonly string[]).includes(refusal));
  if (bad !== undefined) {
    const { meterPublicKey, meterRecord } = JSON.parse(bad.content ?? '{}') as Evidence;
    return { kind: 'meter', meterPublicKey, meterRecord };
  }
  const isSeen = refused.length > 0 || claim.recordDemanded;
  return isSeen ? { kind: 'right' } : { kind: 'unseen' };
}

async function noteObjected(
  context: ProviderContext,
  row: ClaimRow,
  objection: 'settled' | 'revoked' | 'meter',
  objected: Result<{ readonly held: boolean }, string>,
): Promise<void> {
  if (objected.ok) {
    const { held } = objected.value;
    context.log.warn({ cdrId: row.cdr_id, creditor: row.creditor, objection, held }, 'objected to a claim');
    return note(context, row, { answer: 'objected', objection });
  }
  // A record that the contract cannot read, or an objection too late: nothing is left to be said.
  if (objected.refusal === 'meter-record-unreadable' || objected.refusal === 'objection-too-late')
    return note(context, row, {
      answer: 'right',
      refusal: objected.refusal,
      refusal_detail: objected.detail.slice(0, 500),
    });
  return postpone(context, row, objected.refusal, objected.detail);
}

async function note(context: ProviderContext, row: ClaimRow, change: Partial<ClaimRow>): Promise<void> {
  await context.db
    .updateTable('forced_claim')
    .set({ refusal: null, refusal_detail: null, ...change })
    .where('claim_id', '=', row.claim_id)
    .where('state', 'in', ['raised', 'void'])
    .execute();
}

async function postpone(
  context: ProviderContext,
  row: ClaimRow,
  refusal: string | null,
  detail: string,
): Promise<void> {
  const attempts = row.attempts + 1;
  if (refusal !== null)
    context.log.warn({ cdrId: row.cdr_id, refusal, detail }, 'a claim against us waits for our answer');
  await context.db
    .updateTable('forced_claim')
    .set({
      attempts,
      next_attempt_at: String(context.clock.nowS() + backoffS(attempts)),
      refusal,
      refusal_detail: refusal === null ? null : detail.slice(0, 500),
    })
    .where('claim_id', '=', row.claim_id)
    .where('state', '=', 'raised')
    .execute();
}
