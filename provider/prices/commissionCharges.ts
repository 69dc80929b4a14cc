import type { Evidence } from '@p2p-power/protocol/Evidence';
import { operatorShare } from '@p2p-power/tariff/Commission';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database/Database.ts';
import type { NewCharge } from '../intake/insertCharges.ts';
import { operatorMicroOf } from '../ledger/makeEntries.ts';
import { chargedPrice } from '../statements/chargedPrice.ts';
import type { CommissionBasis } from './CommissionBasis.ts';
import { commissionAt, readCommissions } from './Commissions.ts';

/** What the operator earns in place of a charge, and what of the charge that is; micro-units. */
export interface ChargeCommission {
  readonly commissionMicro: number;
  readonly operatorMicro: number;
  readonly basis: CommissionBasis;
}

/** Our operators by the accounts at which charges pay them, present and former. */
export async function operatorsOf(
  db: Kysely<Database>,
  charges: readonly Pick<NewCharge, 'operatorAccount'>[],
): Promise<ReadonlyMap<string, string>> {
  const found = await sql<{ account: string; operator_id: string }>`
    select account, operator_id from operator_account
    where account = any(${[...new Set(charges.map((charge) => charge.operatorAccount))]}::text[])`.execute(
    db,
  );
  return new Map(found.rows.map((row) => [row.account, row.operator_id]));
}

/**
 * The commissions of charges at our operators' points, by CDR id, as they held when the drivers signed; of a charge that is
 * not there the operator earns the charge itself. Commissions are before tax: what tax an operator owes on its
 * commission it settles by its invoice to us.
 */
export async function commissionCharges(
  db: Kysely<Database>,
  providerId: string,
  charges: readonly NewCharge[],
): Promise<ReadonlyMap<string, ChargeCommission>> {
  const commissions = new Map<string, ChargeCommission>();
  const ours = charges.filter((charge) => charge.operatorProvider === providerId);
  if (ours.length === 0) return commissions;
  const versions = await readCommissions(db);
  if (versions.length === 0) return commissions;
  const operators = await operatorsOf(db, ours);
  const groups = await targetGroupsOf(
    db,
    providerId,
    ours.map((charge) => charge.evseId),
  );
  for (const charge of ours) {
    const point = {
      evseId: charge.evseId,
      operatorId: operators.get(charge.operatorAccount) ?? null,
      targetGroup: groups.get(charge.evseId) ?? null,
    };
    const commission = commissionAt(versions, point, charge.authorizedAt);
    if (commission === undefined) continue;
    const { exclVatMicro } = chargedPrice(JSON.parse(charge.evidence) as Evidence);
    const durationS = charge.endedAt - charge.startedAt;
    const facts = { energyWh: charge.importedWh, durationS, exclVatMicro };
    const commissionMicro = operatorShare(commission, facts);
    const operatorMicro = Number(operatorMicroOf(BigInt(charge.chargeMicro), BigInt(commissionMicro)));
    commissions.set(charge.cdrId, { commissionMicro, operatorMicro, basis: { terms: commission, ...facts } });
  }
  return commissions;
}

async function targetGroupsOf(
  db: Kysely<Database>,
  providerId: string,
  evseIds: readonly string[],
): Promise<ReadonlyMap<string, string | null>> {
  const found = await sql<{ uid: string; target_group: string | null }>`
    select uid, target_group from evse
    where provider_id = ${providerId} and uid = any(${[...new Set(evseIds)]}::text[])`.execute(db);
  return new Map(found.rows.map((row) => [row.uid, row.target_group]));
}
