import type { Hex } from '@p2p-power/protocol/Hex';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { sql } from 'kysely';
import { bankReferenceHash } from '../bank/bankReference.ts';
import { bookEntries } from '../ledger/bookEntries.ts';
import { payoutEntry } from '../ledger/makeEntries.ts';
import { readBalance } from '../ledger/readBalance.ts';
import { safeMicro } from '../ledger/safeMicro.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import type { Payout } from './OperatorSchemas.ts';

/** Why a payout is not booked, in order of precedence. */
export type PayoutRefusal = 'operator-unknown' | 'bank-reference-used' | 'payout-over-balance';

/**
 * Books a bank transfer to an operator for its earnings from our own drivers, which never touch the
 * chain. Booked again with the same bank reference and amount the answer is the same.
 */
export async function payOut(
  context: Pick<ProviderContext, 'db' | 'clock'>,
  payout: { readonly operatorId: string; readonly amountMicro: number; readonly bankReference: string },
): Promise<Result<Payout, PayoutRefusal>> {
  const { operatorId, amountMicro, bankReference } = payout;
  return context.db.transaction().execute(async (trx) => {
    const operator = await trx
      .selectFrom('operator')
      .select('account')
      .where('operator_id', '=', operatorId)
      .forUpdate()
      .executeTakeFirst();
    if (operator === undefined) return refuse('operator-unknown', 'no such operator');
    const account: Hex = operator.account;
    const ownMicro = -(await readBalance(trx, 'operator-own', account));
    const earlier = await sql<{ amount_micro: string; owner: string }>`
      select amount_micro, owner from ledger_line
      join ledger_account as account on account.id = account_id and account.kind = 'operator-own'
      join ledger_entry as entry on entry.id = entry_id
      where entry.kind = 'payout' and reference = ${bankReference}`.execute(trx);
    const [booked] = earlier.rows;
    if (booked !== undefined)
      return booked.owner === account && Number(booked.amount_micro) === amountMicro
        ? accept({ operatorId, amountMicro, bankReference, ownMicro: safeMicro(ownMicro) })
        : refuse('bank-reference-used', 'this transfer paid for something else');
    const redeemed = await trx
      .selectFrom('redemption')
      .select('redemption_id')
      .where('bank_reference', 'in', [bankReference, bankReferenceHash(bankReference)])
      .executeTakeFirst();
    if (redeemed !== undefined) return refuse('bank-reference-used', 'this transfer paid for something else');
    if (BigInt(amountMicro) > ownMicro)
      return refuse('payout-over-balance', `${safeMicro(ownMicro)} micro-units are owed`);
    await bookEntries(trx, [
      payoutEntry({ account, amountMicro: BigInt(amountMicro), bankReference }, context.clock.nowS()),
    ]);
    return accept({
      operatorId,
      amountMicro,
      bankReference,
      ownMicro: safeMicro(ownMicro - BigInt(amountMicro)),
    });
  });
}
