import { type Kysely, sql } from 'kysely';
import type { Database } from '../database/Database.ts';
import type { StoredCharge } from './checkStoredCharge.ts';

/** Charges read at once: what an audit holds of evidence in memory is two such pages. */
export const auditPageCharges = 400;

/** A charge in a batch, for what of it the batch pays: the charge itself, or its credit. */
export interface BatchCharge extends StoredCharge {
  readonly side: 'charge' | 'credit';
}

/** Which batch: `debtor` and `creditor` are party ids. */
export interface BatchKey {
  readonly debtor: string;
  readonly creditor: string;
  readonly sequence: bigint;
}

/**
 * The charges that the books have in a batch, with their evidence, page by page in the order of their
 * ids. Reads the ids first (at most `limit`), so that memory is bounded by those and two pages of evidence;
 * the next page is on its way while the caller works on one.
 */
export async function* readBatchCharges(
  db: Kysely<Database>,
  { debtor, creditor, sequence }: BatchKey,
  limit: number,
): AsyncGenerator<readonly BatchCharge[], void, undefined> {
  const { rows: ids } = await sql<{ cdr_id: string; side: 'charge' | 'credit' }>`
    select cdr_id, 'charge' as side from charge
      where driver_provider = ${debtor} and operator_provider = ${creditor}
        and charge_sequence = ${String(sequence)}::bigint
    union all
    select cdr_id, 'credit' from charge
      where operator_provider = ${debtor} and driver_provider = ${creditor}
        and credit_sequence = ${String(sequence)}::bigint
    order by cdr_id limit ${limit}`.execute(db);
  const pageAt = (from: number): Promise<readonly BatchCharge[]> | null =>
    from < ids.length ? readPage(db, ids.slice(from, from + auditPageCharges)) : null;
  let next = pageAt(0);
  for (let from = 0; next !== null; from += auditPageCharges) {
    const page = await next;
    next = pageAt(from + auditPageCharges);
    // Awaited only at the next turn: a failure in between is raised there and not lost.
    next?.catch(() => undefined);
    yield page;
  }
}

async function readPage(
  db: Kysely<Database>,
  ids: readonly { readonly cdr_id: string; readonly side: 'charge' | 'credit' }[],
): Promise<readonly BatchCharge[]> {
  const { rows } = await sql<StoredCharge>`
    select cdr_id, authorization_id, driver_provider, operator_provider, driver_certificate_id,
      station_certificate_id, emaid, evse_id, operator_account, authorized_at, started_at, ended_at,
      imported_wh, exported_wh, charge_micro, credit_micro, fee_micro, operator_micro, evidence
    from charge where cdr_id = any(${ids.map(({ cdr_id }) => cdr_id)}::text[])`.execute(db);
  const byId = new Map(rows.map((row) => [row.cdr_id, row]));
  return ids.flatMap(({ cdr_id, side }) => {
    const row = byId.get(cdr_id);
    return row === undefined ? [] : [{ ...row, side }];
  });
}
