import type { Hex } from '@p2p-power/protocol/Hex';
import { parseSignalContent, type Signal } from '@p2p-power/protocol/Signal';
import type { PriceIndex } from '@p2p-power/tariff/DynamicTerms';
import type { ProviderContext } from '../ProviderContext.ts';

/** A price signal as points are priced by it. */
export interface PriceSignal extends PriceIndex {
  readonly area: string;
  readonly currency: string;
}

/** The price signals of these ids that we keep. */
export async function readPriceSignals(
  { db }: Pick<ProviderContext, 'db'>,
  ids: readonly (Hex | null)[],
): Promise<ReadonlyMap<Hex, PriceSignal>> {
  const wanted = [...new Set(ids)].filter((id): id is Hex => id !== null);
  if (wanted.length === 0) return new Map();
  const rows = await db
    .selectFrom('signal')
    .select(['signal_id', 'area', 'issued_at', 'signed'])
    .where('signal_id', 'in', wanted)
    .where('kind', '=', 'price')
    .execute();
  const found = new Map<Hex, PriceSignal>();
  for (const row of rows) {
    const content = parseSignalContent(JSON.parse((JSON.parse(row.signed) as Signal).contentJson));
    if (content?.kind !== 'price') continue;
    const { currency, firstAt, indexMicro } = content;
    const issuedAt = Number(row.issued_at);
    found.set(row.signal_id, { area: row.area, currency, issuedAt, firstAt, indexMicro });
  }
  return found;
}
