import type { SignalContent } from '@p2p-power/protocol/Signal';
import type { Kysely } from 'kysely';
import type { Database } from '../database/Database.ts';

/** What a source has said of an area's prices: the index by quarter-hour from an instant on, null where it is not known. */
export async function knowIndex(
  db: Kysely<Database>,
  area: string,
  firstAt: number,
  indexMicro: readonly (number | null)[],
): Promise<void> {
  const content: SignalContent = { kind: 'price', currency: 'EUR', firstAt, indexMicro };
  const row = { content: JSON.stringify(content), next_at: '0', source: 'file' };
  await db
    .insertInto('signal_series')
    .values({ kind: 'price', area, ...row })
    .onConflict((conflict) => conflict.columns(['kind', 'area']).doUpdateSet(row))
    .execute();
}
