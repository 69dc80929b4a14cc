import { parsePlainTariff } from '@p2p-power/protocol/parsePlainTariff';
import { isRecord } from '@p2p-power/protocol/SignedObject';
import { type EnergyPrices, parseEnergyPrices } from '@p2p-power/tariff/EnergyPrices';
import { isTimeZone } from '@p2p-power/tariff/localTime';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import type { Tariff } from '@p2p-power/tariff/Tariff';

/** A charging point on the map and in the list. Distances in metres, power in W, money in micro-units. */
export interface Point {
  readonly evseId: string;
  readonly name: string;
  readonly address: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly distanceM?: number;
  readonly maxPowerW: number;
  readonly plugs: readonly string[];
  /** Whether it is open now; undefined where nobody said. */
  readonly open?: boolean;
  /** Whether it can be had now. */
  readonly available: boolean;
  /** Whether it belongs to the network, with a station that answers. */
  readonly live: boolean;
  /** How many charging points this entry stands for. */
  readonly count: number;
  readonly providerId: string;
  readonly operatorName: string;
  readonly currency: string;
  /** What the charge asked for costs here. */
  readonly priceMicro?: number;
  /** Where its energy price changes by the quarter-hour. */
  readonly dynamic?: DynamicPoint;
  /** Why it cannot be had now: the name of a reason. */
  readonly unavailable?: string;
}

/** What the provider says of a point's dynamic prices; per kWh before tax, micro-units. */
export interface DynamicPoint {
  /** Whose market: `AT`, `DE-LU`. */
  readonly area: string;
  /** No market price is known now: the operator's fallback price holds. */
  readonly isFallback: boolean;
  /** No price is ever above this. */
  readonly capMicro: number;
  readonly nextHours: EnergyPrices;
}

/** A point in full. */
export interface PointInFull extends Point {
  readonly tariff?: Tariff;
  readonly timeZone: string;
  /** Its station's local link. */
  readonly linkUrl?: string;
  readonly openingHours?: string;
  /** Who may use it, in the operator's words. */
  readonly access?: string;
  readonly meterPublicKey?: string;
}

/** How a point stands for somebody who wants to charge now. */
export type Availability = 'free' | 'busy' | 'closed' | 'notLive' | 'unavailable';

export function availabilityOf(point: Point): Availability {
  if (!point.live) return 'notLive';
  if (point.open === false) return 'closed';
  if (point.available) return 'free';
  return point.unavailable === undefined || point.unavailable === 'occupied' ? 'busy' : 'unavailable';
}

/** A point out of untrusted JSON; undefined where the least of it is missing. */
export function parsePoint(json: unknown): Point | undefined {
  if (!isRecord(json)) return undefined;
  const { evseId, latitude, longitude, maxPowerW, distanceM, priceMicro, open, unavailable } = json;
  if (typeof evseId !== 'string' || evseId === '') return undefined;
  if (!isDegrees(latitude, 90) || !isDegrees(longitude, 180)) return undefined;
  const dynamic = parseDynamic(json.dynamic);
  return {
    evseId,
    name: textOf(json.name) || evseId,
    address: textOf(json.address),
    latitude,
    longitude,
    maxPowerW: isCount(maxPowerW) ? maxPowerW : 0,
    plugs: Array.isArray(json.plugs) ? json.plugs.filter((plug) => typeof plug === 'string') : [],
    available: json.available === true,
    live: json.live === true,
    count: isCount(json.count) ? Math.max(1, json.count) : 1,
    providerId: textOf(json.providerId),
    currency: textOf(json.currency) || 'EUR',
    operatorName: textOf(json.operatorName),
    ...(typeof open === 'boolean' && { open }),
    ...(typeof distanceM === 'number' && Number.isFinite(distanceM) && { distanceM }),
    ...(isCount(priceMicro) && { priceMicro }),
    ...(dynamic !== undefined && { dynamic }),
    ...(typeof unavailable === 'string' && unavailable !== '' && { unavailable: unavailable.slice(0, 60) }),
  };
}

function parseDynamic(json: unknown): DynamicPoint | undefined {
  if (!isRecord(json) || !isCount(json.capMicro)) return undefined;
  const nextHours = parseEnergyPrices(json.nextHours);
  if (!nextHours.ok) return undefined;
  return {
    area: textOf(json.area),
    isFallback: json.isFallback === true,
    capMicro: json.capMicro,
    nextHours: nextHours.value,
  };
}

/** A list of points out of untrusted JSON; what is no point is left out. */
export function parsePoints(
  json: unknown,
): Result<{ readonly points: readonly Point[]; readonly total: number }, 'malformed-points'> {
  if (!isRecord(json) || !Array.isArray(json.points)) return refuse('malformed-points', 'no list of points');
  const points = json.points.map(parsePoint).filter((point) => point !== undefined);
  return accept({ points, total: isCount(json.total) ? json.total : points.length });
}

/** One point in full out of untrusted JSON. */
export function parsePointInFull(json: unknown): Result<PointInFull, 'malformed-points'> {
  const point = parsePoint(json);
  if (point === undefined || !isRecord(json)) return refuse('malformed-points', 'no point');
  const tariff = parsePlainTariff(json.tariff);
  const { timeZone, linkUrl, openingHours, access, meterPublicKey } = json;
  return accept({
    ...point,
    timeZone: typeof timeZone === 'string' && isTimeZone(timeZone) ? timeZone : 'Europe/Berlin',
    ...(tariff.ok && { tariff: tariff.value }),
    ...(typeof linkUrl === 'string' && linkUrl !== '' && { linkUrl }),
    ...(typeof openingHours === 'string' && openingHours !== '' && { openingHours }),
    ...(typeof access === 'string' && access !== '' && { access }),
    ...(typeof meterPublicKey === 'string' && meterPublicKey !== '' && { meterPublicKey }),
  });
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isDegrees = (value: unknown, most: number): value is number =>
  typeof value === 'number' && Math.abs(value) <= most;
const textOf = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 300) : '');

/**
 * A point of another provider with what that one says of its prices by the quarter-hour and why it cannot be had:
 * the own provider knows only the tariff, whose printed price is the most that is asked.
 */
export function withOwnersPrices(point: PointInFull, owners: PointInFull): PointInFull {
  if (owners.evseId !== point.evseId) return point;
  const { dynamic, priceMicro, unavailable, available } = owners;
  return {
    ...point,
    ...(dynamic !== undefined && { dynamic, ...(priceMicro !== undefined && { priceMicro }) }),
    ...(unavailable !== undefined && { unavailable, available }),
  };
}

/** Metres between two places on the sphere (haversine, mean radius 6,371,009 m). */
export function distanceBetweenM(
  from: { readonly latitude: number; readonly longitude: number },
  to: { readonly latitude: number; readonly longitude: number },
): number {
  const radians = Math.PI / 180;
  const latitudes = (to.latitude - from.latitude) * radians;
  const longitudes = (to.longitude - from.longitude) * radians;
  const chord =
    Math.sin(latitudes / 2) ** 2 +
    Math.cos(from.latitude * radians) * Math.cos(to.latitude * radians) * Math.sin(longitudes / 2) ** 2;
  return 2 * 6_371_009 * Math.asin(Math.sqrt(chord));
}
