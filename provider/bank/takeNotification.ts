import { createHash } from 'node:crypto';
import { fromBytes, type Hex } from '@p2p-power/protocol/Hex';
import { accept, type Result } from '@p2p-power/tariff/Result';
import type { Selectable } from 'kysely';
import type { ClearingChain } from '../clearing/ClearingChain.ts';
import { followChain } from '../clearing/followChain.ts';
import type { Job } from '../jobs/Job.ts';
import { markRedemptionPaid } from '../operators/redemptions.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { backoffS } from '../peers/deliverEvidence.ts';
import type { BankEntryTable } from './BankTables.ts';
import { bankReferenceHash } from './bankReference.ts';
import { type BankEntry, type NotificationRefusal, readNotification } from './readNotification.ts';

/** Why nobody can match an entry, in order of precedence. */
export type EntryRefusal =
  | 'not-booked'
  | 'reversal'
  | 'other-account'
  | 'wrong-currency'
  | 'reference-missing'
  | 'reference-unknown'
  | 'payment-returned'
  | 'wrong-amount';

type Row = Selectable<BankEntryTable>;

export interface TakenNotification {
  readonly messageId: string;
  readonly entries: number;
  /** Entries of earlier files. */
  readonly known: number;
  /** Announced only; they come again. */
  readonly notBooked: number;
  /** The new ones as they stand now. */
  readonly taken: readonly Row[];
}

/**
 * Takes a bank's notification: each booked entry is noted once, whatever file it comes in. A credit with the
 * end-to-end id of a transfer to us and its amount is confirmed on the chain; a debit with that of a payment
 * of ours marks the redemption as paid. What cannot be matched is kept for people to look at, what the chain
 * cannot take now is brought again.
 */
export async function takeNotification(
  context: ProviderContext,
  chain: ClearingChain,
  xml: string,
): Promise<Result<TakenNotification, NotificationRefusal>> {
  const read = readNotification(xml);
  if (!read.ok) return read;
  const { messageId, entries } = read.value;
  const booked = entries.filter(({ isBooked }) => isBooked);
  const seen = new Map<string, number>();
  const ids: Hex[] = [];
  let known = 0;
  for (const entry of booked) {
    const told = tellApart(entry);
    const occurrence = (seen.get(told) ?? 0) + 1;
    seen.set(told, occurrence);
    const entryId = sha256(`${told} ${occurrence}`);
    if (await noteEntry(context, messageId, entryId, entry)) ids.push(entryId);
    else known += 1;
  }
  const rows = ids.length === 0 ? [] : await readEntries(context, ids);
  for (const row of rows) if (row.state === 'matched') await bringEntry(context, chain, row);
  return accept({
    messageId,
    entries: entries.length,
    known,
    notBooked: entries.length - booked.length,
    taken: ids.length === 0 ? [] : await readEntries(context, ids),
  });
}

const sha256 = (text: string): Hex => fromBytes(new Uint8Array(createHash('sha256').update(text).digest()));

/** All by which a bank tells one entry from another; of several that are the same in it, the order. */
const tellApart = (entry: BankEntry): string =>
  JSON.stringify([
    entry.iban,
    entry.side,
    String(entry.amountMicro),
    entry.currency,
    entry.isReversal,
    entry.endToEndId,
    entry.bankReference,
    entry.bookedOn,
  ]);

const readEntries = (context: ProviderContext, ids: readonly Hex[]): Promise<Row[]> =>
  context.db.selectFrom('bank_entry').selectAll().where('entry_id', 'in', ids).orderBy('line').execute();

/** Writes an entry down; false where it was there already, and nothing has become clearer since. */
async function noteEntry(
  context: ProviderContext,
  messageId: string,
  entryId: Hex,
  entry: BankEntry,
): Promise<boolean> {
  const unmatched = await refusalOf(context, entry);
  const noted = await context.db
    .insertInto('bank_entry')
    .values({
      entry_id: entryId,
      message_id: messageId,
      line: entry.line,
      side: entry.side,
      amount_micro: String(entry.amountMicro),
      currency: entry.currency,
      end_to_end_id: entry.endToEndId,
      bank_reference: entry.bankReference,
      booked_on: entry.bookedOn,
      state: unmatched === undefined ? 'matched' : 'unmatched',
      refusal: unmatched?.refusal ?? null,
      refusal_detail: unmatched?.detail ?? null,
      received_at: String(context.clock.nowS()),
      attempts: 0,
      next_attempt_at: '0',
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('entry_id')
    .execute();
  if (noted.length === 1 || unmatched !== undefined) return noted.length === 1;
  const clearer = await context.db
    .updateTable('bank_entry')
    .set({ state: 'matched', refusal: null, refusal_detail: null })
    .where('entry_id', '=', entryId)
    .where('state', '=', 'unmatched')
    .returning('entry_id')
    .execute();
  return clearer.length === 1;
}

/** Why an entry is none of ours, or not as it should be; undefined where it is. */
async function refusalOf(
  { config, db }: ProviderContext,
  entry: BankEntry,
): Promise<{ readonly refusal: EntryRefusal; readonly detail: string } | undefined> {
  const says = (refusal: EntryRefusal, detail: string) => ({ refusal, detail });
  const { endToEndId, amountMicro } = entry;
  if (entry.isReversal) return says('reversal', 'the bank takes an earlier entry back');
  if (entry.iban !== config.bankAccount?.iban) return says('other-account', 'not on our account');
  if (entry.currency !== config.currency) return says('wrong-currency', `in ${entry.currency}`);
  if (endToEndId === null) return says('reference-missing', 'without an end-to-end id');
  const payment = await db
    .selectFrom('payment')
    .select('amount_micro')
    .where('end_to_end_id', '=', endToEndId)
    .executeTakeFirst();
  const transfer = await db
    .selectFrom('netting_transfer')
    .select('amount_micro')
    .where('end_to_end_id', '=', endToEndId)
    .where('receiver', '=', config.providerId)
    .executeTakeFirst();
  const expected = entry.side === 'debit' ? payment : transfer;
  if (expected === undefined && entry.side === 'credit' && payment !== undefined)
    return says('payment-returned', `our payment ${endToEndId} has come back`);
  if (expected === undefined) return says('reference-unknown', `nothing of ours is called ${endToEndId}`);
  if (BigInt(expected.amount_micro) !== amountMicro)
    return says('wrong-amount', `${expected.amount_micro} instead of ${amountMicro} micro-units`);
  return undefined;
}

/** Brings what a matched entry says to the chain; what does not go now is tried again. */
async function bringEntry(context: ProviderContext, chain: ClearingChain, row: Row): Promise<void> {
  const endToEndId = row.end_to_end_id as string;
  let refused: { readonly refusal: string; readonly detail: string } | undefined;
  try {
    const brought =
      row.side === 'credit'
        ? await confirmTransfer(context, chain, endToEndId)
        : await noteDebit(context, chain, endToEndId);
    if (!brought.ok) refused = brought;
  } catch (error) {
    if ((error as Error).name !== 'ChainFault') throw error;
    refused = { refusal: 'temporarily-unavailable', detail: (error as Error).message };
  }
  const attempts = row.attempts + 1;
  if (refused !== undefined)
    context.log.warn({ endToEndId, refusal: refused.refusal }, 'a bank entry waits for the chain');
  await context.db
    .updateTable('bank_entry')
    .set({
      state: refused === undefined ? 'done' : 'matched',
      refusal: refused?.refusal ?? null,
      refusal_detail: refused?.detail.slice(0, 500) ?? null,
      attempts,
      next_attempt_at: String(context.clock.nowS() + backoffS(attempts)),
    })
    .where('entry_id', '=', row.entry_id)
    .execute();
}

/** We are the receiver, and say so on the chain. */
async function confirmTransfer(
  context: ProviderContext,
  chain: ClearingChain,
  endToEndId: string,
): Promise<Result<unknown, string>> {
  const { payer, amount_micro } = await context.db
    .selectFrom('netting_transfer')
    .select(['payer', 'amount_micro'])
    .where('end_to_end_id', '=', endToEndId)
    .executeTakeFirstOrThrow();
  const confirmed = await chain.confirmReceipt({
    payer,
    amountMicro: BigInt(amount_micro),
    bankReference: bankReferenceHash(endToEndId),
  });
  if (confirmed.ok) await followChain(context, chain);
  return confirmed;
}

/** Our money has gone: a redemption is paid by that, a transfer waits for its receiver. */
async function noteDebit(
  context: ProviderContext,
  chain: ClearingChain,
  endToEndId: string,
): Promise<Result<unknown, string>> {
  const payment = await context.db
    .updateTable('payment')
    .set({ debited_at: String(context.clock.nowS()) })
    .where('end_to_end_id', '=', endToEndId)
    .returning('redemption_id')
    .executeTakeFirstOrThrow();
  if (payment.redemption_id === null) return accept(null);
  return markRedemptionPaid(context, chain, payment.redemption_id, endToEndId);
}

/** Brings matched entries to the chain that it could not take before. */
export const bankEntriesJob: Job = {
  name: 'bank-entries',
  everyS: (context) => context.config.jobs.clearingEveryS,
  async run(context, signal) {
    if (context.chain === undefined) return;
    const waiting = await context.db
      .selectFrom('bank_entry')
      .selectAll()
      .where('state', '=', 'matched')
      .where('next_attempt_at', '<=', String(context.clock.nowS()))
      .orderBy('received_at')
      .limit(1_000)
      .execute();
    for (const row of waiting) if (!signal.aborted) await bringEntry(context, context.chain, row);
  },
};
