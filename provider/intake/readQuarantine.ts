import type { Hex } from '@p2p-power/protocol/Hex';
import type { Kysely } from 'kysely';
import type { Database } from '../database/Database.ts';

/** What was handed in and refused. */
export interface RefusedCdr {
  /** SHA-256 of the content, kept or not. */
  readonly contentHash: Hex;
  readonly cdrId: Hex | null;
  readonly refusal: string;
  readonly detail: string;
  /** `hand-in`, or the peer that sent it. */
  readonly source: string;
  /** Epoch seconds. */
  readonly receivedAt: number;
  /** Epoch seconds; null where it is still refused. */
  readonly acceptedAt: number | null;
  readonly content?: string;
}

/** Newest first. */
export async function readQuarantine(
  db: Kysely<Database>,
  query: {
    readonly cdrId?: string | undefined;
    readonly refusal?: string | undefined;
    readonly withContent: boolean;
    readonly limit: number;
  },
): Promise<readonly RefusedCdr[]> {
  let select = db.selectFrom('quarantine').selectAll().orderBy('received_at', 'desc').limit(query.limit);
  if (query.cdrId !== undefined) select = select.where('cdr_id', '=', query.cdrId as Hex);
  if (query.refusal !== undefined) select = select.where('refusal', '=', query.refusal);
  const rows = await select.execute();
  return rows.map((row) => ({
    contentHash: row.content_hash,
    cdrId: row.cdr_id,
    refusal: row.refusal,
    detail: row.detail,
    source: row.source,
    receivedAt: Number(row.received_at),
    acceptedAt: row.accepted_at === null ? null : Number(row.accepted_at),
    ...(query.withContent && row.content !== null && { content: row.content }),
  }));
}
