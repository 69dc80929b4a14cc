import type { ClearingChain } from '../clearing/ClearingChain.ts';
import type { ProviderContext } from '../ProviderContext.ts';

/** After so long an unpaid redemption is overdue; `REDEMPTION_PERIOD` of the token. */
export const redemptionPeriodS = 10 * 86_400;

/** Notes of each redemption that waits for money when the chain will show it as overdue. */
export async function noteDueTimes(context: ProviderContext, chain: ClearingChain): Promise<void> {
  const unknown = await context.db
    .selectFrom('redemption')
    .select('redemption_id')
    .where('state', 'in', ['open', 'paying'])
    .where('due_at', 'is', null)
    .limit(1_000)
    .execute();
  for (const { redemption_id: id } of unknown) {
    const requestedAt = await chain.redemptionRequestedAt(id);
    if (requestedAt === null) continue;
    await context.db
      .updateTable('redemption')
      .set({ due_at: String(requestedAt + redemptionPeriodS) })
      .where('redemption_id', '=', id)
      .execute();
  }
}

/** What was said of each redemption, so that a change is logged and not every look. */
const warned = new WeakMap<ProviderContext, Map<string, string>>();

/** Warns of redemptions that we must pay and that are due soon, and again when they are overdue. Answers how many are each. */
export async function warnOfDue(
  context: ProviderContext,
): Promise<{ readonly dueSoon: number; readonly overdue: number }> {
  const { db, config, clock, log } = context;
  const now = clock.nowS();
  const rows = await db
    .selectFrom('redemption')
    .select(['redemption_id', 'amount_micro', 'due_at'])
    .where('provider', '=', config.providerId)
    .where('state', '=', 'open')
    .where('due_at', '<', String(now + config.redemptionWarningS))
    .orderBy('due_at')
    .execute();
  const said = warned.get(context) ?? new Map<string, string>();
  const says = new Map<string, string>();
  for (const { redemption_id: redemptionId, amount_micro: amountMicro, due_at } of rows) {
    const what = now > Number(due_at) ? 'overdue' : 'due soon';
    says.set(redemptionId, what);
    if (said.get(redemptionId) !== what)
      log.warn({ redemptionId, amountMicro, dueAt: Number(due_at) }, `a redemption is ${what}`);
  }
  warned.set(context, says);
  const all = [...says.values()];
  const overdue = all.filter((what) => what === 'overdue').length;
  return { dueSoon: all.length - overdue, overdue };
}
