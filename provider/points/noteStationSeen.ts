import type { Hex } from '@p2p-power/protocol/Hex';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database/Database.ts';

/** Notes that stations of ours were heard of, by their certificates: a hand-in, or a question of theirs. */
export async function noteStationSeen(
  db: Kysely<Database>,
  stationCertificateIds: readonly Hex[],
  now: number,
): Promise<void> {
  if (stationCertificateIds.length === 0) return;
  await sql`
    update evse set last_seen_at = ${now}
    from (
      select provider_id, uid from evse
      where uid in (select uid from station_certificate where certificate_id = any(${stationCertificateIds}::text[]))
        and provider_id in (select provider_id from location where source = 'own')
        and (last_seen_at is null or last_seen_at < ${now} - 30)
      -- In one order everywhere, so that two hand-ins cannot wait for each other.
      order by uid, provider_id for no key update
    ) as seen
    where evse.provider_id = seen.provider_id and evse.uid = seen.uid`.execute(db);
}
