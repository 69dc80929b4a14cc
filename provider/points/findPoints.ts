import { formatEvseId, parseEvseId } from '@p2p-power/protocol/EvseId';
import type { Hex } from '@p2p-power/protocol/Hex';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Database } from '../database/Database.ts';
import type { HeldTariff } from './heldTariffs.ts';
import type { OcpiConnector } from './OcpiConnector.ts';
import type { OpeningTimes } from './PointSchemas.ts';
import type { PointSource } from './PointTables.ts';

/** A point with its place, as the database has it; of a public register all points of one station together. */
export interface FoundPoint {
  readonly provider_id: string;
  readonly source: PointSource;
  readonly uid: string;
  readonly evse_id: string | null;
  readonly operator_name: string;
  readonly name: string;
  readonly address: string;
  readonly postal_code: string;
  readonly city: string;
  readonly country: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly time_zone: string;
  readonly opening_times: OpeningTimes | null;
  readonly opening_text: string | null;
  readonly access: string | null;
  /** Of a single point only; lists go without. */
  readonly connectors: readonly OcpiConnector[] | null;
  /** OCPI connector types, comma between, also the same twice. */
  readonly plugs: string;
  readonly max_power_w: number;
  readonly meter_public_key: Hex | null;
  readonly in_service: boolean;
  /** OCPI JSON. */
  readonly tariff: unknown;
  /** `DynamicTerms` as JSON. */
  readonly dynamic_terms: unknown;
  /** What its station knows of that: `{dynamic}`. */
  readonly held_terms: { readonly dynamic: unknown } | null;
  /** By which tariffs it may offer. */
  readonly held_tariffs: readonly HeldTariff[] | null;
  readonly feed_in_micro_per_kwh: number;
  readonly taken_signal_id: Hex | null;
  readonly given_signal_ids: readonly Hex[];
  readonly link_url: string | null;
  readonly live: boolean;
  readonly last_seen_at: string | null;
  readonly occupied_at: string | null;
  readonly count: number;
  readonly distance_m: number | null;
}

/** Degrees; `west` above `east` crosses the antimeridian. */
export interface Box {
  readonly south: number;
  readonly west: number;
  readonly north: number;
  readonly east: number;
}

export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

/** Mean radius of the earth, m (IUGG R1). */
const earthRadiusM = 6_371_009;

/** The smallest box that holds the circle. */
export function boxAround({ latitude, longitude }: Place, radiusM: number): Box {
  const degrees = (radiusM / earthRadiusM) * (180 / Math.PI);
  const [south, north] = [Math.max(-90, latitude - degrees), Math.min(90, latitude + degrees)];
  const narrowest = Math.cos((Math.max(Math.abs(south), Math.abs(north)) * Math.PI) / 180);
  const wide = narrowest < 1e-6 ? 180 : degrees / narrowest;
  if (wide >= 180) return { south, north, west: -180, east: 180 };
  const wrapped = (degree: number) => ((((degree + 180) % 360) + 360) % 360) - 180;
  return { south, north, west: wrapped(longitude - wide), east: wrapped(longitude + wide) };
}

/**
 * Points in a box, or around a place with the nearest first; in a box those of the network come first.
 * A public point whose EVSE-ID a provider of the network publishes is left out. Answers at most
 * `limit`, and how many there are.
 */
export async function findPoints(
  db: Kysely<Database>,
  wanted: {
    readonly box: Box;
    readonly around?: { readonly place: Place; readonly radiusM: number };
    readonly inNetwork?: boolean;
    readonly limit: number;
  },
): Promise<{ readonly points: readonly FoundPoint[]; readonly total: number }> {
  const { box, around, limit } = wanted;
  const distance = around === undefined ? sql`null::double precision` : distanceTo(around.place);
  const where = [
    sql`l.latitude between ${box.south} and ${box.north}`,
    box.west <= box.east
      ? sql`l.longitude between ${box.west} and ${box.east}`
      : sql`(l.longitude >= ${box.west} or l.longitude <= ${box.east})`,
    ...(wanted.inNetwork === undefined
      ? []
      : [wanted.inNetwork ? sql`l.source <> 'register'` : sql`l.source = 'register'`]),
    ...(around === undefined ? [] : [sql`${distance} <= ${around.radiusM}`]),
  ];
  const order =
    around === undefined
      ? sql`(source <> 'register') desc, provider_id, uid`
      : sql`distance_m, (source <> 'register') desc, provider_id, uid`;
  const found = await select(
    db,
    sql.join(where, sql` and `),
    distance,
    sql`order by ${order} limit ${limit}`,
  );
  return { points: found.rows, total: found.rows[0]?.total ?? 0 };
}

/** The point of an EVSE-ID in any spelling, else of a technical id; points of the network come first. */
export async function findPoint(db: Kysely<Database>, id: string): Promise<FoundPoint | undefined> {
  const parsed = parseEvseId(id);
  const evseId = parsed.ok ? formatEvseId(parsed.value) : id;
  const found = await select(
    db,
    sql`(e.evse_id = ${evseId} or e.uid = ${id})`,
    sql`null::double precision`,
    sql`order by (evse_id is not distinct from ${evseId}) desc, (source <> 'register') desc limit 1`,
    true,
  );
  return found.rows[0];
}

function select(
  db: Kysely<Database>,
  where: RawBuilder<unknown>,
  distance: RawBuilder<unknown>,
  end: RawBuilder<unknown>,
  isFull = false,
) {
  const group = isFull ? sql`e.uid` : sql`case when l.source = 'register' then '' else e.uid end`;
  return sql<FoundPoint & { total: number }>`
    select *, count(*) over ()::int as total from (
      select l.provider_id, l.source, l.operator_name, l.name, l.address, l.postal_code, l.city, l.country,
        l.latitude, l.longitude, l.time_zone, l.opening_times, l.opening_text, l.access, ${distance} as distance_m,
        min(e.uid) as uid,
        (array_agg(e.evse_id order by e.uid))[1] as evse_id,
        ${isFull ? sql`jsonb_path_query_array(jsonb_agg(e.connectors order by e.uid), '$[*][*]')` : sql`null::jsonb`} as connectors,
        string_agg(array_to_string(e.plugs, ','), ',') as plugs,
        max(e.max_power_w) as max_power_w,
        (array_agg(e.meter_public_key order by e.uid))[1] as meter_public_key,
        bool_or(e.in_service) as in_service,
        (array_agg(e.tariff order by e.uid))[1] as tariff,
        (array_agg(e.dynamic_terms order by e.uid))[1] as dynamic_terms,
        (array_agg(e.held_terms order by e.uid))[1] as held_terms,
        (array_agg(e.held_tariffs order by e.uid))[1] as held_tariffs,
        max(e.feed_in_micro_per_kwh) as feed_in_micro_per_kwh,
        (array_agg(e.taken_signal_id order by e.uid))[1] as taken_signal_id,
        (array_agg(to_jsonb(e.given_signal_ids) order by e.uid))[1] as given_signal_ids,
        (array_agg(e.link_url order by e.uid))[1] as link_url,
        bool_or(e.live) as live,
        max(e.last_seen_at) as last_seen_at,
        max(e.occupied_at) as occupied_at,
        count(*)::int as count
      from evse e join location l using (provider_id, location_id)
      where e.removed_at is null and ${where}
        and not (l.source = 'register' and e.evse_id is not null and exists (
          select 1 from evse o join location lo using (provider_id, location_id)
          where o.evse_id = e.evse_id and o.removed_at is null and lo.source <> 'register'))
      group by l.provider_id, l.location_id, ${group}
    ) as found ${end}`.execute(db);
}

/** Metres on the sphere (haversine). */
function distanceTo({ latitude, longitude }: Place): RawBuilder<unknown> {
  return sql`(2 * ${earthRadiusM}::float8 * asin(least(1, sqrt(
    power(sin(radians(l.latitude - ${latitude}::float8) / 2), 2)
    + cos(radians(${latitude}::float8)) * cos(radians(l.latitude)) * power(sin(radians(l.longitude - ${longitude}::float8) / 2), 2)))))`;
}
