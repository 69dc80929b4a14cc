import type { Hex } from '@p2p-power/protocol/Hex';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { sql } from 'kysely';
import { bankReferenceHash } from '../bank/bankReference.ts';
import { bookEntries } from '../ledger/bookEntries.ts';
import { payoutEntry } from '../ledger/makeEntries.ts';
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
      .select('operator_id')
      .where('operator_id', '=', operatorId)
      .forUpdate()
      .executeTakeFirst();
    if (operator === undefined) return refuse('operator-unknown', 'no such operator');
    const { rows: accounts } = await sql<{ account: Hex; own_micro: string }>`
      select account, coalesce(-balance_micro, 0) as own_micro from operator_account
      left join ledger_balance on kind = 'operator-own' and owner = account
      where operator_id = ${operatorId} order by until nulls last, account`.execute(trx);
    const ownMicro = accounts.reduce((sum, row) => sum + BigInt(row.own_micro), 0n);
    const { rows: booked } = await sql<{ amount_micro: string; owner: Hex }>`
      select amount_micro, owner from ledger_line
      join ledger_account as account on account.id = account_id and account.kind = 'operator-own'
      join ledger_entry as entry on entry.id = entry_id
      where entry.kind = 'payout' and reference = ${bankReference}`.execute(trx);
    if (booked.length > 0) {
      const isOurs = booked.every(({ owner }) => accounts.some(({ account }) => account === owner));
      const paidMicro = booked.reduce((sum, row) => sum + BigInt(row.amount_micro), 0n);
      return isOurs && paidMicro === BigInt(amountMicro)
        ? accept({ operatorId, amountMicro, bankReference, ownMicro: safeMicro(ownMicro) })
        : refuse('bank-reference-used', 'this transfer paid for something else');
    }
    const redeemed = await trx
      .selectFrom('redemption')
      .select('redemption_id')
      .where('bank_reference', 'in', [bankReference, bankReferenceHash(bankReference)])
      .executeTakeFirst();
    if (redeemed !== undefined) return refuse('bank-reference-used', 'this transfer paid for something else');
    if (BigInt(amountMicro) > ownMicro)
      return refuse('payout-over-balance', `${safeMicro(ownMicro)} micro-units are owed`);
    // Former accounts first: what is owed there does not grow any more.
    let leftMicro = BigInt(amountMicro);
    const parts: { account: Hex; amountMicro: bigint }[] = [];
    for (const { account, own_micro } of accounts) {
      const partMicro = BigInt(own_micro) < leftMicro ? BigInt(own_micro) : leftMicro;
      if (partMicro <= 0n) continue;
      parts.push({ account, amountMicro: partMicro });
      leftMicro -= partMicro;
    }
    await bookEntries(trx, [payoutEntry({ parts, bankReference }, context.clock.nowS())]);
    return accept({
      operatorId,
      amountMicro,
      bankReference,
      ownMicro: safeMicro(ownMicro - BigInt(amountMicro)),
    });
  });
}
