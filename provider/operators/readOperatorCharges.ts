import type { Hex } from '@p2p-power/protocol/Hex';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database/Database.ts';
import { keysetOf, type Page, pageOf } from '../statements/keysetPages.ts';
import type { OperatorCharge } from './OperatorSchemas.ts';

/** Charges at an operator's points that ended in [from, to): newest first by offset, oldest first after a charge. */
export async function readOperatorCharges(
  db: Kysely<Database>,
  query: {
    readonly providerId: string;
    readonly operatorId: string;
    readonly from: number;
    readonly to: number;
  },
  page: Page,
): Promise<{ readonly charges: readonly OperatorCharge[]; readonly total: number }> {
  const rows = await sql<
    Record<Exclude<string, 'commission_basis'>, string | null> & { readonly commission_basis: unknown }
  >`
    select charge.*, batch.state as batch_state, coalesce(batch.tx_hash, claim_tx_hash) as tx_hash,
      claim_state, count(*) over () as total
    from charge
    left join batch on batch.debtor = driver_provider and batch.creditor = operator_provider
      and batch.sequence = charge_sequence
    left join (
      select authorization_id as claimed_id, state as claim_state, tx_hash as claim_tx_hash from forced_claim
      where direction = 'charge' and state in ('raising', 'raised', 'paid')
    ) as claimed on claimed_id = charge.authorization_id
    where operator_provider = ${query.providerId} and operator_account in (
        select account from operator_account where operator_id = ${query.operatorId})
      and ended_at >= ${query.from}::bigint and ended_at < ${query.to}::bigint
      and ${keysetOf(page)}
    ${pageOf(page)}`.execute(db);
  return {
    total: Number(rows.rows[0]?.total ?? 0),
    charges: rows.rows.map((row) => ({
      cdrId: row.cdr_id as Hex,
      authorizationId: row.authorization_id as Hex,
      evseId: row.evse_id as string,
      driverProvider: row.driver_provider as string,
      startedAt: Number(row.started_at),
      endedAt: Number(row.ended_at),
      importedWh: Number(row.imported_wh),
      exportedWh: Number(row.exported_wh),
      chargeMicro: Number(row.charge_micro),
      creditMicro: Number(row.credit_micro),
      feeMicro: row.fee_micro == null ? null : Number(row.fee_micro),
      commissionMicro: row.commission_micro == null ? null : Number(row.commission_micro),
      commissionBasis: (row.commission_basis as OperatorCharge['commissionBasis'] | undefined) ?? null,
      currency: row.currency as string,
      receivedAt: Number(row.received_at),
      state: stateOf(row.state as string, row.batch_state ?? null, row.claim_state ?? null),
      refusal: row.refusal ?? null,
      refusalDetail: row.refusal_detail ?? null,
      batchSequence: row.charge_sequence == null ? null : Number(row.charge_sequence),
      txHash: row.tx_hash ?? null,
    })),
  };
}

function stateOf(
  state: string,
  batchState: string | null,
  claimState: string | null,
): OperatorCharge['state'] {
  if (batchState === null && claimState !== null) return claimState === 'paid' ? 'forced' : 'claimed';
  if (batchState === null) return state as OperatorCharge['state'];
  return batchState === 'settled' ? 'settled' : 'in-batch';
}
