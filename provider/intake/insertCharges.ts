import type { Hex } from '@p2p-power/protocol/Hex';
import { sql, type Transaction } from 'kysely';
import { countColumn, textColumn } from '../database/bulkColumns.ts';
import type { Database } from '../database/Database.ts';
import type { CommissionBasis } from '../prices/CommissionBasis.ts';
import type { ChargeState } from './ChargeTables.ts';

/** A charge that has been checked and is to be kept; times in epoch seconds, amounts in micro-units. */
export interface NewCharge {
  readonly cdrId: Hex;
  readonly authorizationId: Hex;
  readonly driverProvider: string;
  readonly operatorProvider: string;
  readonly driverCertificateId: Hex;
  readonly stationCertificateId: Hex;
  /** Ids of the keys with which the two certificates were signed. */
  readonly driverIssuerKeyId: Hex;
  readonly stationIssuerKeyId: Hex;
  readonly emaid: string;
  readonly evseId: string;
  readonly operatorAccount: Hex;
  readonly currency: string;
  readonly timeZone: string;
  /** When the driver signed. */
  readonly authorizedAt: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly importedWh: number;
  readonly exportedWh: number;
  readonly chargeMicro: number;
  readonly creditMicro: number;
  readonly journalNumber: number;
  readonly journalPreviousHash: Hex;
  /** The whole evidence as JSON. */
  readonly evidence: string;
}

/** A new charge with what this provider adds. */
export interface PlacedCharge extends NewCharge {
  /** Set where the driver is ours. */
  readonly driverId: string | null;
  readonly state: ChargeState;
  /** What the operator earns in place of the charge, and what of the charge that is; null without a commission. */
  readonly commissionMicro: number | null;
  readonly operatorMicro: number | null;
  /** What the commission was worked out from; null without one. */
  readonly commissionBasis: CommissionBasis | null;
}

/** What became of a charge at its being inserted. */
export type Insertion = 'inserted' | 'already-known' | 'authorization-replayed';

/**
 * Inserts charges in one statement and tells of each whether it is new, was there before, or uses an
 * authorization that another CDR has used. Whoever comes second, be it in the same call, a later one
 * or another process at the same time, sees the first.
 */
export async function insertCharges(
  db: Transaction<Database>,
  charges: readonly PlacedCharge[],
  receivedAt: number,
): Promise<ReadonlyMap<Hex, Insertion>> {
  const outcomes = new Map<Hex, Insertion>();
  if (charges.length === 0) return outcomes;
  // In one order everywhere, so that two processes do not wait for each other.
  const rows = [...charges].sort((left, right) => (left.cdrId < right.cdrId ? -1 : 1));
  const text = (value: (charge: PlacedCharge) => string) => textColumn(rows.map(value));
  const count = (value: (charge: PlacedCharge) => number) => countColumn(rows.map(value));
  const inserted = await sql<{ cdr_id: Hex }>`
    insert into charge (cdr_id, authorization_id, driver_provider, operator_provider, driver_certificate_id,
      station_certificate_id, emaid, evse_id, operator_account, driver_id, currency, time_zone,
      authorized_at, started_at, ended_at, imported_wh, exported_wh, charge_micro, credit_micro, journal_number, journal_previous_hash,
      state, evidence, commission_micro, operator_micro, commission_basis, received_at)
    select *, ${receivedAt}::bigint from unnest(
      ${text((charge) => charge.cdrId)},
      ${text((charge) => charge.authorizationId)},
      ${text((charge) => charge.driverProvider)},
      ${text((charge) => charge.operatorProvider)},
      ${text((charge) => charge.driverCertificateId)},
      ${text((charge) => charge.stationCertificateId)},
      ${text((charge) => charge.emaid)},
      ${text((charge) => charge.evseId)},
      ${text((charge) => charge.operatorAccount)},
      ${rows.map((charge) => charge.driverId)}::text[],
      ${text((charge) => charge.currency)},
      ${text((charge) => charge.timeZone)},
      ${count((charge) => charge.authorizedAt)},
      ${count((charge) => charge.startedAt)},
      ${count((charge) => charge.endedAt)},
      ${count((charge) => charge.importedWh)},
      ${count((charge) => charge.exportedWh)},
      ${count((charge) => charge.chargeMicro)},
      ${count((charge) => charge.creditMicro)},
      ${count((charge) => charge.journalNumber)},
      ${text((charge) => charge.journalPreviousHash)},
      ${text((charge) => charge.state)},
      ${text((charge) => charge.evidence)},
      ${rows.map((charge) => charge.commissionMicro)}::bigint[],
      ${rows.map((charge) => charge.operatorMicro)}::bigint[],
      ${rows.map(({ commissionBasis }) => commissionBasis && JSON.stringify(commissionBasis))}::jsonb[])
    on conflict do nothing
    returning cdr_id`.execute(db);
  for (const row of inserted.rows) outcomes.set(row.cdr_id, 'inserted');
  const others = rows.filter((charge) => !outcomes.has(charge.cdrId)).map((charge) => charge.cdrId);
  if (others.length > 0) {
    const known = await sql<{ cdr_id: Hex }>`
      select cdr_id from charge where cdr_id = any(${others}::text[])`.execute(db);
    for (const row of known.rows) outcomes.set(row.cdr_id, 'already-known');
    for (const cdrId of others) if (!outcomes.has(cdrId)) outcomes.set(cdrId, 'authorization-replayed');
  }
  return outcomes;
}
