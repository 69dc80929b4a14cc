import { formatEvseId, parseEvseId } from '@p2p-power/protocol/EvseId';
import { parseMeterPublicKey } from '@p2p-power/protocol/MeterPublicKey';
import { isTimeZone } from '@p2p-power/tariff/localTime';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import type { z } from 'zod';
import type { ProviderContext } from '../ProviderContext.ts';
import { makeConnector, type OcpiConnector, type2Socket } from './OcpiConnector.ts';
import type { newPointSchema } from './PointSchemas.ts';

export type PutPointRefusal =
  | 'not-an-evse-id'
  | 'evse-id-of-another-provider'
  | 'operator-unknown'
  | 'point-of-another-operator'
  | 'unknown-time-zone'
  | 'bad-meter-key';

/**
 * Enters a point of one of our operators, or changes it. It is on the map from then on, and on peers'
 * maps when they next ask; with a tariff and a station it can be charged at.
 */
export async function putPoint(
  context: Pick<ProviderContext, 'db' | 'config' | 'clock'>,
  point: z.output<typeof newPointSchema>,
): Promise<Result<{ readonly evseId: string }, PutPointRefusal>> {
  const { db, config, clock } = context;
  const parsed = parseEvseId(point.evseId);
  if (!parsed.ok) return parsed;
  const evseId = formatEvseId(parsed.value);
  const timeZone = point.timeZone ?? config.timeZone;
  if (!isTimeZone(timeZone)) return refuse('unknown-time-zone', `${timeZone} is no IANA time zone`);
  const key = point.meterPublicKey === undefined ? undefined : parseMeterPublicKey(point.meterPublicKey);
  if (key !== undefined && !key.ok) return refuse('bad-meter-key', `${key.refusal}: ${key.detail}`);
  const connectors: readonly OcpiConnector[] = point.connectors?.map((connector) => ({
    id: connector.id,
    standard: connector.standard,
    format: connector.format,
    power_type: connector.powerType,
    max_voltage: connector.maxVoltage,
    max_amperage: connector.maxAmperage,
    max_electric_power: connector.maxPowerW,
  })) ?? [makeConnector('1', type2Socket, point.maxPowerW)];

  return db.transaction().execute(async (tx) => {
    const operator = await tx
      .selectFrom('operator')
      .select('name')
      .where('operator_id', '=', point.operatorId)
      .executeTakeFirst();
    if (operator === undefined) return refuse('operator-unknown', 'there is no operator of this id');
    const others = await tx
      .selectFrom('evse')
      .innerJoin('location', (join) =>
        join
          .onRef('location.provider_id', '=', 'evse.provider_id')
          .onRef('location.location_id', '=', 'evse.location_id'),
      )
      .select(['location.source', 'location.operator_id'])
      .where('evse.evse_id', '=', evseId)
      .where('evse.removed_at', 'is', null)
      .where('location.source', '<>', 'register')
      .execute();
    if (others.some((other) => other.source === 'peer'))
      return refuse('evse-id-of-another-provider', 'another provider publishes a point of this EVSE-ID');
    if (others.some((other) => other.operator_id !== point.operatorId))
      return refuse('point-of-another-operator', 'the point belongs to another operator');
    const now = String(clock.nowS());
    const location = {
      source: 'own' as const,
      operator_id: point.operatorId,
      operator_name: operator.name,
      name: point.name,
      address: point.address,
      postal_code: point.postalCode,
      city: point.city,
      country: point.country,
      latitude: point.latitude,
      longitude: point.longitude,
      time_zone: timeZone,
      opening_times: point.openingTimes === undefined ? null : JSON.stringify(point.openingTimes),
      opening_text: point.openingText ?? null,
      access: point.access ?? null,
      updated_at: now,
    };
    await tx
      .insertInto('location')
      .values({ provider_id: config.providerId, location_id: evseId, ...location })
      .onConflict((conflict) => conflict.columns(['provider_id', 'location_id']).doUpdateSet(location))
      .execute();
    const evse = {
      location_id: evseId,
      evse_id: evseId,
      connectors: JSON.stringify(connectors) as never,
      plugs: [...new Set(connectors.map((connector) => connector.standard))],
      max_power_w: point.maxPowerW,
      ...(key?.ok && { meter_public_key: key.value.spki }),
      ...(point.feedInMicroPerKwh !== undefined && { feed_in_micro_per_kwh: point.feedInMicroPerKwh }),
      ...(point.gridArea !== undefined && { grid_area: point.gridArea }),
      ...(point.targetGroup !== undefined && { target_group: point.targetGroup }),
      in_service: true,
      removed_at: null,
      updated_at: now,
    };
    await tx
      .insertInto('evse')
      .values({ provider_id: config.providerId, uid: evseId, live: false, ...evse })
      .onConflict((conflict) => conflict.columns(['provider_id', 'uid']).doUpdateSet(evse))
      .execute();
    return accept({ evseId });
  });
}
