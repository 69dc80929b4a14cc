import { openSignal } from '@p2p-power/protocol/Signal';
import { sql } from 'kysely';
import type { ProviderContext } from '../ProviderContext.ts';
import { peerFetch, peerJson } from '../peers/peerFetch.ts';
import { readDynamicTerms } from '../points/readDynamicTerms.ts';
import type { Member } from '../trust/refreshMembers.ts';

/** Most signals that one peer's points may name at a time. */
const mostSignals = 200;

/**
 * Fetches the price signals by which a peer's points on our map are priced, each once: those that its stations hold by
 * what the peer says. Only what a certificate key of the peer signed counts. Throws where the peer cannot be asked.
 */
export async function pullSignals(
  context: ProviderContext,
  { providerId: peer, keys }: Member,
  signal: AbortSignal,
): Promise<{ readonly taken: number }> {
  const { db, clock, networkId, verifier, log } = context;
  const wanted = await sql<{ id: string; terms: unknown }>`
    select distinct on (id) id, dynamic_terms as terms
    from evse, unnest(array_append(given_signal_ids, taken_signal_id)) as id
    where provider_id = ${peer} and removed_at is null and live and dynamic_terms is not null and id is not null
      and not exists (select 1 from signal s where s.signal_id = id)
    limit ${mostSignals}`.execute(db);
  if (wanted.rows.length === 0) return { taken: 0 };
  const now = clock.nowS();
  const issuerKeys = keys
    .filter(({ retiredAt }) => retiredAt === 0 || now < retiredAt)
    .map(({ publicKey }) => publicKey);
  let taken = 0;
  for (const { id, terms } of wanted.rows) {
    const area = readDynamicTerms(terms)?.area;
    if (area === undefined || signal.aborted) continue;
    const path = `/signals/price/${encodeURIComponent(area)}?id=${id}`;
    const response = await peerFetch(context, peer, path, { signal });
    if (response.status === 404) {
      await response.body?.cancel();
      continue;
    }
    const json = await peerJson(response, peer);
    const opened = await openSignal(json, { networkId, issuerId: peer, issuerKeys }, verifier);
    if (!opened.ok || opened.value.id !== id || opened.value.head.area !== area) {
      log.warn(
        { peer, id, refusal: opened.ok ? 'another-signal' : opened.refusal },
        'signal of a peer refused',
      );
      continue;
    }
    const { head } = opened.value;
    await db
      .insertInto('signal')
      .values({
        signal_id: opened.value.id,
        provider_id: peer,
        kind: head.kind,
        area: head.area,
        issued_at: String(head.issuedAt),
        signed: JSON.stringify(json),
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    taken += 1;
  }
  return { taken };
}
