import type { Hex } from '@p2p-power/protocol/Hex';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import type { ProviderContext } from '../ProviderContext.ts';

/**
 * Puts a charge that its driver's provider refused back into the outbox, because the reason is gone.
 * The peer judges it anew.
 */
export async function handOverAgain(
  context: Pick<ProviderContext, 'db' | 'clock'>,
  cdrId: Hex,
): Promise<Result<{ readonly state: 'waiting' }, 'charge-unknown' | 'charge-not-refused'>> {
  return context.db.transaction().execute(async (trx) => {
    const charge = await trx
      .selectFrom('charge')
      .select(['state', 'driver_provider'])
      .where('cdr_id', '=', cdrId)
      .forUpdate()
      .executeTakeFirst();
    if (charge === undefined) return refuse('charge-unknown', 'no such charge');
    if (charge.state === 'waiting') return accept({ state: 'waiting' });
    if (charge.state !== 'refused') return refuse('charge-not-refused', `the charge is ${charge.state}`);
    await trx
      .updateTable('charge')
      .set({ state: 'waiting', refusal: null, refusal_detail: null })
      .where('cdr_id', '=', cdrId)
      .execute();
    await trx
      .insertInto('outbox')
      .values({
        cdr_id: cdrId,
        peer: charge.driver_provider,
        attempts: 0,
        next_attempt_at: String(context.clock.nowS()),
        last_error: null,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return accept({ state: 'waiting' });
  });
}
