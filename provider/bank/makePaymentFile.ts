import type { Hex } from '@p2p-power/protocol/Hex';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { sql } from 'kysely';
import type { ClearingChain } from '../clearing/ClearingChain.ts';
import type { PositionsAt } from '../clearing/MoneyChain.ts';
import { openBytes, sealBytes } from '../keys/sealBytes.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import type { BankAccount } from './BankAccount.ts';
import { redemptionEndToEndId } from './bankReference.ts';
import { ceilToCent } from './Cents.ts';
import { listPeerBankAccounts, readPeerBankAccount } from './peerBankAccounts.ts';
import { openBankAccount } from './sealBankAccount.ts';
import { maxPaymentMicro, writePaymentFile } from './writePaymentFile.ts';

/** Why no file is made, in order of precedence. */
export type PaymentFileRefusal = 'no-bank-account' | 'currency-not-euro' | 'nothing-to-pay';

/** Why a payment that is due is left out of the file. */
export type OmissionRefusal =
  | 'bank-account-unknown'
  | 'bank-account-unconfirmed'
  | 'paid-otherwise'
  | 'amount-too-large'
  | 'no-longer-owed';

interface DuePayment {
  readonly kind: 'netting' | 'redemption';
  readonly endToEndId: string;
  readonly redemptionId: Hex | null;
  readonly receiver: string | null;
  readonly amountMicro: bigint;
  readonly purpose: string;
  readonly to: BankAccount | OmissionRefusal;
}

export interface MadePaymentFile {
  readonly messageId: string;
  readonly createdAt: number;
  readonly executionDate: string;
  readonly totalMicro: bigint;
  readonly payments: readonly { readonly endToEndId: string; readonly amountMicro: bigint }[];
  readonly omitted: readonly { readonly endToEndId: string; readonly refusal: OmissionRefusal }[];
}

/**
 * Makes the file of all payments that are due and in no file yet: our transfers of the open round of netting,
 * and the redemptions whose payment was begun. A payment is in one file only, whatever happens. What
 * cannot be paid now is left out by name and may be in the next file.
 */
export async function makePaymentFile(
  context: ProviderContext,
  chain: ClearingChain,
  wanted: { readonly executionDate?: string | undefined } = {},
): Promise<Result<MadePaymentFile, PaymentFileRefusal>> {
  const { config, db, clock, sealingKey } = context;
  const from = config.bankAccount;
  if (from === undefined) return refuse('no-bank-account', 'the configuration names no bankAccount');
  if (config.currency !== 'EUR')
    return refuse('currency-not-euro', `SEPA moves euros, the tokens are ${config.currency}`);
  await refreshPeerAccounts(context);
  const positions = (await chain.positionsAt(null)) as PositionsAt;
  const now = clock.nowS();
  const executionDate = wanted.executionDate ?? new Date(now * 1000).toISOString().slice(0, 10);
  return db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(hashtext('p2p-power payment file'))`.execute(trx);
    const here = { ...context, db: trx };
    const due = [...(await dueTransfers(here)), ...(await dueRedemptions(here))];
    const owed = await openAmounts(here, positions);
    const paying: (DuePayment & { readonly to: BankAccount })[] = [];
    const omitted: { endToEndId: string; refusal: OmissionRefusal }[] = [];
    for (const payment of due) {
      const refusal = omissionOf(payment, owed);
      if (refusal !== undefined) omitted.push({ endToEndId: payment.endToEndId, refusal });
      else paying.push(payment as DuePayment & { readonly to: BankAccount });
    }
    if (paying.length === 0)
      return refuse(
        'nothing-to-pay',
        omitted.length === 0
          ? 'no payment is due that is in no file yet'
          : omitted.map((one) => `${one.endToEndId} ${one.refusal}`).join(', '),
      );
    const messageId = `${config.providerId}-${now}-${Buffer.from(context.random.bytes(4)).toString('hex')}`;
    const xml = writePaymentFile({ messageId, createdAt: now, executionDate, from, payments: paying });
    const totalMicro = paying.reduce((sum, { amountMicro }) => sum + amountMicro, 0n);
    await trx
      .insertInto('payment_file')
      .values({
        message_id: messageId,
        created_at: String(now),
        execution_date: executionDate,
        count: paying.length,
        total_micro: String(totalMicro),
        sealed_xml: sealBytes(sealingKey, 'payment-file', messageId, new TextEncoder().encode(xml)),
      })
      .execute();
    await trx
      .insertInto('payment')
      .values(
        paying.map((payment) => ({
          end_to_end_id: payment.endToEndId,
          message_id: messageId,
          kind: payment.kind,
          redemption_id: payment.redemptionId,
          amount_micro: String(payment.amountMicro),
          debited_at: null,
        })),
      )
      .execute();
    return accept({
      messageId,
      createdAt: now,
      executionDate,
      totalMicro,
      payments: paying.map(({ endToEndId, amountMicro }) => ({ endToEndId, amountMicro })),
      omitted,
    });
  });
}

/** The XML of a file that was made; undefined where there is none of this id. */
export async function readPaymentFile(
  context: Pick<ProviderContext, 'db' | 'sealingKey'>,
  messageId: string,
): Promise<string | undefined> {
  const row = await context.db
    .selectFrom('payment_file')
    .select('sealed_xml')
    .where('message_id', '=', messageId)
    .executeTakeFirst();
  return (
    row && new TextDecoder().decode(openBytes(context.sealingKey, 'payment-file', messageId, row.sealed_xml))
  );
}

/** Asks the receivers of our transfers for their accounts; who cannot be asked keeps the one it had. */
async function refreshPeerAccounts(context: ProviderContext): Promise<void> {
  const receivers = await context.db
    .selectFrom('netting_transfer as transfer')
    .innerJoin('netting_round as round', 'round.round_id', 'transfer.round_id')
    .select('receiver')
    .distinct()
    .where('state', '=', 'open')
    .where('payer', '=', context.config.providerId)
    .execute();
  for (const { receiver } of receivers) {
    try {
      const read = await readPeerBankAccount(context, receiver);
      if (!read.ok) context.log.warn({ peer: receiver, refusal: read.refusal }, 'a peer’s account is none');
    } catch (error) {
      if ((error as Error).name !== 'PeerFault') throw error;
      context.log.warn({ peer: receiver, error: (error as Error).message }, 'a peer’s account is not read');
    }
  }
}

type FileContext = Pick<ProviderContext, 'db' | 'config' | 'sealingKey'>;

/** Our transfers of the open round that are neither in a file nor confirmed. */
async function dueTransfers(context: FileContext): Promise<readonly DuePayment[]> {
  const { config, db } = context;
  const rows = await db
    .selectFrom('netting_transfer as transfer')
    .innerJoin('netting_round as round', 'round.round_id', 'transfer.round_id')
    .leftJoin('payment', 'payment.end_to_end_id', 'transfer.end_to_end_id')
    .leftJoin('chain_receipt as receipt', (join) =>
      join
        .onRef('receipt.receiver', '=', 'transfer.receiver')
        .onRef('receipt.bank_reference', '=', 'transfer.bank_reference'),
    )
    .selectAll('transfer')
    .where('round.state', '=', 'open')
    .where('transfer.payer', '=', config.providerId)
    .where('payment.message_id', 'is', null)
    .where('receipt.tx_hash', 'is', null)
    .orderBy('leg')
    .execute();
  const accounts = new Map(
    (await listPeerBankAccounts(context)).map((account) => [account.providerId, account]),
  );
  return rows.map((row) => {
    const account = accounts.get(row.receiver);
    return {
      kind: 'netting',
      endToEndId: row.end_to_end_id,
      redemptionId: null,
      receiver: row.receiver,
      amountMicro: BigInt(row.amount_micro),
      purpose: `P2P-Power netting ${row.end_to_end_id} ${row.payer} to ${row.receiver}`,
      to:
        account === undefined
          ? 'bank-account-unknown'
          : account.isConfirmed
            ? account
            : 'bank-account-unconfirmed',
    };
  });
}

/** Redemptions whose payment was begun and that no file has; a bank moves whole cents, so rounded up. */
async function dueRedemptions({ db, config, sealingKey }: FileContext): Promise<readonly DuePayment[]> {
  const rows = await db
    .selectFrom('redemption')
    .leftJoin('payment', 'payment.redemption_id', 'redemption.redemption_id')
    .leftJoin('redemption_bank_account as told', 'told.redemption_id', 'redemption.redemption_id')
    .leftJoin('operator_account as holding', 'holding.account', 'redemption.holder')
    .leftJoin('operator_bank_account as kept', 'kept.operator_id', 'holding.operator_id')
    .select(['redemption.redemption_id', 'redemption.amount_micro', 'redemption.bank_reference'])
    .select(['holding.operator_id', 'told.sealed as told_sealed', 'kept.sealed as kept_sealed'])
    .where('redemption.state', '=', 'paying')
    .where('redemption.provider', '=', config.providerId)
    .where('payment.message_id', 'is', null)
    .orderBy('requested_at')
    .orderBy('redemption.redemption_id')
    .execute();
  return rows.map((row) => {
    const endToEndId = redemptionEndToEndId(row.redemption_id);
    const account =
      row.told_sealed !== null
        ? openBankAccount(sealingKey, row.redemption_id, row.told_sealed)
        : row.kept_sealed !== null && row.operator_id !== null
          ? openBankAccount(sealingKey, row.operator_id, row.kept_sealed)
          : 'bank-account-unknown';
    return {
      kind: 'redemption',
      endToEndId,
      redemptionId: row.redemption_id,
      receiver: null,
      amountMicro: ceilToCent(BigInt(row.amount_micro)),
      purpose: `P2P-Power redemption ${endToEndId}`,
      to: row.bank_reference === null || row.bank_reference === endToEndId ? account : 'paid-otherwise',
    };
  });
}

/** What may still be confirmed, given what is on its way already. Changed by each payment taken. */
interface OpenAmounts {
  ours: bigint;
  readonly theirs: Map<string, bigint>;
}

/**
 * Receivers confirm up to what the positions are then: what we owe less our transfers on their way and the
 * redemptions being paid, and what each receiver is owed less what we have sent it.
 */
async function openAmounts({ db, config }: FileContext, at: PositionsAt): Promise<OpenAmounts> {
  const sent = await db
    .selectFrom('netting_transfer as transfer')
    .innerJoin('payment', 'payment.end_to_end_id', 'transfer.end_to_end_id')
    .leftJoin('chain_receipt as receipt', (join) =>
      join
        .onRef('receipt.receiver', '=', 'transfer.receiver')
        .onRef('receipt.bank_reference', '=', 'transfer.bank_reference'),
    )
    .select(['transfer.receiver', 'transfer.amount_micro'])
    .where('receipt.tx_hash', 'is', null)
    .execute();
  const paying = await db
    .selectFrom('redemption')
    .select('amount_micro')
    .where('state', '=', 'paying')
    .where('provider', '=', config.providerId)
    .execute();
  const theirs = new Map(at.positions.map(({ providerId, positionMicro }) => [providerId, -positionMicro]));
  let ours = -(theirs.get(config.providerId) ?? 0n);
  for (const { amount_micro } of paying) ours -= BigInt(amount_micro);
  for (const { receiver, amount_micro } of sent) {
    ours -= BigInt(amount_micro);
    theirs.set(receiver, (theirs.get(receiver) ?? 0n) - BigInt(amount_micro));
  }
  return { ours, theirs };
}

function omissionOf(payment: DuePayment, owed: OpenAmounts): OmissionRefusal | undefined {
  const { to, amountMicro, receiver } = payment;
  if (typeof to === 'string') return to;
  if (amountMicro > maxPaymentMicro) return 'amount-too-large';
  if (receiver === null) return undefined;
  const theirs = owed.theirs.get(receiver) ?? 0n;
  if (owed.ours < amountMicro || theirs < amountMicro) return 'no-longer-owed';
  owed.ours -= amountMicro;
  owed.theirs.set(receiver, theirs - amountMicro);
  return undefined;
}
