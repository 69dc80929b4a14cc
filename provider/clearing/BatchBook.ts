import { type AcceptedCharge, type Batch, type BuiltBatch, operatorPart } from '@p2p-power/protocol/Batch';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { Payout, SettledCharge } from '@p2p-power/protocol/MerkleTree';
import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import type { Database } from '../database/Database.ts';
import { notClaimed } from '../disputes/ClaimBook.ts';
import type { Span } from '../peers/Agreements.ts';
import type { BatchState, BatchTable } from './ClearingTables.ts';

/** What the books say of batches: which charges one can hold, which it holds, and who is paid by it. */

export type BatchRow = Selectable<BatchTable>;

export const batchOf = (row: Pick<BatchRow, 'batch'>): Batch => JSON.parse(row.batch);

/** One process at a time builds or signs in a channel. */
export async function lockChannel(trx: Transaction<Database>, channelId: Hex): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext(${`p2p-power channel ${channelId}`}))`.execute(trx);
}

/**
 * Locks those of some charges that two channels may hold, the charge in the one and the credit in the other: in one
 * order everywhere, so that two transactions cannot wait for each other. A batch is locked before its charges.
 */
export async function lockCharges(trx: Transaction<Database>, cdrIds: readonly Hex[]): Promise<void> {
  await sql`
    select from charge where cdr_id = any(${cdrIds}::text[]) and credit_micro > 0
    order by cdr_id for no key update`.execute(trx);
}

/** The last batch of a channel that this provider has signed; of one agreement where that is named. */
export async function lastBatch(
  db: Kysely<Database>,
  channelId: Hex,
  agreementId?: Hex,
): Promise<BatchRow | undefined> {
  let select = db
    .selectFrom('batch')
    .selectAll()
    .where('channel_id', '=', channelId)
    .orderBy('sequence', 'desc')
    .limit(1);
  if (agreementId !== undefined) select = select.where('agreement_id', '=', agreementId);
  return select.executeTakeFirst();
}

/**
 * What is settled in a channel: the charges of the debtor's drivers at the creditor's points, and the
 * credits that the debtor's operators owe for what the creditor's drivers gave back, which are paid to
 * the creditor's own account.
 */
export interface ChannelCharges {
  readonly debtor: string;
  readonly creditor: string;
  readonly creditorAccount: Hex;
}

/**
 * Accepted charges of a channel that no batch holds, and that were signed in one of the spans, which are
 * those of one agreement: all that ended before `periodEnd`, or those named by `cdrIds`.
 */
export async function unsettledCharges(
  db: Kysely<Database>,
  channel: ChannelCharges,
  spans: readonly Span[],
  which: { readonly periodEnd: number } | { readonly cdrIds: readonly Hex[] },
): Promise<readonly AcceptedCharge[]> {
  const only = sql`${
    'periodEnd' in which
      ? sql`ended_at < ${which.periodEnd}::bigint`
      : sql`cdr_id = any(${which.cdrIds}::text[])`
  } and ${signedIn(spans)}`;
  const rows = await sql<Record<string, string | null>>`
    select authorization_id, cdr_id, charge_micro as amount_micro, imported_wh as energy_wh, operator_account,
        operator_micro
      from charge where driver_provider = ${channel.debtor} and operator_provider = ${channel.creditor}
        and state = 'accepted' and charge_sequence is null and charge_micro > 0 and ${notClaimed('charge')}
        and ${only}
    union all
    select authorization_id, cdr_id, credit_micro, 0, ${channel.creditorAccount}, null
      from charge where operator_provider = ${channel.debtor} and driver_provider = ${channel.creditor}
        and state = 'accepted' and credit_sequence is null and credit_micro > 0 and ${notClaimed('credit')}
        and ${only}
    order by cdr_id`.execute(db);
  return rows.rows.map((row) => ({
    authorizationId: row.authorization_id as Hex,
    cdrId: row.cdr_id as Hex,
    chargeMicro: Number(row.amount_micro),
    energyWh: Number(row.energy_wh),
    operatorAccount: row.operator_account as Hex,
    ...partOf(row.operator_micro),
  }));
}

const partOf = (operatorMicro: string | null | undefined): Pick<AcceptedCharge, 'operatorMicro'> =>
  operatorMicro == null ? {} : { operatorMicro: Number(operatorMicro) };

/** When the oldest of a channel's unsettled charges that were signed in one of the spans ended; null where there is none. */
export async function oldestUnsettled(
  db: Kysely<Database>,
  channel: Pick<ChannelCharges, 'debtor' | 'creditor'>,
  spans: readonly Span[],
): Promise<number | null> {
  const found = await sql<{ oldest: string | null }>`
    select min(ended_at) as oldest from charge
      where (driver_provider = ${channel.debtor} and operator_provider = ${channel.creditor}
          and state = 'accepted' and charge_sequence is null and charge_micro > 0 and ${notClaimed('charge')}
        or operator_provider = ${channel.debtor} and driver_provider = ${channel.creditor}
          and state = 'accepted' and credit_sequence is null and credit_micro > 0 and ${notClaimed('credit')})
        and ${signedIn(spans)}`.execute(db);
  const oldest = found.rows[0]?.oldest ?? null;
  return oldest === null ? null : Number(oldest);
}

/** Whether a charge was signed in one of the spans. */
export function signedIn(spans: readonly Span[]) {
  return sql`exists (select from unnest(
    ${spans.map((span) => String(span.from))}::bigint[],
    ${spans.map((span) => String(span.to))}::bigint[]) as span (begins, ends)
    where authorized_at >= begins and authorized_at < ends)`;
}

/** The charges of a batch, as it was built. */
export async function chargesOfBatch(
  db: Kysely<Database>,
  row: Pick<BatchRow, 'debtor' | 'creditor' | 'sequence'>,
): Promise<readonly (SettledCharge & Pick<AcceptedCharge, 'operatorMicro'>)[]> {
  const rows = await sql<Record<string, string | null>>`
    select authorization_id, cdr_id, charge_micro as amount_micro, operator_micro from charge
      where driver_provider = ${row.debtor} and operator_provider = ${row.creditor}
        and charge_sequence = ${row.sequence}::bigint
    union all
    select authorization_id, cdr_id, credit_micro, null from charge
      where operator_provider = ${row.debtor} and driver_provider = ${row.creditor}
        and credit_sequence = ${row.sequence}::bigint
    order by cdr_id`.execute(db);
  return rows.rows.map((charge) => ({
    authorizationId: charge.authorization_id as Hex,
    cdrId: charge.cdr_id as Hex,
    chargeMicro: Number(charge.amount_micro),
    ...partOf(charge.operator_micro),
  }));
}

/** What each account was ever owed in a channel, up to and with a batch. */
export async function payoutsUpTo(
  db: Kysely<Database>,
  channelId: Hex,
  sequence: bigint | number | string,
): Promise<readonly Payout[]> {
  const rows = await sql<{ account: Hex; cumulative_micro: string }>`
    select distinct on (account) account, cumulative_micro from batch_payout
    where channel_id = ${channelId} and sequence <= ${String(sequence)}::bigint
    order by account, sequence desc`.execute(db);
  return rows.rows.map((row) => ({ account: row.account, cumulativeMicro: Number(row.cumulative_micro) }));
}

/** Writes a batch that this provider has signed: the row, who is paid, and in its charges that it holds them. */
export async function writeBatch(
  trx: Transaction<Database>,
  signed: {
    readonly channelId: Hex;
    readonly built: BuiltBatch;
    readonly charges: readonly AcceptedCharge[];
    readonly creditorAccount: Hex;
    readonly feeTo: 'creditor' | 'debtor';
    readonly previousPayouts: readonly Payout[];
    readonly batchHash: Hex;
    readonly state: BatchState;
    readonly creditorSignature: Hex;
    readonly debtorSignature: Hex | null;
    readonly now: number;
  },
): Promise<void> {
  const { batch } = signed.built;
  const sequence = String(batch.sequence);
  await trx
    .insertInto('batch')
    .values({
      channel_id: signed.channelId,
      sequence,
      debtor: batch.debtor,
      creditor: batch.creditor,
      agreement_id: batch.agreementId,
      fee_to: signed.feeTo,
      batch: JSON.stringify(batch),
      batch_hash: signed.batchHash,
      total_micro: String(batch.totalMicro),
      fee_micro: String(batch.feeMicro),
      count: String(batch.count),
      period_start: String(batch.periodStart),
      period_end: String(batch.periodEnd),
      state: signed.state,
      creditor_signature: signed.creditorSignature,
      debtor_signature: signed.debtorSignature,
      tx_hash: null,
      block_number: null,
      refusal: null,
      refusal_detail: null,
      attempts: 0,
      next_attempt_at: String(signed.now),
      built_at: String(signed.now),
    })
    .execute();
  const before = new Map(signed.previousPayouts.map((payout) => [payout.account, payout.cumulativeMicro]));
  const gross = new Map<Hex, number>();
  const short = new Map<Hex, number>();
  const add = (sums: Map<Hex, number>, account: Hex, micro: number) =>
    sums.set(account, (sums.get(account) ?? 0) + micro);
  for (const [index, charge] of signed.charges.entries()) {
    const { operatorMicro = charge.chargeMicro } = charge;
    add(gross, charge.operatorAccount, operatorMicro);
    if (charge.operatorMicro === undefined) continue;
    add(gross, signed.creditorAccount, charge.chargeMicro - operatorMicro);
    const paidMicro = Number(operatorPart(charge, signed.built.fees[index] ?? 0n));
    add(short, charge.operatorAccount, operatorMicro - paidMicro);
  }
  await trx
    .insertInto('batch_payout')
    .values(
      signed.built.payouts
        .filter((payout) => gross.has(payout.account))
        .map((payout) => ({
          channel_id: signed.channelId,
          sequence,
          account: payout.account,
          gross_micro: String(gross.get(payout.account)),
          payout_micro: String(payout.cumulativeMicro - (before.get(payout.account) ?? 0)),
          short_micro: String(short.get(payout.account) ?? 0),
          cumulative_micro: String(payout.cumulativeMicro),
        })),
    )
    .execute();
  const cdrIds = signed.charges.map((charge) => charge.cdrId);
  const fees = signed.built.fees.map(String);
  const parts = signed.charges.map(({ operatorMicro }) => operatorMicro?.toString() ?? null);
  await lockCharges(trx, cdrIds);
  const held = await sql`
    update charge set charge_sequence = ${sequence}::bigint, fee_micro = held.fee_micro,
      operator_micro = held.operator_micro
    from unnest(${cdrIds}::text[], ${fees}::bigint[], ${parts}::bigint[]) as held (cdr_id, fee_micro, operator_micro)
    where charge.cdr_id = held.cdr_id and driver_provider = ${batch.debtor}
      and operator_provider = ${batch.creditor} and charge_sequence is null`.execute(trx);
  const credited = await sql`
    update charge set credit_sequence = ${sequence}::bigint
    where cdr_id = any(${cdrIds}::text[]) and operator_provider = ${batch.debtor}
      and driver_provider = ${batch.creditor} and credit_sequence is null`.execute(trx);
  if (Number(held.numAffectedRows ?? 0n) + Number(credited.numAffectedRows ?? 0n) !== signed.charges.length)
    throw new Error('a charge of the batch is held by another batch');
}
