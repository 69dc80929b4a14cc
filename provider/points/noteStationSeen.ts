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
    where uid in (select uid from station_certificate where certificate_id = any(${stationCertificateIds}::text[]))
      and provider_id in (select provider_id from location where source = 'own')
      and (last_seen_at is null or last_seen_at < ${now} - 30)`.execute(db);
}
