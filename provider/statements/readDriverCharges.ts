import type { Hex } from '@p2p-power/protocol/Hex';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database/Database.ts';
import { keysetOf, type Page, pageOf } from './keysetPages.ts';
import type { ChargeSplit, DriverCharge } from './StatementSchemas.ts';

/** Which charges: of a driver, ended in [from, to); epoch seconds. */
export interface DriverPeriod {
  readonly driverId: string;
  readonly from: number;
  readonly to: number;
  /** Only this one. */
  readonly cdrId?: string;
}

type ChargeColumns = Record<Exclude<string, 'promotions'>, string | null> & { readonly promotions: unknown };

interface ChargeRow {
  readonly charge: DriverCharge;
  readonly evidence: string;
}

/** A driver's charges with their evidence: newest first by offset, oldest first after a charge. */
export async function readDriverCharges(
  db: Kysely<Database>,
  period: DriverPeriod,
  page: Page,
): Promise<{ readonly rows: readonly ChargeRow[]; readonly total: number }> {
  const found = await sql<ChargeColumns>`
    select charge.*, point.place, point.operator_name, borne.promotions, energy_micro, infrastructure_micro, grid_micro,
      levies_micro, vat_micro, count(*) over () as total
    from charge
    left join lateral (
      select energy_micro, infrastructure_micro, grid_micro, levies_micro, vat_micro from charge_split
      where charge_split.cdr_id = charge.cdr_id
    ) as split on true
    left join lateral (
      select json_agg(json_build_object('promotionId', promotion_id, 'title', rule ->> 'title', 'amountMicro', amount_micro,
        'taxes', taxes) order by promotion_id) as promotions
      from promotion_use join promotion using (promotion_id)
      left join lateral (
        select json_agg(json_build_object('vatBp', vat_bp, 'exclVatMicro', excl_vat_micro, 'vatMicro', vat_micro)
          order by vat_bp) as taxes
        from promotion_tax as tax
        where tax.cdr_id = promotion_use.cdr_id and tax.promotion_id = promotion_use.promotion_id
      ) as taxed on true
      where promotion_use.cdr_id = charge.cdr_id
    ) as borne on true
    left join lateral (
      select operator_name, concat_ws(', ', nullif(name, ''), nullif(address, ''), nullif(concat_ws(' ', postal_code, city), '')) as place
      from evse join location using (provider_id, location_id)
      where evse.evse_id = charge.evse_id
      order by evse.provider_id = charge.operator_provider desc limit 1
    ) as point on true
    where driver_id = ${period.driverId} and ended_at >= ${period.from}::bigint and ended_at < ${period.to}::bigint
      and (${period.cdrId ?? null}::text is null or charge.cdr_id = ${period.cdrId ?? null})
      and ${keysetOf(page)}
    ${pageOf(page)}`.execute(db);
  return {
    total: Number(found.rows[0]?.total ?? 0),
    rows: found.rows.map((row) => ({
      evidence: row.evidence as string,
      charge: {
        cdrId: row.cdr_id as Hex,
        authorizationId: row.authorization_id as Hex,
        evseId: row.evse_id as string,
        place: row.place || null,
        operatorProvider: row.operator_provider as string,
        operatorName: row.operator_name ?? null,
        startedAt: Number(row.started_at),
        endedAt: Number(row.ended_at),
        timeZone: row.time_zone as string,
        importedWh: Number(row.imported_wh),
        exportedWh: Number(row.exported_wh),
        chargeMicro: Number(row.charge_micro),
        creditMicro: Number(row.credit_micro),
        promotions: (row.promotions as DriverCharge['promotions'] | null) ?? [],
        promotionMicro: Number(row.promotion_micro ?? 0),
        split: row.energy_micro == null ? null : splitOf(row),
        currency: row.currency as string,
        receivedAt: Number(row.received_at),
      },
    })),
  };
}

const splitOf = (row: ChargeColumns): ChargeSplit => ({
  energyMicro: Number(row.energy_micro),
  infrastructureMicro: Number(row.infrastructure_micro),
  gridMicro: Number(row.grid_micro),
  leviesMicro: Number(row.levies_micro),
  vatMicro: Number(row.vat_micro),
});
