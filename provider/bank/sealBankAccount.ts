import { openBytes, type SealingKey, sealBytes } from '../keys/sealBytes.ts';
import type { BankAccount } from './BankAccount.ts';

/** Seals somebody's bank account for the database; `owner` is an operator's or a redemption's id. */
export function sealBankAccount(sealingKey: SealingKey, owner: string, account: BankAccount): string {
  return sealBytes(sealingKey, 'bank-account', owner, new TextEncoder().encode(JSON.stringify(account)));
}

/** The account again; throws where it was sealed for another owner or with another key. */
export function openBankAccount(sealingKey: SealingKey, owner: string, sealed: string): BankAccount {
  return JSON.parse(new TextDecoder().decode(openBytes(sealingKey, 'bank-account', owner, sealed)));
}
