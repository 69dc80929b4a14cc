import { directionOf, type ForcedClaim } from '@p2p-power/chain/ForcedClaims';
import type { ChainEvent } from '@p2p-power/chain/followEvents';
import { decodeMemberId } from '@p2p-power/chain/MemberId';
import type { Hex } from '@p2p-power/protocol/Hex';
import { sql, type Transaction } from 'kysely';
import type { Database } from '../database/Database.ts';
import type { Entry } from '../ledger/bookEntries.ts';
import { chargeEntry, disputeEntry, forcedEntry } from '../ledger/makeEntries.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { type ClaimRow, claimOf, payableFromOf, printClaim } from './ClaimBook.ts';

const lower = (hex: string) => hex.toLowerCase() as Hex;
const objections = ['settled', 'revoked', 'meter'] as const;

/**
 * Notes what an event says of forced claims in which we are debtor or creditor, and of our anchors, and
 * answers what is to be booked. Read twice, or again after a reorganisation, it changes nothing more.
 */
export async function applyClaimEvent(
  trx: Transaction<Database>,
  context: Pick<ProviderContext, 'config' | 'clock'>,
  event: ChainEvent,
): Promise<readonly Entry[]> {
  const me = context.config.providerId;
  const now = context.clock.nowS();
  switch (event.name) {
    case 'ForcedClaimRaised':
    case 'MeterRecordDemanded':
    case 'MeterRecordShown':
      await noteClaim(trx, me, event.args.claim as ForcedClaim, event, now);
      return [];
    case 'ForcedClaimObjected':
      return noteObjection(trx, me, event, now);
    case 'ForcedClaimPaid':
      return bookPayment(trx, me, event, now);
    case 'HandInAnchored':
      await trx
        .updateTable('hand_in_anchor')
        .set({ anchored_at: String(event.args.anchoredAt) })
        .where('root', '=', lower(event.args.root))
        .execute();
      return [];
    case 'RevocationsAnchored':
      if (decodeMemberId(event.args.memberId) === me)
        await trx
          .updateTable('revocation_anchor')
          .set({ anchored_at: String(event.args.anchoredAt) })
          .where('root', '=', lower(event.args.root))
          .execute();
      return [];
    default:
      return [];
  }
}

type ClaimEvent<Name extends ChainEvent['name']> = Extract<ChainEvent, { readonly name: Name }>;

async function noteClaim(
  trx: Transaction<Database>,
  me: string,
  claim: ForcedClaim,
  event: ClaimEvent<'ForcedClaimRaised' | 'MeterRecordDemanded' | 'MeterRecordShown'>,
  now: number,
): Promise<void> {
  const [debtor, creditor] = [decodeMemberId(claim.debtor), decodeMemberId(claim.creditor)];
  if (debtor !== me && creditor !== me) return;
  const stands = {
    state: 'raised' as const,
    cdr_id: lower(claim.cdrId),
    amount_micro: String(claim.amountMicro),
    claim: printClaim(claim),
    payable_from: payableFromOf(claim),
    // What the debtor, if that is us, makes of it is asked anew where the record was shown.
    ...(event.name !== 'MeterRecordDemanded' && { answer: null }),
    refusal: null,
    refusal_detail: null,
    attempts: 0,
    next_attempt_at: String(now),
    ...(event.name === 'ForcedClaimRaised' && {
      tx_hash: event.txHash,
      raised_block: String(event.blockNumber),
    }),
  };
  await trx
    .insertInto('forced_claim')
    .values({
      authorization_id: lower(claim.authorizationId),
      direction: directionOf(claim),
      claim_id: lower(event.args.claimId),
      debtor,
      creditor,
      reason: null,
      fee_micro: null,
      answer: null,
      objection: null,
      tx_hash: event.txHash,
      raised_block: String(event.blockNumber),
      closed_block: null,
      created_at: String(now),
      closed_at: null,
      ...stands,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['authorization_id', 'direction'])
        .doUpdateSet(stands)
        .where('forced_claim.state', 'in', ['raising', 'refused', 'raised']),
    )
    .execute();
}

async function rowOf(trx: Transaction<Database>, claimId: string): Promise<ClaimRow | undefined> {
  return trx
    .selectFrom('forced_claim')
    .selectAll()
    .where('claim_id', '=', lower(claimId))
    .forUpdate()
    .executeTakeFirst();
}

async function noteObjection(
  trx: Transaction<Database>,
  me: string,
  event: ClaimEvent<'ForcedClaimObjected'>,
  now: number,
): Promise<readonly Entry[]> {
  const row = await rowOf(trx, event.args.claimId);
  if (row === undefined) return [];
  const { held, feeMicro } = event.args;
  const objection = objections[event.args.kind] ?? null;
  if (held && row.state === 'raised') {
    await trx
      .updateTable('forced_claim')
      .set({ state: 'void', objection, closed_at: String(now), closed_block: String(event.blockNumber) })
      .where('claim_id', '=', row.claim_id)
      .execute();
    // What the peer had accepted stays accepted; the rest the operator bears.
    if (row.creditor === me && row.direction === 'charge')
      await trx
        .updateTable('charge')
        .set({ state: 'refused', refusal: `claim-void-${objection}`, refusal_detail: null })
        .where('cdr_id', '=', row.cdr_id)
        .where('state', '=', 'waiting')
        .execute();
  }
  if (feeMicro === 0n) return [];
  const claim = claimOf(row);
  // Lost by the maker where the claim fell, else by the debtor; who is no member has no books of ours.
  const maker = /[1-9a-f]/.test(claim.makerId.slice(2)) ? decodeMemberId(claim.makerId) : null;
  const [payer, payee] = held ? [maker, row.debtor] : [row.debtor, maker];
  if (payer !== me && payee !== me) return [];
  const peer = (payer === me ? payee : payer) ?? row.creditor;
  const reference = `${row.claim_id}:${objection}:${event.txHash}`;
  return [disputeEntry({ reference, peer, amountMicro: feeMicro, paid: payer === me }, now)];
}

async function bookPayment(
  trx: Transaction<Database>,
  me: string,
  event: ClaimEvent<'ForcedClaimPaid'>,
  now: number,
): Promise<readonly Entry[]> {
  const row = await rowOf(trx, event.args.claimId);
  if (row === undefined) return [];
  const { payeeMicro, feeMicro } = event.args;
  const totalMicro = BigInt(row.amount_micro);
  // A fee of the debtor's is not issued: then what was issued is less than what was claimed.
  const issuedMicro = payeeMicro + feeMicro;
  const isKept = issuedMicro < totalMicro;
  const fee = totalMicro - payeeMicro;
  await trx
    .updateTable('forced_claim')
    .set({
      state: 'paid',
      fee_micro: String(fee),
      closed_at: String(now),
      closed_block: String(event.blockNumber),
      refusal: null,
      refusal_detail: null,
    })
    .where('claim_id', '=', row.claim_id)
    .execute();
  const charged = await trx
    .selectFrom('charge')
    .select('operator_micro')
    .where('cdr_id', '=', row.cdr_id)
    .executeTakeFirst();
  const operatorMicro = charged?.operator_micro ?? null;
  const entry = forcedEntry(
    me,
    {
      operatorMicro: operatorMicro === null ? null : BigInt(operatorMicro),
      claimId: row.claim_id,
      direction: row.direction,
      debtor: row.debtor,
      creditor: row.creditor,
      payee: lower(event.args.payee),
      totalMicro,
      feeMicro: fee,
      feeTo: isKept ? 'debtor' : 'creditor',
    },
    now,
  );
  return [...(await takeOver(trx, me, row, fee, now)), entry];
}

/** What the peer had not accepted, the chain has: the charge of an operator of ours is booked like an accepted one. */
async function takeOver(
  trx: Transaction<Database>,
  me: string,
  row: ClaimRow,
  feeMicro: bigint,
  now: number,
): Promise<readonly Entry[]> {
  if (row.creditor !== me || row.direction !== 'charge') return [];
  await trx
    .updateTable('charge')
    .set({ fee_micro: String(feeMicro) })
    .where('cdr_id', '=', row.cdr_id)
    .execute();
  const accepted = await trx
    .updateTable('charge')
    .set({ state: 'accepted', refusal: null, refusal_detail: null })
    .where('cdr_id', '=', row.cdr_id)
    .where('state', 'in', ['waiting', 'refused'])
    .returningAll()
    .executeTakeFirst();
  if (accepted === undefined) return [];
  // The peer is to have the evidence of what it has paid.
  await trx
    .insertInto('outbox')
    .values({
      cdr_id: row.cdr_id,
      peer: row.debtor,
      attempts: 0,
      next_attempt_at: String(now),
      last_error: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return [
    chargeEntry(
      me,
      {
        cdrId: accepted.cdr_id,
        driverProvider: accepted.driver_provider,
        operatorProvider: accepted.operator_provider,
        driverId: null,
        operatorAccount: accepted.operator_account,
        chargeMicro: BigInt(accepted.charge_micro),
        creditMicro: BigInt(accepted.credit_micro),
        commissionMicro: accepted.commission_micro === null ? null : BigInt(accepted.commission_micro),
      },
      now,
    ),
  ];
}

/**
 * Blocks above `blockNumber` are no longer the chain's: what was decided in them is open again, and what
 * we raised in them is raised again. The events that still hold come again.
 */
export async function rollBackClaims(trx: Transaction<Database>, blockNumber: number): Promise<void> {
  await sql`update forced_claim set state = 'raised', closed_block = null, closed_at = null, answer = null, next_attempt_at = 0
    where state in ('paid', 'void') and closed_block > ${blockNumber}::bigint`.execute(trx);
  await sql`update forced_claim set state = 'raising', raised_block = null, next_attempt_at = 0
    where state = 'raised' and reason is not null and raised_block > ${blockNumber}::bigint`.execute(trx);
  await sql`delete from forced_claim
    where state = 'raised' and reason is null and raised_block > ${blockNumber}::bigint`.execute(trx);
}
