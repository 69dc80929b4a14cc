import { accept, type Result } from '@p2p-power/tariff/Result';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database/Database.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import type { RegisterImport } from '../points/PointSchemas.ts';
import type { RegisterStation } from './RegisterRow.ts';
import { type RegisterRefusal, readRegister } from './readRegister.ts';

/**
 * Takes a register's file over: every row becomes public points or is refused with its line and reason.
 * Imported again, only what differs changes; what is not in the file any more is taken off the map.
 * `name` tells registers apart and leads their technical ids.
 */
export async function importRegister(
  context: Pick<ProviderContext, 'db' | 'clock'>,
  name: string,
  csv: string,
): Promise<Result<RegisterImport, RegisterRefusal>> {
  const entries = readRegister(csv);
  if (!entries.ok) return entries;
  const refused: RegisterImport['refused'] = [];
  const stations: { line: number; station: RegisterStation }[] = [];
  for (const { line, row } of entries.value) {
    if (row.ok) stations.push({ line, station: row.value });
    else refused.push({ line, reason: row.refusal, detail: row.detail });
  }
  const report = describe(stations);
  const now = context.clock.nowS();
  const removed = await context.db.transaction().execute((tx) => store(tx, name, report.rows, now));
  return accept({
    rows: entries.value.length,
    taken: stations.length,
    points: report.rows.evses.length,
    refused,
    withoutEvseId: report.rows.evses.filter((evse) => evse.evse_id === null).length,
    removed,
    keys: report.keys,
    evseIds: report.evseIds,
    openingHours: report.openingHours,
  });
}

interface Rows {
  readonly locations: Record<string, unknown>[];
  readonly evses: (Record<string, unknown> & { evse_id: string | null })[];
}

function describe(stations: readonly { readonly line: number; readonly station: RegisterStation }[]) {
  const rows: Rows = { locations: [], evses: [] };
  const keys: RegisterImport['keys'] = { parsed: 0, byCurve: {}, noted: [] };
  const evseIds: RegisterImport['evseIds'] = { noted: [] };
  const openingHours = { parsed: 0, unknown: 0, textOnly: 0 };
  const known = new Set<string>();
  for (const { line, station } of stations) {
    if (station.openingTimes !== null) openingHours.parsed += 1;
    else if (station.openingText !== null) openingHours.textOnly += 1;
    else openingHours.unknown += 1;
    rows.locations.push({
      location_id: station.stationId,
      operator_name: station.operatorName,
      name: station.name,
      address: station.address,
      postal_code: station.postalCode,
      city: station.city,
      latitude: station.latitude,
      longitude: station.longitude,
      opening_times: station.openingTimes,
      opening_text: station.openingText,
      access: station.access,
    });
    for (const point of station.points) {
      if (point.meterKey !== null) {
        keys.parsed += 1;
        keys.byCurve[point.meterKey.curve] = (keys.byCurve[point.meterKey.curve] ?? 0) + 1;
      }
      if (point.meterKeyNote !== null) keys.noted.push({ line, point: point.number, ...point.meterKeyNote });
      if (point.evseIdNote !== null) evseIds.noted.push({ line, point: point.number, ...point.evseIdNote });
      // An EVSE-ID names one point: of two that claim it the first has it.
      const isDoubled = point.evseId !== null && known.has(point.evseId);
      if (isDoubled)
        evseIds.noted.push({ line, point: point.number, text: point.evseId ?? '', reason: 'doubled' });
      if (point.evseId !== null) known.add(point.evseId);
      rows.evses.push({
        uid: `${station.stationId}-${point.number}`,
        location_id: station.stationId,
        evse_id: isDoubled ? null : point.evseId,
        connectors: point.connectors,
        plugs: [...new Set(point.connectors.map((connector) => connector.standard))],
        max_power_w: point.maxPowerW,
        meter_public_key: point.meterKey?.spki ?? null,
        meter_key_note: point.meterKeyNote?.reason ?? null,
        in_service: station.inService,
      });
    }
  }
  return { rows, keys, evseIds, openingHours };
}

/** Writes all rows in few statements, in one order, so that two imports cannot wait for each other; answers how many points were taken off the map. */
async function store(tx: Kysely<Database>, name: string, rows: Rows, now: number): Promise<number> {
  const provider = `register:${name}`;
  await sql`
    insert into location (provider_id, location_id, source, operator_name, name, address, postal_code, city,
      country, latitude, longitude, time_zone, opening_times, opening_text, access, updated_at)
    select ${provider}, location_id, 'register', operator_name, name, address, postal_code, city,
      'DEU', latitude, longitude, 'Europe/Berlin', opening_times, opening_text, access, ${now}::bigint
    from jsonb_to_recordset(${JSON.stringify(rows.locations)}::jsonb) as r (
      location_id text, operator_name text, name text, address text, postal_code text, city text,
      latitude double precision, longitude double precision, opening_times jsonb, opening_text text, access text)
    order by location_id
    on conflict (provider_id, location_id) do update set
      operator_name = excluded.operator_name, name = excluded.name, address = excluded.address,
      postal_code = excluded.postal_code, city = excluded.city, latitude = excluded.latitude,
      longitude = excluded.longitude, opening_times = excluded.opening_times,
      opening_text = excluded.opening_text, access = excluded.access, updated_at = excluded.updated_at
    where (location.operator_name, location.name, location.address, location.postal_code, location.city,
        location.latitude, location.longitude, location.opening_times, location.opening_text, location.access)
      is distinct from (excluded.operator_name, excluded.name, excluded.address, excluded.postal_code,
        excluded.city, excluded.latitude, excluded.longitude, excluded.opening_times, excluded.opening_text, excluded.access)
  `.execute(tx);
  await sql`
    insert into evse (provider_id, uid, location_id, evse_id, connectors, plugs, max_power_w,
      meter_public_key, meter_key_note, in_service, live, updated_at)
    select ${provider}, uid, location_id, evse_id, connectors, plugs, max_power_w,
      meter_public_key, meter_key_note, in_service, false, ${now}::bigint
    from jsonb_to_recordset(${JSON.stringify(rows.evses)}::jsonb) as r (
      uid text, location_id text, evse_id text, connectors jsonb, plugs text[], max_power_w integer,
      meter_public_key text, meter_key_note text, in_service boolean)
    order by uid
    on conflict (provider_id, uid) do update set
      location_id = excluded.location_id, evse_id = excluded.evse_id, connectors = excluded.connectors,
      plugs = excluded.plugs, max_power_w = excluded.max_power_w,
      meter_public_key = excluded.meter_public_key, meter_key_note = excluded.meter_key_note,
      in_service = excluded.in_service, removed_at = null, updated_at = excluded.updated_at
    where (evse.location_id, evse.evse_id, evse.connectors, evse.plugs, evse.max_power_w, evse.meter_public_key,
        evse.meter_key_note, evse.in_service, evse.removed_at)
      is distinct from (excluded.location_id, excluded.evse_id, excluded.connectors, excluded.plugs,
        excluded.max_power_w, excluded.meter_public_key, excluded.meter_key_note, excluded.in_service, null::bigint)
  `.execute(tx);
  const removed = await sql`
    update evse set removed_at = ${now}, updated_at = ${now}
    where provider_id = ${provider} and removed_at is null
      and uid <> all(${rows.evses.map((evse) => evse.uid)}::text[])`.execute(tx);
  return Number(removed.numAffectedRows ?? 0);
}
