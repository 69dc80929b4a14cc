import { accountSigner } from '@p2p-power/chain/accountSigner';
import { fromBytes, type Hex } from '@p2p-power/protocol/Hex';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { sql } from 'kysely';
import type { ClearingChain } from '../clearing/ClearingChain.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { sealAccountKey } from './sealAccountKey.ts';

/** Why an operator is not paid at the account from now on, in order of precedence. */
export type AccountRefusal =
  | 'operator-unknown'
  /** Not signed by the key of that account: a mistyped one would be paid for ever. */
  | 'account-signature-invalid'
  /** Another operator is or was paid there, or a member itself. */
  | 'account-taken';

/** Where an operator wants to be paid: at an account whose key we keep, or at its own. */
export type WantedAccount =
  | { readonly kind: 'kept' }
  | { readonly kind: 'own'; readonly account: Hex; readonly signature: Hex };

/**
 * Has an operator paid at another account from now on. Its stations' certificates name the account, so the
 * change takes effect at each station with its next certificate; what was earned before stays with the former
 * account, and can be claimed and redeemed there. Chosen again, the answer is the same; back to a kept
 * account, it is the one we kept before.
 */
export async function changeAccount(
  context: Pick<ProviderContext, 'db' | 'clock' | 'random' | 'sealingKey' | 'config'>,
  chain: ClearingChain,
  operatorId: string,
  wanted: WantedAccount,
): Promise<Result<null, AccountRefusal>> {
  const { db, clock, random, sealingKey } = context;
  if (wanted.kind === 'own' && !(await chain.isPayoutAccountOf(operatorId, wanted.account, wanted.signature)))
    return refuse('account-signature-invalid', 'not signed by the key of that account');
  return db.transaction().execute(async (trx) => {
    const operator = await trx
      .selectFrom('operator')
      .select(['account', 'account_kept'])
      .where('operator_id', '=', operatorId)
      .forUpdate()
      .executeTakeFirst();
    if (operator === undefined) return refuse('operator-unknown', 'no such operator');
    const kept = wanted.kind === 'kept';
    if (kept && operator.account_kept) return accept(null);
    let account: Hex;
    if (kept) {
      const before = await trx
        .selectFrom('former_account')
        .select('account')
        .where('operator_id', '=', operatorId)
        .where('kept', '=', true)
        .orderBy('until', 'desc')
        .executeTakeFirst();
      const privateKey = fromBytes(random.bytes(32));
      account = before?.account ?? (accountSigner(privateKey).address.toLowerCase() as Hex);
      if (before === undefined)
        await trx
          .insertInto('account_key')
          .values({
            account,
            sealed_key: sealAccountKey(sealingKey, account, privateKey),
            created_at: String(clock.nowS()),
          })
          .execute();
    } else account = wanted.account;
    if (account === operator.account) return accept(null);
    const taken = await sql`
      select from operator_account where account = ${account} and operator_id <> ${operatorId}
      union all select from account_key where account = ${account} and ${!kept}
      union all select from member where account = ${account}`.execute(trx);
    if (taken.rows.length > 0) return refuse('account-taken', 'somebody else is paid at this account');
    await trx.deleteFrom('former_account').where('account', '=', account).execute();
    await trx
      .insertInto('former_account')
      .values({
        account: operator.account,
        operator_id: operatorId,
        kept: operator.account_kept,
        until: String(clock.nowS()),
      })
      .execute();
    await trx
      .updateTable('operator')
      .set({ account, account_kept: kept })
      .where('operator_id', '=', operatorId)
      .execute();
    return accept(null);
  });
}

/** How an operator is paid, and which of its points still name a former account. */
export interface PayoutChoice {
  readonly account: Hex;
  readonly accountKept: boolean;
  readonly former: readonly {
    readonly account: Hex;
    readonly accountKept: boolean;
    readonly until: number;
  }[];
  /** EVSE-IDs whose newest certificate in force names another account: the station renews, or is certified anew. */
  readonly pointsToRenew: readonly string[];
  readonly bankAccount: { readonly ibanEnd: string; readonly changedAt: number } | null;
}

export async function readPayoutChoice(
  { db, clock }: Pick<ProviderContext, 'db' | 'clock'>,
  operatorId: string,
): Promise<PayoutChoice> {
  const accounts = await db
    .selectFrom('operator_account')
    .selectAll()
    .where('operator_id', '=', operatorId)
    .orderBy('until', (order) => order.desc().nullsFirst())
    .execute();
  const [present, ...former] = accounts;
  if (present === undefined) throw new Error('an operator without an account');
  const renew = await sql<{ uid: string }>`
    select uid from (
      select distinct on (uid) uid, operator_account from station_certificate
      where operator_id = ${operatorId} and revoked_at is null and not_after > ${clock.nowS()}
      order by uid, issued_at desc, operator_account = ${present.account} desc
    ) as newest where operator_account <> ${present.account} order by uid`.execute(db);
  const bank = await db
    .selectFrom('operator_bank_account')
    .select(['iban_end', 'changed_at'])
    .where('operator_id', '=', operatorId)
    .executeTakeFirst();
  return {
    account: present.account,
    accountKept: present.kept,
    former: former.map((one) => ({ account: one.account, accountKept: one.kept, until: Number(one.until) })),
    pointsToRenew: renew.rows.map(({ uid }) => uid),
    bankAccount: bank === undefined ? null : { ibanEnd: bank.iban_end, changedAt: Number(bank.changed_at) },
  };
}
