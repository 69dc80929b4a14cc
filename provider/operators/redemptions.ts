import { createHash } from 'node:crypto';
import { fromBytes, type Hex } from '@p2p-power/protocol/Hex';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { sql } from 'kysely';
import { bankReferenceHash } from '../bank/bankReference.ts';
import type { ClearingChain } from '../clearing/ClearingChain.ts';
import { followChain } from '../clearing/followChain.ts';
import type { SignedInOperator } from '../http/ProviderApp.ts';
import type { Job } from '../jobs/Job.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import type { Redemption } from './OperatorSchemas.ts';
import { openAccountKey } from './sealAccountKey.ts';

/** Why a redemption does not go on; what the chain refuses has the chain's name. */
export type RedemptionRefusal =
  /** The operator keeps its key itself: it asks the chain with its own wallet. */
  | 'account-not-kept'
  /** The same request id with another amount. */
  | 'request-id-used'
  | 'redemption-unknown'
  /** Paid, cancelled or refused: nothing more can be done with it. */
  | 'redemption-closed'
  /** A payment was begun with another bank reference, and its end is not known yet. */
  | 'bank-reference-differs'
  | (string & {});

const sha256 = (text: string): Hex => fromBytes(new Uint8Array(createHash('sha256').update(text).digest()));

/**
 * Asks for money in exchange for an operator's tokens, with the key that we keep. The request is on disk
 * under the id that it will have on the chain before it is sent, so that it is made once whatever
 * happens; while the chain is away it is `requesting`, and tried again.
 */
export async function requestRedemption(
  context: ProviderContext,
  chain: ClearingChain,
  operator: Pick<SignedInOperator, 'account' | 'accountKept'>,
  request: { readonly amountMicro: number; readonly requestId?: string | undefined },
): Promise<Result<Redemption, RedemptionRefusal>> {
  if (!operator.accountKept) return refuse('account-not-kept', 'the operator keeps the key of its account');
  const reference =
    request.requestId === undefined
      ? fromBytes(context.random.bytes(32))
      : sha256(`${operator.account} ${request.requestId}`);
  const redemptionId = chain.redemptionId(operator.account, reference).toLowerCase() as Hex;
  await context.db
    .insertInto('redemption')
    .values({
      redemption_id: redemptionId,
      holder: operator.account,
      provider: context.config.providerId,
      amount_micro: String(request.amountMicro),
      state: 'requesting',
      chain_reference: reference,
      bank_reference: null,
      refusal: null,
      requested_at: String(context.clock.nowS()),
      closed_at: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const row = await findRow(context, redemptionId);
  if (row === undefined || Number(row.amount_micro) !== request.amountMicro)
    return refuse('request-id-used', 'this request id was used for another amount');
  if (row.state !== 'requesting') return found(context, redemptionId);
  return sendRequest(context, chain, redemptionId);
}

/** Sends a request that is on disk; what the chain refuses closes it. */
async function sendRequest(
  context: ProviderContext,
  chain: ClearingChain,
  redemptionId: Hex,
): Promise<Result<Redemption, RedemptionRefusal>> {
  const row = await findRow(context, redemptionId);
  if (row === undefined || row.chain_reference === null)
    return refuse('redemption-unknown', 'no such redemption');
  try {
    const sent = await chain.requestRedemption(await holderKey(context, row.holder), {
      provider: row.provider,
      amountMicro: BigInt(row.amount_micro),
      reference: row.chain_reference,
    });
    const now = String(context.clock.nowS());
    await context.db
      .updateTable('redemption')
      .set(sent.ok ? { state: 'open' } : { state: 'refused', refusal: sent.refusal, closed_at: now })
      .where('redemption_id', '=', redemptionId)
      .where('state', '=', 'requesting')
      .execute();
    if (!sent.ok) return refuse(sent.refusal, sent.detail);
    await followChain(context, chain).catch(() => undefined);
  } catch (error) {
    if ((error as Error).name !== 'ChainFault') throw error;
    context.log.warn({ error: (error as Error).message }, 'redemption waits for the chain');
  }
  return found(context, redemptionId);
}

/** Takes a request and its tokens back. */
export async function cancelRedemption(
  context: ProviderContext,
  chain: ClearingChain,
  operator: Pick<SignedInOperator, 'account' | 'accountKept'>,
  redemptionId: Hex,
): Promise<Result<Redemption, RedemptionRefusal>> {
  const row = await findRow(context, redemptionId);
  if (row === undefined || row.holder !== operator.account)
    return refuse('redemption-unknown', 'no such redemption of this operator');
  if (!operator.accountKept) return refuse('account-not-kept', 'the operator keeps the key of its account');
  if (row.state === 'cancelled') return found(context, redemptionId);
  if (row.state === 'paid' || row.state === 'refused')
    return refuse('redemption-closed', `the redemption is ${row.state}`);
  const cancelled = await chain.cancelRedemption(await holderKey(context, row.holder), redemptionId);
  if (!cancelled.ok) return cancelled;
  await followChain(context, chain);
  return found(context, redemptionId);
}

/** The staff says that the money is being sent: the operator cannot cancel for a while. */
export async function beginPayment(
  context: ProviderContext,
  chain: ClearingChain,
  redemptionId: Hex,
): Promise<Result<Redemption, RedemptionRefusal>> {
  const row = await findRow(context, redemptionId);
  if (row === undefined) return refuse('redemption-unknown', 'no such redemption');
  if (row.state === 'paying') return found(context, redemptionId);
  const begun = await chain.beginPayment(redemptionId);
  if (!begun.ok) return begun;
  await followChain(context, chain);
  return found(context, redemptionId);
}

/**
 * The staff says that the money was sent: the tokens are burnt on the chain, and booked when the chain
 * says so. The bank reference is on disk before the chain hears of it: stopped in between, the same call
 * goes on. Asked again with the same bank reference the answer is the same; another one is refused until
 * the chain has said no to the first.
 */
export async function markRedemptionPaid(
  context: ProviderContext,
  chain: ClearingChain,
  redemptionId: Hex,
  bankReference: string,
): Promise<Result<Redemption, RedemptionRefusal>> {
  const row = await findRow(context, redemptionId);
  if (row === undefined) return refuse('redemption-unknown', 'no such redemption');
  if (row.state === 'paid' && row.bank_reference === bankReference) return found(context, redemptionId);
  if (row.state === 'paid' || row.state === 'cancelled' || row.state === 'refused')
    return refuse('redemption-closed', `the redemption is ${row.state}`);
  const used = await sql`
    select from ledger_entry where kind = 'payout' and reference = ${bankReference}`.execute(context.db);
  if (used.rows.length > 0) return refuse('bank-reference-used', 'this transfer paid for something else');
  if (!(await claimReference(context, redemptionId, bankReference)))
    return refuse(
      'bank-reference-differs',
      'a payment was begun with another bank reference; repeat that one',
    );
  const marked = await chain.markPaid(redemptionId, bankReferenceHash(bankReference));
  await followChain(context, chain);
  if (marked.ok) return found(context, redemptionId);
  // The chain may have taken an earlier attempt whose end we did not see.
  const after = await findRow(context, redemptionId);
  if (after?.state === 'paid') return found(context, redemptionId);
  await context.db
    .updateTable('redemption')
    .set({ bank_reference: null })
    .where('redemption_id', '=', redemptionId)
    .where('state', '<>', 'paid')
    .where('bank_reference', '=', bankReference)
    .execute();
  return marked;
}

/** Writes the reference of a payment before the chain hears of it; false where another one is written. */
async function claimReference(
  context: ProviderContext,
  redemptionId: Hex,
  bankReference: string,
): Promise<boolean> {
  const claimed = await context.db
    .updateTable('redemption')
    .set({ bank_reference: bankReference })
    .where('redemption_id', '=', redemptionId)
    .where((eb) => eb.or([eb('bank_reference', 'is', null), eb('bank_reference', '=', bankReference)]))
    .returning('redemption_id')
    .execute();
  return claimed.length === 1;
}

/** Redemptions, newest first; of one holder, or of all. */
export async function readRedemptions(
  context: Pick<ProviderContext, 'db'>,
  query: { readonly holder?: Hex; readonly redemptionId?: Hex; readonly limit: number },
): Promise<readonly Redemption[]> {
  let select = context.db
    .selectFrom('redemption')
    .leftJoin('operator', 'operator.account', 'redemption.holder')
    .selectAll('redemption')
    .select(['operator.operator_id', 'operator.name as operator_name'])
    .orderBy('requested_at', 'desc')
    .orderBy('redemption_id')
    .limit(query.limit);
  if (query.holder !== undefined) select = select.where('holder', '=', query.holder);
  if (query.redemptionId !== undefined) select = select.where('redemption_id', '=', query.redemptionId);
  return (await select.execute()).map((row) => ({
    redemptionId: row.redemption_id,
    holder: row.holder,
    operatorId: row.operator_id,
    operatorName: row.operator_name,
    amountMicro: Number(row.amount_micro),
    state: row.state,
    bankReference: row.bank_reference,
    refusal: row.refusal,
    requestedAt: Number(row.requested_at),
    closedAt: row.closed_at === null ? null : Number(row.closed_at),
  }));
}

async function found(
  context: Pick<ProviderContext, 'db'>,
  redemptionId: Hex,
): Promise<Result<Redemption, RedemptionRefusal>> {
  const [redemption] = await readRedemptions(context, { redemptionId, limit: 1 });
  return redemption === undefined ? refuse('redemption-unknown', 'no such redemption') : accept(redemption);
}

function findRow(context: Pick<ProviderContext, 'db'>, redemptionId: Hex) {
  return context.db
    .selectFrom('redemption')
    .selectAll()
    .where('redemption_id', '=', redemptionId)
    .executeTakeFirst();
}

async function holderKey(context: ProviderContext, account: Hex): Promise<Hex> {
  const kept = await context.db
    .selectFrom('account_key')
    .select('sealed_key')
    .where('account', '=', account)
    .executeTakeFirst();
  if (kept === undefined) throw new Error('the key of an account that we keep is missing');
  return openAccountKey(context.sealingKey, account, kept.sealed_key);
}

/** Sends requests again that waited for the chain. */
export const redemptionJob: Job = {
  name: 'redemptions',
  everyS: (context) => context.config.jobs.clearingEveryS,
  async run(context, signal) {
    const { chain } = context;
    if (chain === undefined) return;
    const waiting = await context.db
      .selectFrom('redemption')
      .select('redemption_id')
      .where('state', '=', 'requesting')
      .where('chain_reference', 'is not', null)
      .execute();
    for (const row of waiting) if (!signal.aborted) await sendRequest(context, chain, row.redemption_id);
  },
};
