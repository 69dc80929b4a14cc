import { createHash } from 'node:crypto';
import { fromBytes, type Hex } from '@p2p-power/protocol/Hex';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { sql } from 'kysely';
import { ibanEnd } from '../bank/BankAccount.ts';
import { bankReferenceHash } from '../bank/bankReference.ts';
import { sealBankAccount } from '../bank/sealBankAccount.ts';
import type { ClearingChain } from '../clearing/ClearingChain.ts';
import { followChain } from '../clearing/followChain.ts';
import type { SignedInOperator } from '../http/ProviderApp.ts';
import type { Job } from '../jobs/Job.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { isMember } from '../trust/isMember.ts';
import type { PreparedRedemption, Redemption } from './OperatorSchemas.ts';
import { readOperatorBankAccount } from './operatorBankAccount.ts';
import { tellAccounts } from './redemptionAccounts.ts';
import { openAccountKey } from './sealAccountKey.ts';
import { noteDueTimes, warnOfDue } from './watchRedemptions.ts';

/** Why a redemption does not go on; what the chain refuses has the chain's name. */
export type RedemptionRefusal =
  /** The operator keeps its key itself: it signs what we bring, or asks the chain with its own wallet. */
  | 'account-not-kept'
  /** No member of this id. */
  | 'peer-unknown'
  /** Another provider has to be told where to pay. */
  | 'bank-account-missing'
  | 'account-signature-invalid'
  /** The same request id with another amount, or another provider. */
  | 'request-id-used'
  | 'redemption-unknown'
  /** Paid, cancelled or refused: nothing more can be done with it. */
  | 'redemption-closed'
  /** A payment was begun with another bank reference, and its end is not known yet. */
  | 'bank-reference-differs'
  | (string & {});

const lower = (hex: string) => hex.toLowerCase() as Hex;
const sha256 = (text: string): Hex => fromBytes(new Uint8Array(createHash('sha256').update(text).digest()));

/** Who asks, with which of its accounts. */
export type RedeemingOperator = Pick<SignedInOperator, 'operatorId' | 'account' | 'accountKept'>;

/** What an operator asks for. */
export interface RedemptionRequest {
  readonly amountMicro: number;
  readonly requestId?: string | undefined;
  /** Party id of any member; us, where none is named. */
  readonly provider?: string | undefined;
  /** Of an operator that keeps its key: what its wallet signed of {@link prepareRedemption}. */
  readonly signed?:
    | { readonly deadline: number; readonly signature: Hex; readonly accountSignature?: Hex | undefined }
    | undefined;
}

const referenceOf = (account: Hex, requestId: string): Hex => sha256(`${account} ${requestId}`);

/** For how long a wallet's request may be brought. */
const relayWindowS = 86_400;

/** What the wallet of an operator that keeps its key signs, so that we can bring its request to any provider. */
export async function prepareRedemption(
  context: ProviderContext,
  chain: ClearingChain,
  operator: RedeemingOperator,
  request: Pick<RedemptionRequest, 'amountMicro' | 'requestId' | 'provider'>,
): Promise<Result<PreparedRedemption, RedemptionRefusal>> {
  const provider = request.provider ?? context.config.providerId;
  if (!(await isMember(context, provider))) return refuse('peer-unknown', `${provider} is no member`);
  const requestId = request.requestId ?? fromBytes(context.random.bytes(16)).slice(2);
  const reference = referenceOf(operator.account, requestId);
  const redemptionId = lower(chain.redemptionId(operator.account, reference));
  const deadline = context.clock.nowS() + relayWindowS;
  const amountMicro = BigInt(request.amountMicro);
  const account = await readOperatorBankAccount(context, operator.operatorId);
  const isElsewhere = provider !== context.config.providerId;
  if (isElsewhere && account === undefined)
    return refuse('bank-account-missing', `${provider} has to be told a bank account`);
  return accept({
    requestId,
    provider,
    redemptionId,
    deadline,
    typedData: chain.redemptionRequestData({
      holder: operator.account,
      provider,
      amountMicro,
      reference,
      deadline,
    }),
    accountTypedData:
      isElsewhere && account !== undefined
        ? chain.redemptionAccountData({ redemptionId, provider, name: account.name, iban: account.iban })
        : null,
  });
}

/**
 * Asks a provider for money in exchange for an operator's tokens: with the key that we keep, or with what the
 * operator's wallet signed. The request is on disk under the id that it will have on the chain before it is
 * sent, so that it is made once whatever happens; while the chain is away it is `requesting`, and tried
 * again. Another provider is told where to pay, signed by the holder.
 */
export async function requestRedemption(
  context: ProviderContext,
  chain: ClearingChain,
  operator: RedeemingOperator,
  request: RedemptionRequest,
): Promise<Result<Redemption, RedemptionRefusal>> {
  const { account: holder, accountKept, operatorId } = operator;
  const { signed, amountMicro, requestId } = request;
  const provider = request.provider ?? context.config.providerId;
  if (!accountKept && (signed === undefined || requestId === undefined))
    return refuse(
      'account-not-kept',
      'the operator keeps the key of its account: its wallet signs the request',
    );
  if (!(await isMember(context, provider))) return refuse('peer-unknown', `${provider} is no member`);
  const reference =
    requestId === undefined ? fromBytes(context.random.bytes(32)) : referenceOf(holder, requestId);
  const redemptionId = lower(chain.redemptionId(holder, reference));
  const isElsewhere = provider !== context.config.providerId;
  const account = isElsewhere ? await readOperatorBankAccount(context, operatorId) : undefined;
  if (isElsewhere && account === undefined)
    return refuse('bank-account-missing', `${provider} has to be told a bank account`);
  const told = account && { redemptionId, provider, name: account.name, iban: account.iban };
  const accountSignature =
    told === undefined
      ? undefined
      : accountKept
        ? await chain.signRedemptionAccount(await holderKey(context, holder), told)
        : (signed?.accountSignature ?? '0x');
  if (told !== undefined && !(await chain.isRedemptionAccountOf(told, accountSignature as Hex, holder)))
    return refuse('account-signature-invalid', 'where to pay is not signed by the holder of the tokens');
  await context.db.transaction().execute(async (trx) => {
    const inserted = await trx
      .insertInto('redemption')
      .values({
        redemption_id: redemptionId,
        holder,
        provider,
        amount_micro: String(amountMicro),
        state: 'requesting',
        chain_reference: reference,
        bank_reference: null,
        refusal: null,
        requested_at: String(context.clock.nowS()),
        closed_at: null,
        relay:
          accountKept || signed === undefined
            ? null
            : JSON.stringify({ deadline: signed.deadline, signature: signed.signature }),
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning('redemption_id')
      .execute();
    if (inserted.length === 0 || account === undefined) return;
    await trx
      .insertInto('redemption_bank_account')
      .values({
        redemption_id: redemptionId,
        sealed: sealBankAccount(context.sealingKey, redemptionId, account),
        iban_end: ibanEnd(account.iban),
        received_at: String(context.clock.nowS()),
        signature: accountSignature as Hex,
        sent_at: null,
      })
      .execute();
  });
  const row = await findRow(context, redemptionId);
  if (row === undefined || Number(row.amount_micro) !== amountMicro || row.provider !== provider)
    return refuse('request-id-used', 'this request id was used for another amount or provider');
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
    const request = {
      provider: row.provider,
      amountMicro: BigInt(row.amount_micro),
      reference: row.chain_reference,
    };
    const sent =
      row.relay === null
        ? await chain.requestRedemption(await holderKey(context, row.holder), request)
        : await chain.relayRedemption({ ...request, holder: row.holder, ...JSON.parse(row.relay) });
    const now = String(context.clock.nowS());
    await context.db
      .updateTable('redemption')
      .set(sent.ok ? { state: 'open' } : { state: 'refused', refusal: sent.refusal, closed_at: now })
      .where('redemption_id', '=', redemptionId)
      .where('state', '=', 'requesting')
      .execute();
    if (!sent.ok) return refuse(sent.refusal, sent.detail);
    await followChain(context, chain).catch(() => undefined);
    await noteDueTimes(context, chain);
    await tellAccounts(context);
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
  operatorId: string,
  redemptionId: Hex,
): Promise<Result<Redemption, RedemptionRefusal>> {
  const row = await findRow(context, redemptionId);
  const accounts = await context.db
    .selectFrom('operator_account')
    .select(['account', 'kept'])
    .where('operator_id', '=', operatorId)
    .execute();
  const holder = accounts.find(({ account }) => account === row?.holder);
  if (row === undefined || holder === undefined)
    return refuse('redemption-unknown', 'no such redemption of this operator');
  if (!holder.kept) return refuse('account-not-kept', 'the operator keeps the key of its account');
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

/**
 * Redemptions: newest first, of one operator, or of all that ask us; `pending` those that wait for money, the
 * most urgent first.
 */
export async function readRedemptions(
  context: Pick<ProviderContext, 'db' | 'clock'>,
  query: {
    readonly operatorId?: string;
    readonly provider?: string;
    readonly redemptionId?: Hex;
    readonly pending?: boolean;
    readonly limit: number;
  },
): Promise<readonly Redemption[]> {
  let select = context.db
    .selectFrom('redemption')
    .leftJoin('operator_account', 'operator_account.account', 'redemption.holder')
    .leftJoin('operator', 'operator.operator_id', 'operator_account.operator_id')
    .selectAll('redemption')
    .select(['operator.operator_id', 'operator.name as operator_name'])
    .limit(query.limit);
  select = query.pending
    ? select.where('state', 'in', ['open', 'paying']).orderBy(sql`due_at`, (order) => order.asc().nullsLast())
    : select.orderBy('requested_at', 'desc');
  select = select.orderBy('redemption_id');
  if (query.operatorId !== undefined) select = select.where('operator.operator_id', '=', query.operatorId);
  if (query.provider !== undefined) select = select.where('provider', '=', query.provider);
  if (query.redemptionId !== undefined) select = select.where('redemption_id', '=', query.redemptionId);
  const now = context.clock.nowS();
  return (await select.execute()).map((row) => ({
    redemptionId: row.redemption_id,
    holder: row.holder,
    provider: row.provider,
    operatorId: row.operator_id,
    operatorName: row.operator_name,
    amountMicro: Number(row.amount_micro),
    state: row.state === 'open' && row.due_at !== null && now > Number(row.due_at) ? 'overdue' : row.state,
    bankReference: row.bank_reference,
    refusal: row.refusal,
    requestedAt: Number(row.requested_at),
    dueAt: row.due_at === null ? null : Number(row.due_at),
    closedAt: row.closed_at === null ? null : Number(row.closed_at),
  }));
}

async function found(
  context: Pick<ProviderContext, 'db' | 'clock'>,
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

/** Sends requests again that waited for the chain, tells other providers where to pay, and warns of what is due. */
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
    await tellAccounts(context, signal);
    await noteDueTimes(context, chain);
    await warnOfDue(context);
  },
};
