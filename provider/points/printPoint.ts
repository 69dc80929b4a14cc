import { isDeepStrictEqual } from 'node:util';
import type { Hex } from '@p2p-power/protocol/Hex';
import { displayPrice } from '@p2p-power/tariff/displayPrice';
import { estimate } from '@p2p-power/tariff/price';
import { isValidAt, type OcpiTariffJson, parseTariff, type Tariff } from '@p2p-power/tariff/Tariff';
import type { PriceSignal } from '../signals/readPriceSignals.ts';
import type { FoundPoint } from './findPoints.ts';
import { possibleTariffs } from './heldTariffs.ts';
import type { OcpiConnector } from './OcpiConnector.ts';
import { isOpenAt, printOpeningTimes } from './openingHours.ts';
import type { PointInFull, PointSummary } from './PointSchemas.ts';
import {
  type PossibleSignal,
  type PromisedPrices,
  promisedPrices,
  promisedPricesOfBoth,
} from './promisedPrices.ts';
import { readDynamicTerms } from './readDynamicTerms.ts';

/** What is asked about: when, and for which charge. */
export interface PointQuestion {
  /** Epoch seconds. */
  readonly now: number;
  readonly energyWh?: number | undefined;
  /** What the car takes at most. */
  readonly powerW?: number | undefined;
  /** The price signals that the points' stations hold, by id. */
  readonly signals: ReadonlyMap<Hex, PriceSignal>;
}

/** A station that nobody heard of for this long is not offered as available. */
export const silentAfterS = 7 * 86_400;

/** A charge that a station told of counts for this long; it tells again while the charge runs. */
const occupiedForS = 900;

/** Whether a charge runs at the point, as far as its station has a way to say so. */
export const isOccupied = (occupiedAt: string | number | null, now: number): boolean =>
  occupiedAt !== null && now - Number(occupiedAt) < occupiedForS;

/** A point as map and list show it. */
export function printPoint(point: FoundPoint, question: PointQuestion): PointSummary {
  const { now } = question;
  const inNetwork = point.source !== 'register';
  const open = point.opening_times === null ? undefined : isOpenAt(point.opening_times, point.time_zone, now);
  const promised = inNetwork ? promiseOf(point, question) : undefined;
  const { tariff, offer } = promised ?? {};
  const priceMicro = question.energyWh === undefined ? undefined : promised?.priceMicro;
  const unavailable = whyUnavailable(point, {
    now,
    open,
    hasTariff: tariff !== undefined,
    hasPrice: !!offer,
  });
  return {
    evseId: point.evse_id ?? point.uid,
    name: point.name,
    address: [point.address, [point.postal_code, point.city].filter(Boolean).join(' ')]
      .filter(Boolean)
      .join(', '),
    latitude: point.latitude,
    longitude: point.longitude,
    ...(point.distance_m !== null && { distanceM: Math.round(point.distance_m) }),
    maxPowerW: point.max_power_w,
    plugs: [...new Set(point.plugs.split(','))],
    count: point.count,
    ...(open !== undefined && { open }),
    available: inNetwork && unavailable === undefined,
    ...(inNetwork && unavailable !== undefined && { unavailable }),
    live: point.live,
    inNetwork,
    providerId: point.provider_id,
    operatorName: point.operator_name,
    ...(tariff !== undefined && { currency: tariff.currency }),
    ...(priceMicro !== undefined && { priceMicro }),
    ...(offer?.dynamic !== undefined && { dynamic: offer.dynamic }),
    ...(point.feed_in_micro_per_kwh > 0 && { feedInMicroPerKwh: point.feed_in_micro_per_kwh }),
    tariffLines: tariff === undefined ? [] : displayPrice(tariff, 'en').map(({ text }) => ({ text })),
  };
}

function whyUnavailable(
  point: FoundPoint,
  is: {
    readonly now: number;
    readonly open: boolean | undefined;
    readonly hasTariff: boolean;
    readonly hasPrice: boolean;
  },
): PointSummary['unavailable'] {
  if (!point.live) return 'no-station';
  if (!point.in_service) return 'out-of-service';
  if (!is.hasTariff) return 'no-tariff';
  if (point.last_seen_at === null || is.now - Number(point.last_seen_at) >= silentAfterS) return 'silent';
  if (!is.hasPrice) return 'no-fresh-price';
  if (is.open === false) return 'closed';
  return isOccupied(point.occupied_at, is.now) ? 'occupied' : undefined;
}

/**
 * What a point's station may offer now, also while it goes by the terms of its last provision; undefined where its
 * price follows an index and it may know none.
 */
function offerOf(
  point: FoundPoint,
  tariff: Tariff,
  { now, signals }: PointQuestion,
): { readonly offers?: PromisedPrices['offers']; readonly dynamic?: PointSummary['dynamic'] } | undefined {
  const terms = readDynamicTerms(point.dynamic_terms);
  if (terms === undefined) return point.dynamic_terms === null ? {} : undefined;
  // Its station has not heard of it yet: the tariff, which prints the most that a kWh may cost, holds there.
  if (point.held_terms?.dynamic === null) return {};
  const before = readDynamicTerms(point.held_terms?.dynamic) ?? terms;
  const held = (id: Hex | null): readonly PossibleSignal[] => {
    if (id === null) return [];
    const signal = signals.get(id);
    if (signal === undefined) return ['unknown'];
    return signal.currency === tariff.currency && signal.area === terms.area ? [signal] : [];
  };
  const given = point.given_signal_ids.flatMap(held);
  const signalsHeld = { taken: held(point.taken_signal_id)[0], given };
  const promised = isDeepStrictEqual(before, terms)
    ? promisedPrices(terms, signalsHeld, now)
    : promisedPricesOfBoth(terms, before, signalsHeld, now);
  if (!promised.ok) return undefined;
  const { offers, prices, isFallback } = promised.value;
  const nextHours = { ...prices, pricesMicro: [...prices.pricesMicro] };
  return { offers, dynamic: { area: terms.area, isFallback, capMicro: terms.capMicro, nextHours } };
}

/** By this charge tariffs are compared where none was asked about. */
const usualEnergyWh = 20_000;

/** What the map promises of a point: the tariff that its station may offer by, and what the charge asked about costs. */
interface Promise {
  readonly tariff: Tariff;
  /** As OCPI JSON. */
  readonly json: unknown;
  readonly offer: ReturnType<typeof offerOf>;
  readonly priceMicro?: number;
}

/**
 * Of all tariffs that a point's station may offer by, that which makes the charge dearest: nobody is asked more there.
 * Undefined where none is in force.
 */
function promiseOf(point: FoundPoint, question: PointQuestion): Promise | undefined {
  let dearest: Promise | undefined;
  for (const { tariff, json } of possibleTariffs(point.tariff, point.held_tariffs ?? [], question.now)) {
    const offer = offerOf(point, tariff, question);
    const priceMicro = offer && priceOf(point, tariff, question, offer.offers);
    if (dearest === undefined || (priceMicro ?? 0) > (dearest.priceMicro ?? 0))
      dearest = { tariff, json, offer, ...(priceMicro !== undefined && { priceMicro }) };
  }
  return dearest;
}

/** A point with all that is known of it. */
export function printPointInFull(point: FoundPoint, question: PointQuestion): PointInFull {
  const promised = point.source === 'register' ? undefined : promiseOf(point, question);
  return {
    ...printPoint(point, question),
    postalCode: point.postal_code,
    city: point.city,
    country: point.country,
    timeZone: point.time_zone,
    openingHours:
      point.opening_text ?? (point.opening_times === null ? '' : printOpeningTimes(point.opening_times)),
    ...(point.opening_times !== null && { openingTimes: point.opening_times }),
    ...(point.access !== null && { access: point.access }),
    connectors: (point.connectors ?? []).map(printConnector),
    ...(promised && { tariff: promised.tariff, ocpiTariff: promised.json as OcpiTariffJson }),
    ...(point.link_url !== null && { linkUrl: point.link_url }),
    ...(point.meter_public_key !== null && { meterPublicKey: point.meter_public_key }),
    ...(point.last_seen_at !== null && { lastSeenAt: Number(point.last_seen_at) }),
  };
}

/** The tariff of a point as it was stored, which passed `parseTariff`; undefined where there is none. */
export function readTariff(json: unknown): Tariff | undefined {
  if (json === null || json === undefined) return undefined;
  const parsed = parseTariff(json);
  return parsed.ok ? parsed.value : undefined;
}

/** The same, undefined also where it is not valid at `now`, epoch seconds. */
export function readValidTariff(json: unknown, now: number): Tariff | undefined {
  const tariff = readTariff(json);
  return tariff !== undefined && isValidAt(tariff, now) ? tariff : undefined;
}

function priceOf(
  point: FoundPoint,
  tariff: Tariff,
  { now, energyWh = usualEnergyWh, powerW }: PointQuestion,
  offers: PromisedPrices['offers'] | undefined,
): number {
  const power = Math.max(1, Math.min(point.max_power_w, powerW ?? point.max_power_w));
  const charge = { timeZone: point.time_zone, startAt: now, energyWh, powerW: power, parkingS: 0 };
  if (offers === undefined) return estimate(tariff, charge).inclVatMicro;
  return Math.max(...offers.map((prices) => estimate(tariff, { ...charge, prices }).inclVatMicro));
}

const printConnector = (connector: OcpiConnector): PointInFull['connectors'][number] => ({
  id: connector.id,
  standard: connector.standard,
  format: connector.format,
  powerType: connector.power_type,
  maxVoltage: connector.max_voltage,
  maxAmperage: connector.max_amperage,
  maxPowerW: connector.max_electric_power,
});
