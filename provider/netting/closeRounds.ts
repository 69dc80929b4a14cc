import type { Hex } from '@p2p-power/protocol/Hex';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { sql } from 'kysely';
import type { ProviderContext } from '../ProviderContext.ts';
import { isUnderWay } from './openRound.ts';

/** Why a round is not closed by hand, in order of precedence. */
export type CloseRefusal = 'round-unknown' | 'transfer-under-way';

/** Closes the open round where the chain has all of its transfers confirmed. */
export async function closeSettledRounds(context: Pick<ProviderContext, 'db' | 'clock'>): Promise<void> {
  await sql`
    update netting_round set state = 'closed', closed_at = ${context.clock.nowS()}
    where state = 'open' and not exists (
      select from netting_transfer as transfer
      where transfer.round_id = netting_round.round_id and not exists (
        select from chain_receipt as receipt
        where receipt.receiver = transfer.receiver and receipt.bank_reference = transfer.bank_reference))`.execute(
    context.db,
  );
}

/**
 * The staff gives up what is left of a round. What a receiver confirms later still counts: it is matched by
 * its reference. Refused while one of our own transfers is on its way.
 */
export async function closeRound(
  context: Pick<ProviderContext, 'db' | 'clock'>,
  roundId: Hex,
): Promise<Result<null, CloseRefusal>> {
  return context.db.transaction().execute(async (trx) => {
    const round = await trx
      .selectFrom('netting_round')
      .select('state')
      .where('round_id', '=', roundId)
      .forUpdate()
      .executeTakeFirst();
    if (round === undefined) return refuse('round-unknown', 'no such round');
    if (round.state !== 'open') return accept(null);
    if (await isUnderWay(trx, roundId))
      return refuse('transfer-under-way', 'a transfer of ours is in a file and not confirmed');
    await trx
      .updateTable('netting_round')
      .set({ state: 'closed', closed_at: String(context.clock.nowS()) })
      .where('round_id', '=', roundId)
      .execute();
    return accept(null);
  });
}
