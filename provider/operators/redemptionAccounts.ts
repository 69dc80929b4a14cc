import type { Hex } from '@p2p-power/protocol/Hex';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { type BankAccountRefusal, ibanEnd, parseBankAccount } from '../bank/BankAccount.ts';
import { openBankAccount, sealBankAccount } from '../bank/sealBankAccount.ts';
import type { ClearingChain } from '../clearing/ClearingChain.ts';
import { followChain } from '../clearing/followChain.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { peerFetch, peerJson } from '../peers/peerFetch.ts';

/** Why it is not noted where a redemption shall be paid, in order of precedence. */
export type RedemptionAccountRefusal =
  | 'redemption-unknown'
  | 'redemption-closed'
  | 'account-signature-invalid'
  | BankAccountRefusal
  /** Its payment is in a file for the bank already. */
  | 'payment-under-way';

/**
 * Notes where the money of a redemption that asks us shall go. Whoever tells it, the holder of the tokens has
 * signed it: that is how we know operators of other providers.
 */
export async function takeRedemptionAccount(
  context: ProviderContext,
  chain: ClearingChain,
  redemptionId: Hex,
  told: {
    readonly name: string;
    readonly iban: string;
    readonly bic?: string | undefined;
    readonly signature: Hex;
  },
): Promise<Result<{ readonly ibanEnd: string }, RedemptionAccountRefusal>> {
  const { db, config, clock, sealingKey } = context;
  const find = () =>
    db
      .selectFrom('redemption')
      .leftJoin('payment', 'payment.redemption_id', 'redemption.redemption_id')
      .select(['holder', 'state', 'payment.message_id'])
      .where('redemption.redemption_id', '=', redemptionId)
      .where('provider', '=', config.providerId)
      .executeTakeFirst();
  let redemption = await find();
  if (redemption === undefined && mayFollow(context)) {
    await followChain(context, chain);
    redemption = await find();
  }
  if (redemption === undefined) return refuse('redemption-unknown', 'the chain knows none of this id for us');
  if (redemption.state !== 'open' && redemption.state !== 'paying')
    return refuse('redemption-closed', `the redemption is ${redemption.state}`);
  const { name, iban, bic, signature } = told;
  const signed = { redemptionId, provider: config.providerId, name, iban };
  if (!(await chain.isRedemptionAccountOf(signed, signature, redemption.holder)))
    return refuse('account-signature-invalid', 'not signed by the holder of the tokens');
  const account = parseBankAccount({ name, iban, bic });
  if (!account.ok) return account;
  if (redemption.message_id !== null)
    return refuse('payment-under-way', 'its payment is in a file for the bank');
  const row = {
    sealed: sealBankAccount(sealingKey, redemptionId, account.value),
    iban_end: ibanEnd(account.value.iban),
    received_at: String(clock.nowS()),
    signature,
    sent_at: String(clock.nowS()),
  };
  await db
    .insertInto('redemption_bank_account')
    .values({ redemption_id: redemptionId, ...row })
    .onConflict((conflict) => conflict.column('redemption_id').doUpdateSet(row))
    .execute();
  return accept({ ibanEnd: row.iban_end });
}

/** Anybody may ask about any id: the chain is asked no more often than this for it, in seconds. */
const followEveryS = 2;
const lastFollowed = new WeakMap<ProviderContext, number>();

function mayFollow(context: ProviderContext): boolean {
  const now = context.clock.nowS();
  if (now - (lastFollowed.get(context) ?? 0) < followEveryS) return false;
  lastFollowed.set(context, now);
  return true;
}

/** Tells other providers where to pay what our operators ask of them. Who cannot be reached is told later. */
export async function tellAccounts(context: ProviderContext, signal?: AbortSignal): Promise<void> {
  const { db, config, clock, sealingKey, log } = context;
  const waiting = await db
    .selectFrom('redemption_bank_account as told')
    .innerJoin('redemption', 'redemption.redemption_id', 'told.redemption_id')
    .select(['told.redemption_id', 'told.sealed', 'told.signature', 'redemption.provider'])
    .where('told.sent_at', 'is', null)
    .where('redemption.provider', '<>', config.providerId)
    .where('redemption.state', 'in', ['open', 'paying'])
    .execute();
  for (const { redemption_id: id, sealed, signature, provider } of waiting) {
    if (signal?.aborted) return;
    const body = JSON.stringify({ ...openBankAccount(sealingKey, id, sealed), signature });
    try {
      const answer = await peerFetch(context, provider, `/redemptions/${id}/account`, {
        method: 'PUT',
        body,
      });
      await peerJson(answer, provider);
    } catch (error) {
      if ((error as Error).name !== 'PeerFault') throw error;
      log.warn({ provider, error: (error as Error).message }, 'a provider waits to be told where to pay');
      continue;
    }
    await db
      .updateTable('redemption_bank_account')
      .set({ sent_at: String(clock.nowS()) })
      .where('redemption_id', '=', id)
      .execute();
  }
}
