import type { GridSlot } from '@p2p-power/protocol/Signal';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import type { ProviderContext } from '../ProviderContext.ts';

/** A slot as it comes in. */
type StatedSlot = Omit<GridSlot, 'limitW'> & { readonly limitW?: number | undefined };

export type StateGridRefusal =
  /** The configuration names a source for it. */
  | 'signal-has-a-source'
  /** A slot that ends before it begins, or begins before the one before has ended. */
  | 'slots-out-of-order';

/**
 * Staff states a grid's state and limits by hand; it takes the place of all that was stated before. An empty
 * list states that nothing is known. Stations hear of it when they next ask.
 */
export async function stateGrid(
  { db, config, clock }: Pick<ProviderContext, 'db' | 'config' | 'clock'>,
  area: string,
  slots: readonly StatedSlot[],
): Promise<Result<{ readonly slots: number }, StateGridRefusal>> {
  if (config.signals.some((signal) => signal.kind === 'grid' && signal.area === area))
    return refuse('signal-has-a-source', `the configuration names a source for grid ${area}`);
  let end = 0;
  for (const { from, to } of slots) {
    if (from < 1 || to <= from || from < end)
      return refuse('slots-out-of-order', `${from} to ${to} is not behind ${end} and in order`);
    end = to;
  }
  const now = String(clock.nowS());
  const row = {
    source: 'staff',
    content: JSON.stringify({ kind: 'grid', slots }),
    asked_at: null,
    heard_at: now,
    next_at: now,
    fault: null,
    fault_detail: null,
    faults_in_row: 0,
  };
  await db
    .insertInto('signal_series')
    .values({ kind: 'grid', area, ...row })
    .onConflict((conflict) => conflict.columns(['kind', 'area']).doUpdateSet(row))
    .execute();
  return accept({ slots: slots.length });
}
