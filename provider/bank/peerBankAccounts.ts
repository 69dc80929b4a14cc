import { isRecord } from '@p2p-power/protocol/SignedObject';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { sql } from 'kysely';
import type { ProviderContext } from '../ProviderContext.ts';
import { peerFetch, peerJson } from '../peers/peerFetch.ts';
import { type BankAccount, type BankAccountRefusal, parseBankAccount, parseIban } from './BankAccount.ts';

/** A member's settlement account as it publishes it, and whether our staff has confirmed it. */
export interface PeerBankAccount extends BankAccount {
  readonly providerId: string;
  /** Epoch seconds. */
  readonly readAt: number;
  readonly isConfirmed: boolean;
}

/**
 * Asks a peer for its settlement account and notes it. An account that has changed is not confirmed any more:
 * nothing is paid to it before the staff has asked back. Answers the refusal of what is no account;
 * throws `PeerFault` where the peer cannot be asked.
 */
export async function readPeerBankAccount(
  context: ProviderContext,
  peer: string,
): Promise<Result<BankAccount, BankAccountRefusal>> {
  const answer = await peerJson(await peerFetch(context, peer, '/peer/bank-account'), peer);
  const { name, iban, bic } = isRecord(answer) ? answer : {};
  const parsed = parseBankAccount({
    name: typeof name === 'string' ? name : '',
    iban: typeof iban === 'string' ? iban : '',
    bic: typeof bic === 'string' ? bic : undefined,
  });
  if (!parsed.ok) return parsed;
  const known = await context.db
    .selectFrom('peer_bank_account')
    .select('iban')
    .where('provider_id', '=', peer)
    .executeTakeFirst();
  if (known !== undefined && known.iban !== parsed.value.iban)
    context.log.warn({ peer }, 'a peer publishes another bank account than before: confirm it with the peer');
  const row = {
    name: parsed.value.name,
    iban: parsed.value.iban,
    bic: parsed.value.bic ?? null,
    read_at: String(context.clock.nowS()),
  };
  await context.db
    .insertInto('peer_bank_account')
    .values({ provider_id: peer, ...row, confirmed_iban: null })
    .onConflict((conflict) => conflict.column('provider_id').doUpdateSet(row))
    .execute();
  return parsed;
}

/** All members' accounts as last read. */
export async function listPeerBankAccounts(
  context: Pick<ProviderContext, 'db'>,
): Promise<readonly PeerBankAccount[]> {
  const rows = await context.db.selectFrom('peer_bank_account').selectAll().orderBy('provider_id').execute();
  return rows.map((row) => ({
    providerId: row.provider_id,
    name: row.name,
    iban: row.iban,
    ...(row.bic !== null && { bic: row.bic }),
    readAt: Number(row.read_at),
    isConfirmed: row.confirmed_iban === row.iban,
  }));
}

/** The staff has asked back, by another way than ours, and says which account it heard. */
export async function confirmPeerBankAccount(
  context: ProviderContext,
  peer: string,
  ibanText: string,
): Promise<Result<PeerBankAccount, 'iban-invalid' | 'bank-account-unknown' | 'bank-account-differs'>> {
  const iban = parseIban(ibanText);
  if (!iban.ok) return iban;
  const updated = await sql<{ iban: string }>`
    update peer_bank_account
    set confirmed_iban = case when iban = ${iban.value} then iban else confirmed_iban end
    where provider_id = ${peer} returning iban`.execute(context.db);
  const [row] = updated.rows;
  if (row === undefined) return refuse('bank-account-unknown', `${peer} has not told its account yet`);
  if (row.iban !== iban.value) return refuse('bank-account-differs', `${peer} publishes another account`);
  const accounts = await listPeerBankAccounts(context);
  return accept(accounts.find(({ providerId }) => providerId === peer) as PeerBankAccount);
}
