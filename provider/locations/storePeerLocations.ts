import { formatEvseId, parseEvseId } from '@p2p-power/protocol/EvseId';
import { isTimeZone } from '@p2p-power/tariff/localTime';
import { parseTariff } from '@p2p-power/tariff/Tariff';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database/Database.ts';
import type { OcpiConnector } from '../points/OcpiConnector.ts';
import { type OcpiLocation, ocpiLocationSchema } from './OcpiLocation.ts';

/** What became of a peer's locations; a location that is not well formed or not the peer's is refused. */
export interface StoredLocations {
  readonly taken: number;
  readonly refused: readonly { readonly id: string; readonly reason: string }[];
}

/**
 * Takes over locations that a peer publishes, as untrusted JSON. Only its own count, that is those whose
 * country code and party id are the peer's. A tariff that cannot be read is left out: its point is on
 * the map and has no price.
 */
export async function storePeerLocations(
  db: Kysely<Database>,
  peer: string,
  json: readonly unknown[],
  now: number,
): Promise<StoredLocations> {
  const refused: { id: string; reason: string }[] = [];
  const locations: OcpiLocation[] = [];
  for (const one of json) {
    const parsed = ocpiLocationSchema.safeParse(one);
    const id = String((one as { id?: unknown } | null)?.id ?? '').slice(0, 36);
    if (!parsed.success) refused.push({ id, reason: 'malformed-location' });
    else if (`${parsed.data.country_code}${parsed.data.party_id}`.toUpperCase() !== peer)
      refused.push({ id, reason: 'location-of-another-party' });
    else if (!isTimeZone(parsed.data.time_zone)) refused.push({ id, reason: 'unknown-time-zone' });
    else locations.push(parsed.data);
  }
  await db.transaction().execute(async (tx) => {
    for (const location of locations) await store(tx, peer, location, now);
  });
  return { taken: locations.length, refused };
}

async function store(tx: Kysely<Database>, peer: string, location: OcpiLocation, now: number): Promise<void> {
  const row = {
    source: 'peer' as const,
    operator_id: null,
    operator_name: location.operator?.name ?? peer,
    name: location.name ?? location.address,
    address: location.address,
    postal_code: location.postal_code ?? '',
    city: location.city,
    country: location.country,
    latitude: Number(location.coordinates.latitude),
    longitude: Number(location.coordinates.longitude),
    time_zone: location.time_zone,
    opening_times: location.opening_times === undefined ? null : JSON.stringify(location.opening_times),
    opening_text: null,
    access: location.p2p_power?.access ?? null,
    updated_at: String(now),
  };
  await tx
    .insertInto('location')
    .values({ provider_id: peer, location_id: location.id, ...row })
    .onConflict((conflict) => conflict.columns(['provider_id', 'location_id']).doUpdateSet(row))
    .execute();
  const evses = location.evses ?? [];
  for (const evse of evses) {
    const parsedId = evse.evse_id === undefined ? undefined : parseEvseId(evse.evse_id);
    const ours = evse.p2p_power;
    const tariff = ours?.tariff ?? null;
    const connectors: readonly OcpiConnector[] = evse.connectors.map(({ last_updated: _, ...connector }) => ({
      ...connector,
      max_electric_power:
        connector.max_electric_power ??
        connector.max_voltage * connector.max_amperage * (connector.power_type === 'AC_3_PHASE' ? 3 : 1),
    }));
    const values = {
      location_id: location.id,
      evse_id: parsedId?.ok ? formatEvseId(parsedId.value) : null,
      connectors: JSON.stringify(connectors) as never,
      plugs: [...new Set(connectors.map((connector) => connector.standard))],
      max_power_w:
        ours?.max_power_w ?? Math.max(...connectors.map((connector) => connector.max_electric_power)),
      meter_public_key: (ours?.meter_public_key ?? null) as `0x${string}` | null,
      in_service: !['INOPERATIVE', 'OUTOFORDER', 'PLANNED', 'BLOCKED'].includes(evse.status),
      tariff: tariff !== null && parseTariff(tariff).ok ? JSON.stringify(tariff) : null,
      held_tariffs: ours?.held_tariffs === undefined ? null : JSON.stringify(ours.held_tariffs),
      // Terms that cannot be read are kept: a price that is not understood must not look like a fixed one.
      dynamic_terms: ours?.dynamic == null ? null : JSON.stringify(ours.dynamic.terms),
      held_terms: ours?.dynamic?.held == null ? null : JSON.stringify({ dynamic: ours.dynamic.held.terms }),
      feed_in_micro_per_kwh: ours?.feed_in_micro_per_kwh ?? 0,
      taken_signal_id: ours?.dynamic?.taken_signal ?? null,
      given_signal_ids: ours?.dynamic?.given_signals ?? [],
      link_url: ours?.link_url ?? null,
      live: ours?.live ?? false,
      last_seen_at:
        ours?.last_seen == null ? null : String(Math.floor(Date.parse(withZone(ours.last_seen)) / 1000)),
      occupied_at: evse.status === 'CHARGING' ? String(now) : null,
      removed_at: evse.status === 'REMOVED' ? String(now) : null,
      updated_at: String(now),
    };
    await tx
      .insertInto('evse')
      .values({ provider_id: peer, uid: evse.uid, ...values })
      .onConflict((conflict) => conflict.columns(['provider_id', 'uid']).doUpdateSet(values))
      .execute();
  }
  await sql`
    update evse set removed_at = ${now}, updated_at = ${now}
    where provider_id = ${peer} and location_id = ${location.id} and removed_at is null
      and uid <> all(${evses.map((evse) => evse.uid)}::text[])`.execute(tx);
}

/** OCPI allows UTC without `Z`. */
const withZone = (time: string) => (time.endsWith('Z') ? time : `${time}Z`);
