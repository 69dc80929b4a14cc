import type { Hex } from '@p2p-power/protocol/Hex';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database/Database.ts';

/**
 * Two CDRs of one station that do not follow each other in its journal:
 * - `doubled-number`: both claim the same number; one journal cannot hold both
 * - `falling-number`: the later charge has the lower number; the journal was begun anew, or is forged
 * - `gap`: between them the journal has `entries` others. Sessions leave other entries than CDRs as well,
 *   so a gap proves nothing; it bounds how much can be missing, and the station's journal (each entry
 *   hash-chained to the one before, whose hash the CDR carries) shows what is there.
 */
export interface JournalGap {
  readonly stationCertificateId: Hex;
  readonly evseId: string;
  readonly kind: 'gap' | 'doubled-number' | 'falling-number';
  readonly afterNumber: number;
  readonly beforeNumber: number;
  readonly entries: number;
  /** Epoch seconds: when the one charge ended and the next began. */
  readonly afterEndedAt: number;
  readonly beforeStartedAt: number;
  readonly afterCdrId: Hex;
  readonly beforeCdrId: Hex;
}

/** Finds them: doubled and falling numbers first, then the widest gaps. */
export async function readJournalGaps(
  db: Kysely<Database>,
  query: {
    readonly evseId?: string | undefined;
    readonly minimumEntries: number;
    readonly limit: number;
  },
): Promise<readonly JournalGap[]> {
  const evseId = query.evseId ?? null;
  const rows = await sql<Record<string, string>>`
    with follow as (
      select station_certificate_id, evse_id, cdr_id, journal_number, started_at,
        lag(cdr_id) over journal as after_cdr_id,
        lag(journal_number) over journal as after_number,
        lag(ended_at) over journal as after_ended_at
      from charge
      where ${evseId}::text is null or evse_id = ${evseId}
      window journal as (partition by station_certificate_id order by started_at, journal_number)
    ), found as (
      select *, case
          when journal_number = after_number then 'doubled-number'
          when journal_number < after_number then 'falling-number'
          else 'gap' end as kind,
        greatest(journal_number - after_number - 1, 0) as entries
      from follow where after_number is not null
    )
    select * from found
    where kind <> 'gap' or entries >= ${query.minimumEntries}::bigint
    order by kind = 'gap', entries desc, station_certificate_id, journal_number
    limit ${query.limit}`.execute(db);
  return rows.rows.map((row) => ({
    stationCertificateId: row.station_certificate_id as Hex,
    evseId: row.evse_id as string,
    kind: row.kind as JournalGap['kind'],
    afterNumber: Number(row.after_number),
    beforeNumber: Number(row.journal_number),
    entries: Number(row.entries),
    afterEndedAt: Number(row.after_ended_at),
    beforeStartedAt: Number(row.started_at),
    afterCdrId: row.after_cdr_id as Hex,
    beforeCdrId: row.cdr_id as Hex,
  }));
}
