import { createHash } from 'node:crypto';
import { type Hex, isHex } from '@p2p-power/protocol/Hex';
import { sql, type Transaction } from 'kysely';
import type { Database } from '../database/Database.ts';

/** What was handed in and refused. */
export interface RefusedEvidence {
  readonly cdrId: Hex;
  readonly refusal: string;
  readonly detail: string;
  /** The whole of it as JSON. */
  readonly content: string;
  /** Whether the CDR in it is signed by a certified station. */
  readonly isOfStation: boolean;
}

/** Contents kept of one CDR: who has a genuine one could put it into any number of spoilt ones. */
export const maxContentsOfCdr = 3;

/** Refused ones kept without their content, the newest. */
export const maxWithoutContent = 10_000;

/** Most characters of a detail. */
const maxDetail = 500;

/**
 * Keeps what was refused. Whole where a certified station signed the CDR, at most
 * {@link maxContentsOfCdr} times. A station's certificate is public, so anybody may hand in anything
 * beside one: of such only the hash, the reason and who brought it are kept, and of these the newest
 * {@link maxWithoutContent}. `now` in epoch seconds.
 */
export async function keepRefused(
  trx: Transaction<Database>,
  refused: readonly RefusedEvidence[],
  source: string,
  now: number,
): Promise<void> {
  if (refused.length === 0) return;
  const hashOf = (content: string) => `0x${createHash('sha256').update(content).digest('hex')}`;
  // PostgreSQL's text cannot hold the character zero.
  const storable = (text: string) => text.replaceAll('\u0000', '').replaceAll('\\u0000', '\\\\u0000');
  const kept = await sql<{ is_whole: boolean }>`
    insert into quarantine (content_hash, refusal, detail, cdr_id, source, received_at, judged_at, content, driver_public_key)
    select content_hash, refusal, detail, cdr_id, ${source}, ${now}::bigint, ${now}::bigint,
      case when place + (select count(*) from quarantine as known
        where known.cdr_id = brought.cdr_id and known.content is not null) <= ${maxContentsOfCdr} then content end,
      driver_public_key
    from (
      select *, row_number() over (partition by cdr_id, content is null) as place from unnest(
        ${refused.map((one) => hashOf(one.content))}::text[],
        ${refused.map((one) => one.refusal)}::text[],
        ${refused.map((one) => storable(one.detail).slice(0, maxDetail))}::text[],
        ${refused.map((one) => one.cdrId)}::text[],
        ${refused.map((one) => (one.isOfStation ? storable(one.content) : null))}::text[],
        ${refused.map((one) => (one.isOfStation ? driverKeyIn(one.content) : null))}::text[]
      ) as given (content_hash, refusal, detail, cdr_id, content, driver_public_key)
    ) as brought
    -- In one order everywhere, so that two transactions cannot wait for each other.
    order by content_hash, refusal
    on conflict do nothing
    returning content is not null as is_whole`.execute(trx);
  if (kept.rows.every((row) => row.is_whole)) return;
  await sql`
    delete from quarantine where ctid = any(array(
      select ctid from quarantine where content is null
      order by received_at desc, content_hash offset ${maxWithoutContent}))`.execute(trx);
}

/** The key of the driver certificate in refused evidence, so that its driver can be told; null where it has none. */
function driverKeyIn(content: string): string | null {
  const evidence = JSON.parse(content) as { driverCertificate?: { value?: { publicKey?: unknown } } } | null;
  const key = evidence?.driverCertificate?.value?.publicKey;
  return isHex(key, 64) ? key : null;
}
