import type { ChainCursor, ChainEvent, EventPage } from '@p2p-power/chain/followEvents';
import { decodeMemberId } from '@p2p-power/chain/MemberId';
import type { Hex } from '@p2p-power/protocol/Hex';
import { sql, type Transaction } from 'kysely';
import type { Database } from '../database/Database.ts';
import { retryDeadlock } from '../database/retryDeadlock.ts';
import { applyClaimEvent, rollBackClaims } from '../disputes/followClaims.ts';
import { bookEntries, type Entry } from '../ledger/bookEntries.ts';
import {
  claimEntry,
  creditorSettlementEntry,
  debtorSettlementEntry,
  receiptEntry,
  redemptionEntry,
  roundingEntry,
} from '../ledger/makeEntries.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { noteProposal } from '../peers/noteProposal.ts';
import { restoreBatch } from './abandonBatch.ts';
import type { ClearingChain } from './ClearingChain.ts';

/**
 * Reads what happened on the chain since the stored cursor, page by page until there is nothing new,
 * and books it: settlements, claims, redemptions, receipts. A page and the cursor after it are written
 * in one transaction, and what an entry books is named by what happened, not by where it stood in the
 * chain: events read twice, or again after a reorganisation, are booked once.
 */
export async function followChain(
  context: ProviderContext,
  chain: ClearingChain,
  signal?: AbortSignal,
): Promise<void> {
  while (!signal?.aborted) {
    const stored = await context.db.selectFrom('chain_cursor').select('cursor').executeTakeFirst();
    const cursor: ChainCursor | null = stored === undefined ? null : JSON.parse(stored.cursor);
    const page = await chain.eventsSince(cursor);
    const after = JSON.stringify(page.cursor);
    if (after === (stored?.cursor ?? '[]') && page.rolledBackTo === null) return;
    await retryDeadlock(() =>
      context.db.transaction().execute((trx) => applyPage(trx, context, chain, page, stored?.cursor, after)),
    );
  }
}

async function applyPage(
  trx: Transaction<Database>,
  context: ProviderContext,
  chain: ClearingChain,
  page: EventPage,
  before: string | undefined,
  after: string,
): Promise<void> {
  await trx
    .insertInto('chain_cursor')
    .values({ id: 1, cursor: '[]' })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const held = await trx.selectFrom('chain_cursor').select('cursor').forUpdate().executeTakeFirstOrThrow();
  // Another process has been here meanwhile.
  if (held.cursor !== (before ?? '[]')) return;
  if (page.rolledBackTo !== null) {
    context.log.warn({ rolledBackTo: page.rolledBackTo }, 'blocks are no longer the chain’s');
    await rollBackBatches(trx, context.config.providerId, page.rolledBackTo);
    await rollBackClaims(trx, page.rolledBackTo);
    await trx.deleteFrom('chain_receipt').where('block_number', '>', String(page.rolledBackTo)).execute();
  }
  const entries: Entry[] = [];
  for (const event of page.events) {
    entries.push(...(await applyClaimEvent(trx, context, event)));
    const entry = await applyEvent(trx, context, chain, event);
    if (entry !== undefined) entries.push(entry);
  }
  await bookEntries(trx, entries);
  await trx.updateTable('chain_cursor').set({ cursor: after }).execute();
}

/**
 * Batches settled in blocks above `blockNumber` are on their way again: as creditor we bring them, as debtor we have
 * signed them. Where the debtor brought one to the chain, we may not have its signature, and ask for it again.
 */
async function rollBackBatches(trx: Transaction<Database>, me: string, blockNumber: number): Promise<void> {
  await sql`update batch set block_number = null, next_attempt_at = 0, state = case
      when creditor <> ${me} then 'countersigned' when debtor_signature is null then 'built' else 'submitted' end
    where state = 'settled' and block_number > ${blockNumber}::bigint`.execute(trx);
}

const lower = (hex: string) => hex.toLowerCase() as Hex;

/** Notes what an event says of batches and redemptions, and answers what is to be booked for it. */
async function applyEvent(
  trx: Transaction<Database>,
  context: ProviderContext,
  chain: ClearingChain,
  event: ChainEvent,
): Promise<Entry | undefined> {
  const me = context.config.providerId;
  const now = context.clock.nowS();
  switch (event.name) {
    case 'BatchSettled': {
      const { channelId, batch, sequence, batchHash } = event.args;
      const [debtor, creditor] = [decodeMemberId(batch.debtor), decodeMemberId(batch.creditor)];
      if (debtor !== me && creditor !== me) return undefined;
      if (creditor === me) await restoreBatch(trx, lower(batchHash));
      const settled = await trx
        .updateTable('batch')
        .set({
          state: 'settled',
          tx_hash: event.txHash,
          block_number: String(event.blockNumber),
          refusal: null,
          refusal_detail: null,
        })
        .where('channel_id', '=', lower(channelId))
        .where('sequence', '=', String(sequence))
        .where('batch_hash', '=', lower(batchHash))
        .returning(['sequence', 'fee_to'])
        .executeTakeFirst();
      if (settled === undefined)
        context.log.error(
          { debtor, creditor, sequence: String(sequence) },
          'a batch was settled that is not in our books',
        );
      const booked = {
        channelId: lower(channelId),
        sequence,
        debtor,
        creditor,
        totalMicro: batch.totalMicro,
        feeMicro: batch.feeMicro,
        feeTo: settled?.fee_to ?? 'creditor',
        shares: [],
      };
      if (debtor === me) return debtorSettlementEntry(booked, now);
      const shares = await operatorShares(trx, lower(channelId), String(sequence), chain.account);
      return creditorSettlementEntry({ ...booked, shares }, now);
    }
    case 'Claimed': {
      const { channelId, account, paidMicro, claimedMicro } = event.args;
      const channel = await trx
        .selectFrom('batch')
        .select('debtor')
        .where('channel_id', '=', lower(channelId))
        .where('creditor', '=', me)
        .limit(1)
        .executeTakeFirst();
      if (channel === undefined) return undefined;
      return claimEntry(
        {
          channelId: lower(channelId),
          debtor: channel.debtor,
          account: lower(account),
          isOurs: lower(account) === chain.account,
          paidMicro,
          claimedMicro,
        },
        now,
      );
    }
    case 'RedemptionRequested': {
      const { redemptionId, holder, provider, amountMicro } = event.args;
      if (decodeMemberId(provider) !== me) {
        // One of our operators asks another provider.
        await trx
          .updateTable('redemption')
          .set({ state: 'open', refusal: null })
          .where('redemption_id', '=', lower(redemptionId))
          .where('state', 'in', ['requesting', 'refused'])
          .execute();
        return undefined;
      }
      await trx
        .insertInto('redemption')
        .values({
          redemption_id: lower(redemptionId),
          holder: lower(holder),
          provider: me,
          amount_micro: String(amountMicro),
          state: 'open',
          chain_reference: null,
          bank_reference: null,
          refusal: null,
          requested_at: String(now),
          closed_at: null,
        })
        .onConflict((conflict) =>
          conflict
            .column('redemption_id')
            .doUpdateSet({ state: 'open', refusal: null })
            .where('redemption.state', 'in', ['requesting', 'refused']),
        )
        .execute();
      return undefined;
    }
    case 'PaymentBegun':
      await setRedemption(trx, event.args.redemptionId, 'paying', null);
      return undefined;
    case 'RedemptionCancelled':
      await setRedemption(trx, event.args.redemptionId, 'cancelled', now);
      return undefined;
    case 'RedemptionPaid': {
      const { redemptionId, provider, amountMicro } = event.args;
      await setRedemption(trx, redemptionId, 'paid', now);
      if (decodeMemberId(provider) !== me) return undefined;
      const payment = await trx
        .selectFrom('payment')
        .select('amount_micro')
        .where('redemption_id', '=', lower(redemptionId))
        .executeTakeFirst();
      const beyondMicro = payment === undefined ? 0n : BigInt(payment.amount_micro) - amountMicro;
      if (beyondMicro > 0n) await bookEntries(trx, [roundingEntry(lower(redemptionId), beyondMicro, now)]);
      return redemptionEntry(lower(redemptionId), amountMicro, now);
    }
    case 'ReceiptConfirmed': {
      const { receiver, payer, amountMicro, bankReference } = event.args;
      const [to, from] = [decodeMemberId(receiver), decodeMemberId(payer)];
      await trx
        .insertInto('chain_receipt')
        .values({
          receiver: to,
          bank_reference: lower(bankReference),
          payer: from,
          amount_micro: String(amountMicro),
          tx_hash: event.txHash,
          block_number: String(event.blockNumber),
          seen_at: String(now),
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      if (to !== me && from !== me) return undefined;
      const received = to === me;
      return receiptEntry({ receiver: to, bankReference: lower(bankReference), amountMicro, received }, now);
    }
    case 'AgreementProposed': {
      const [proposer, other] = [decodeMemberId(event.args.proposer), decodeMemberId(event.args.other)];
      if (proposer === me || other === me)
        await noteProposal(trx, lower(event.args.agreementId), proposer === me ? other : proposer);
      return undefined;
    }
    case 'AgreementAccepted':
    case 'NoticeGiven':
      // Read anew at the next question.
      await trx.deleteFrom('peer_agreement').execute();
      return undefined;
    default:
      return undefined;
  }
}

async function setRedemption(
  trx: Transaction<Database>,
  redemptionId: string,
  state: 'paying' | 'paid' | 'cancelled',
  closedAt: number | null,
): Promise<void> {
  await trx
    .updateTable('redemption')
    .set({ state, closed_at: closedAt === null ? null : String(closedAt), refusal: null })
    .where('redemption_id', '=', lower(redemptionId))
    .execute();
}

/** What a batch brings to operators; our own account, which is paid for our drivers' discharge, is none. */
async function operatorShares(
  trx: Transaction<Database>,
  channelId: Hex,
  sequence: string,
  ownAccount: Hex,
): Promise<readonly { account: string; grossMicro: bigint; payoutMicro: bigint; shortMicro: bigint }[]> {
  const rows = await trx
    .selectFrom('batch_payout')
    .selectAll()
    .where('channel_id', '=', channelId)
    .where('sequence', '=', sequence)
    .where('account', '<>', ownAccount)
    .orderBy('account')
    .execute();
  return rows.map((row) => ({
    account: row.account,
    grossMicro: BigInt(row.gross_micro),
    payoutMicro: BigInt(row.payout_micro),
    shortMicro: BigInt(row.short_micro),
  }));
}
