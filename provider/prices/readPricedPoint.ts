import { formatEvseId, parseEvseId } from '@p2p-power/protocol/EvseId';
import type { DynamicTerms } from '@p2p-power/tariff/DynamicTerms';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import type { TargetGroup } from '@p2p-power/tariff/TargetGroup';
import { parseTariff, type Tariff } from '@p2p-power/tariff/Tariff';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Database } from '../database/Database.ts';
import { readDynamicTerms } from '../points/readDynamicTerms.ts';

/** A point of ours, as far as its price asks. */
export interface PricedPoint {
  /** Also its technical id. */
  readonly evseId: string;
  readonly operatorId: string;
  readonly powerW: number;
  readonly targetGroup?: TargetGroup;
  /** Whether anybody may charge there (Regulation (EU) 2023/1804 Art. 2(45)). */
  readonly isPublic: boolean;
  readonly timeZone: string;
  readonly tariff?: Tariff;
  readonly dynamic?: DynamicTerms;
}

interface Row {
  readonly evse_id: string;
  readonly operator_id: string;
  readonly max_power_w: number;
  readonly target_group: TargetGroup | null;
  readonly access: string | null;
  readonly time_zone: string;
  readonly tariff: unknown;
  readonly dynamic_terms: unknown;
}

/** All our points with their prices, or those of one operator, by EVSE-ID. */
export async function readPricedPoints(
  db: Kysely<Database>,
  providerId: string,
  which: { readonly evseId?: string; readonly operatorId?: string } = {},
): Promise<readonly PricedPoint[]> {
  const found = await sql<Row>`
    select e.evse_id, l.operator_id, e.max_power_w, e.target_group, l.access, l.time_zone, e.tariff, e.dynamic_terms
    from evse e join location l using (provider_id, location_id)
    where l.source = 'own' and e.provider_id = ${providerId} and e.removed_at is null
      and (${which.evseId ?? null}::text is null or e.uid = ${which.evseId ?? null})
      and (${which.operatorId ?? null}::text is null or l.operator_id = ${which.operatorId ?? null})
    order by e.evse_id`.execute(db);
  return found.rows.map(pointOf);
}

function pointOf(row: Row): PricedPoint {
  const tariff = row.tariff === null ? undefined : parseTariff(row.tariff);
  const dynamic = readDynamicTerms(row.dynamic_terms);
  return {
    evseId: row.evse_id,
    operatorId: row.operator_id,
    powerW: row.max_power_w,
    ...(row.target_group !== null && { targetGroup: row.target_group }),
    isPublic: isPublic(row.target_group, row.access),
    timeZone: row.time_zone,
    ...(tariff?.ok && { tariff: tariff.value }),
    ...(dynamic && { dynamic }),
  };
}

/**
 * A point is public unless it stands at a shared home, or its access is said to be somebody's. That a hotel or a shop lets
 * only guests park does not make it private: also points for a general group of users, such as customers, are public.
 */
function isPublic(group: TargetGroup | null, access: string | null): boolean {
  if (group === 'shared-home') return false;
  return group === 'garage' || group === null ? access === null : true;
}

/** A point of ours by its EVSE-ID, locked until the transaction ends; of an operator only its own. */
export async function lockPricedPoint(
  trx: Transaction<Database>,
  providerId: string,
  evseIdText: string,
  operatorId?: string,
): Promise<Result<PricedPoint, 'not-an-evse-id' | 'point-unknown'>> {
  const parsed = parseEvseId(evseIdText);
  if (!parsed.ok) return parsed;
  const evseId = formatEvseId(parsed.value);
  await trx
    .selectFrom('evse')
    .select('uid')
    .where('provider_id', '=', providerId)
    .where('uid', '=', evseId)
    .forUpdate()
    .execute();
  const [point] = await readPricedPoints(trx, providerId, {
    evseId,
    ...(operatorId !== undefined && { operatorId }),
  });
  const whose = operatorId === undefined ? 'our' : 'your';
  return point === undefined
    ? refuse('point-unknown', `none of ${whose} points has this EVSE-ID`)
    : accept(point);
}
