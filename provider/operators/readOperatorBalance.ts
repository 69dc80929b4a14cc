import { sql } from 'kysely';
import type { SignedInOperator } from '../http/ProviderApp.ts';
import { readBalance } from '../ledger/readBalance.ts';
import { safeMicro } from '../ledger/safeMicro.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import type { OperatorBalance } from './OperatorSchemas.ts';

/** All that an operator has earned, from its charge to the bank. */
export async function readOperatorBalance(
  context: Pick<ProviderContext, 'db' | 'chain' | 'config'>,
  operator: Pick<SignedInOperator, 'account' | 'accountKept'>,
): Promise<OperatorBalance> {
  const { db, chain } = context;
  const { account } = operator;
  const [charges, redemptions, payouts, own, earned, claimable, tokens] = await Promise.all([
    sql<{ waiting: string; refused: string }>`
      select coalesce(sum(coalesce(commission_micro, charge_micro)) filter (where state = 'waiting'), 0) as waiting,
        coalesce(sum(coalesce(commission_micro, charge_micro)) filter (where state = 'refused'), 0) as refused
      from charge where operator_account = ${account}
        and operator_provider = ${context.config.providerId} and state in ('waiting', 'refused')`.execute(db),
    sql<{ redeeming: string; redeemed: string }>`
      select coalesce(sum(amount_micro) filter (where state in ('open', 'paying')), 0) as redeeming,
        coalesce(sum(amount_micro) filter (where state = 'paid'), 0) as redeemed
      from redemption where holder = ${account}`.execute(db),
    sql<{ paid: string }>`
      select coalesce(sum(amount_micro), 0) as paid from ledger_line
      join ledger_account as account on account.id = account_id
      join ledger_entry as entry on entry.id = entry_id
      where entry.kind = 'payout' and account.kind = 'operator-own' and owner = ${account}`.execute(db),
    readBalance(db, 'operator-own', account),
    readBalance(db, 'operator-earned', account),
    readBalance(db, 'operator-claimable', account),
    chain?.balanceMicro(account).catch(() => null) ?? null,
  ]);
  return {
    account,
    accountKept: operator.accountKept,
    currency: context.config.currency,
    waitingMicro: safeMicro(charges.rows[0]?.waiting ?? '0'),
    refusedMicro: safeMicro(charges.rows[0]?.refused ?? '0'),
    earnedMicro: safeMicro(-earned),
    claimableMicro: safeMicro(-claimable),
    tokensMicro: tokens === null ? null : safeMicro(tokens),
    redeemingMicro: safeMicro(redemptions.rows[0]?.redeeming ?? '0'),
    redeemedMicro: safeMicro(redemptions.rows[0]?.redeemed ?? '0'),
    ownMicro: safeMicro(-own),
    paidOutMicro: safeMicro(payouts.rows[0]?.paid ?? '0'),
  };
}
