import { printDateTime } from '@p2p-power/tariff/readJson';
import { z } from 'zod';
import type { ProviderContext } from '../ProviderContext.ts';
import { peerFetch, peerJson } from '../peers/peerFetch.ts';
import { storePeerLocations } from './storePeerLocations.ts';

const envelope = z.looseObject({ data: z.array(z.unknown()), status_code: z.int() });

const pageSize = 100;
const mostPages = 10_000;
/** The next question overlaps the last by this much: clocks differ. */
const overlapS = 120;

/**
 * Pulls what changed of a peer's locations since the last time, page by page (OCPI 2.2.1, transport and
 * format, pagination). Throws where the peer cannot be asked; what was pulled until then is kept, and
 * the next run begins where the last whole one did.
 */
export async function pullLocations(
  context: ProviderContext,
  peer: string,
  signal: AbortSignal,
): Promise<{ readonly taken: number; readonly refused: number }> {
  const { db, clock, log } = context;
  const began = clock.nowS();
  const state = await db
    .selectFrom('peer_state')
    .select('locations_date_from')
    .where('provider_id', '=', peer)
    .executeTakeFirst();
  const dateFrom = state?.locations_date_from;
  let taken = 0;
  let refused = 0;
  for (let page = 0; page < mostPages && !signal.aborted; page++) {
    const query = new URLSearchParams({ offset: String(page * pageSize), limit: String(pageSize) });
    if (dateFrom != null) query.set('date_from', printDateTime(Number(dateFrom)));
    const response = await peerFetch(context, peer, `/peer/locations?${query}`, { signal });
    const parsed = envelope.safeParse(await peerJson(response, peer));
    if (!parsed.success || parsed.data.status_code !== 1000)
      throw new Error(`${peer} answers no OCPI list of locations`);
    const stored = await storePeerLocations(db, peer, parsed.data.data, began);
    taken += stored.taken;
    refused += stored.refused.length;
    if (stored.refused.length > 0) log.warn({ peer, refused: stored.refused }, 'locations of a peer refused');
    const isLast = parsed.data.data.length === 0 || !/rel="?next"?/.test(response.headers.get('link') ?? '');
    if (isLast) {
      const next = String(Math.max(1, began - overlapS));
      await db
        .insertInto('peer_state')
        .values({
          provider_id: peer,
          trust_list_issued_at: null,
          locations_date_from: next,
          last_error: null,
        })
        .onConflict((conflict) => conflict.column('provider_id').doUpdateSet({ locations_date_from: next }))
        .execute();
      break;
    }
  }
  return { taken, refused };
}
