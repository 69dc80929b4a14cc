import { accept, type Result } from '@p2p-power/tariff/Result';
import { type BankAccount, type BankAccountRefusal, ibanEnd, parseBankAccount } from '../bank/BankAccount.ts';
import { openBankAccount, sealBankAccount } from '../bank/sealBankAccount.ts';
import type { ProviderContext } from '../ProviderContext.ts';

/** Notes where an operator is paid in money. Redemptions whose payment is in a file already are not changed. */
export async function putOperatorBankAccount(
  { db, clock, sealingKey }: Pick<ProviderContext, 'db' | 'clock' | 'sealingKey'>,
  operatorId: string,
  account: { readonly name: string; readonly iban: string; readonly bic?: string | undefined },
): Promise<Result<{ readonly ibanEnd: string; readonly changedAt: number }, BankAccountRefusal>> {
  const parsed = parseBankAccount(account);
  if (!parsed.ok) return parsed;
  const row = {
    sealed: sealBankAccount(sealingKey, operatorId, parsed.value),
    iban_end: ibanEnd(parsed.value.iban),
    changed_at: String(clock.nowS()),
  };
  await db
    .insertInto('operator_bank_account')
    .values({ operator_id: operatorId, ...row })
    .onConflict((conflict) => conflict.column('operator_id').doUpdateSet(row))
    .execute();
  return accept({ ibanEnd: row.iban_end, changedAt: clock.nowS() });
}

/** An operator's bank account; undefined where it has named none. */
export async function readOperatorBankAccount(
  { db, sealingKey }: Pick<ProviderContext, 'db' | 'sealingKey'>,
  operatorId: string,
): Promise<BankAccount | undefined> {
  const row = await db
    .selectFrom('operator_bank_account')
    .select('sealed')
    .where('operator_id', '=', operatorId)
    .executeTakeFirst();
  return row && openBankAccount(sealingKey, operatorId, row.sealed);
}
