import { isDeepStrictEqual } from 'node:util';
import type { Hex } from '@p2p-power/protocol/Hex';
import { printDateTime } from '@p2p-power/tariff/readJson';
import { sql } from 'kysely';
import type { ProviderContext } from '../ProviderContext.ts';
import type { HeldTariff } from '../points/heldTariffs.ts';
import type { OcpiConnector } from '../points/OcpiConnector.ts';
import { isOccupied } from '../points/printPoint.ts';
import type { OcpiLocation } from './OcpiLocation.ts';

export interface LocationPage {
  readonly locations: readonly OcpiLocation[];
  readonly total: number;
}

interface Row {
  readonly location_id: string;
  readonly operator_name: string;
  readonly name: string;
  readonly address: string;
  readonly postal_code: string;
  readonly city: string;
  readonly country: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly time_zone: string;
  readonly opening_times: OcpiLocation['opening_times'] | null;
  readonly access: string | null;
  readonly changed_at: string;
  readonly evses: readonly EvseJson[];
  readonly total: number;
}

interface EvseJson {
  readonly uid: string;
  readonly evse_id: string | null;
  readonly connectors: readonly OcpiConnector[];
  readonly max_power_w: number;
  readonly in_service: boolean;
  readonly live: boolean;
  readonly tariff: Record<string, unknown> | null;
  readonly link_url: string | null;
  readonly meter_public_key: string | null;
  readonly dynamic_terms: Record<string, unknown> | null;
  readonly held_tariffs: readonly HeldTariff[] | null;
  readonly held_terms: { readonly dynamic: Record<string, unknown> | null } | null;
  readonly feed_in_micro_per_kwh: number;
  readonly taken_signal_id: Hex | null;
  readonly given_signal_ids: readonly Hex[];
  readonly last_seen_at: number | null;
  readonly occupied_at: number | null;
  readonly removed_at: number | null;
  readonly updated_at: number;
}

/**
 * The locations of our operators as OCPI has them, those that changed at or after `dateFrom` (epoch
 * seconds), the longest unchanged first. Removed points stay in with the status REMOVED.
 */
export async function readLocations(
  { db, config, clock }: Pick<ProviderContext, 'db' | 'config' | 'clock'>,
  page: { readonly offset: number; readonly limit: number; readonly dateFrom?: number | undefined },
): Promise<LocationPage> {
  const found = await sql<Row>`
    select *, count(*) over ()::int as total from (
      select l.*, greatest(l.updated_at, max(e.updated_at), max(e.last_seen_at)) as changed_at,
        jsonb_agg(to_jsonb(e) order by e.uid) as evses
      from location l join evse e using (provider_id, location_id)
      where l.source = 'own' and l.provider_id = ${config.providerId}
      group by l.provider_id, l.location_id
    ) as own
    where changed_at >= ${page.dateFrom ?? 0}
    order by changed_at, location_id limit ${page.limit} offset ${page.offset}`.execute(db);
  return {
    locations: found.rows.map((row) => printLocation(config.providerId, row, clock.nowS())),
    total: found.rows[0]?.total ?? 0,
  };
}

function printLocation(providerId: string, row: Row, now: number): OcpiLocation {
  return {
    country_code: providerId.slice(0, 2),
    party_id: providerId.slice(2),
    id: row.location_id.slice(0, 36),
    publish: true,
    name: row.name,
    address: row.address,
    city: row.city,
    ...(row.postal_code !== '' && { postal_code: row.postal_code }),
    country: row.country,
    coordinates: { latitude: row.latitude.toFixed(6), longitude: row.longitude.toFixed(6) },
    evses: row.evses.map((evse) => printEvse(evse, now)),
    operator: { name: row.operator_name },
    time_zone: row.time_zone,
    ...(row.opening_times !== null && { opening_times: row.opening_times }),
    ...(row.access !== null && { p2p_power: { access: row.access } }),
    last_updated: printDateTime(Number(row.changed_at)),
  };
}

/** By which tariffs but that in force a point's station may make offers, for peers. */
function otherTariffs({ tariff, held_tariffs }: EvseJson, now: number) {
  return (held_tariffs ?? [])
    .filter((held) => held.until > now && !isDeepStrictEqual(held.tariff, tariff))
    .map((held) => ({ tariff: held.tariff as Record<string, unknown>, until: held.until }));
}

function printEvse(evse: EvseJson, now: number): NonNullable<OcpiLocation['evses']>[number] {
  const updated = printDateTime(Math.max(evse.updated_at, evse.last_seen_at ?? 0));
  const inUse = isOccupied(evse.occupied_at, now) ? 'CHARGING' : 'AVAILABLE';
  const held = otherTariffs(evse, now);
  const status = evse.in_service ? (evse.live ? inUse : 'UNKNOWN') : 'OUTOFORDER';
  return {
    uid: evse.uid.slice(0, 36),
    ...(evse.evse_id !== null && { evse_id: evse.evse_id }),
    status: evse.removed_at === null ? status : 'REMOVED',
    connectors: evse.connectors.map((connector) => ({ ...connector, last_updated: updated })),
    last_updated: updated,
    p2p_power: {
      live: evse.live,
      max_power_w: evse.max_power_w,
      tariff: evse.tariff,
      ...(held.length > 0 && { held_tariffs: held }),
      link_url: evse.link_url,
      meter_public_key: evse.meter_public_key,
      ...(evse.dynamic_terms !== null && {
        dynamic: {
          terms: evse.dynamic_terms,
          held: evse.held_terms && { terms: evse.held_terms.dynamic },
          taken_signal: evse.taken_signal_id,
          given_signals: [...evse.given_signal_ids],
        },
      }),
      ...(evse.feed_in_micro_per_kwh > 0 && { feed_in_micro_per_kwh: evse.feed_in_micro_per_kwh }),
      last_seen: evse.last_seen_at === null ? null : printDateTime(evse.last_seen_at),
    },
  };
}
