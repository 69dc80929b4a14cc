import type { Signal } from '@p2p-power/protocol/Signal';
import type { SignedStationCertificate } from '@p2p-power/protocol/StationCertificate';
import type { TrustList } from '@p2p-power/protocol/TrustList';
import type { Commission } from '@p2p-power/tariff/Commission';
import type { DynamicTerms } from '@p2p-power/tariff/DynamicTerms';
import type { PriceFrame } from '@p2p-power/tariff/PriceFrame';
import { TARGET_GROUPS } from '@p2p-power/tariff/TargetGroup';
import type { OcpiTariffJson, Tariff } from '@p2p-power/tariff/Tariff';
import { z } from 'zod';
import { hex32, objectOf, publicKeySchema } from '../http/schemas.ts';

const energyPricesSchema = z
  .object({
    firstAt: z.int().meta({ description: 'Epoch seconds, the start of a quarter-hour' }),
    pricesMicro: z.array(z.int()),
    otherwiseMicro: z.int(),
  })
  .meta({ id: 'EnergyPrices', description: 'Per kWh before tax, by quarter-hour (tariff/EnergyPrices.ts)' });

/** Why a point of the network cannot be had now, in order of precedence. */
export const unavailableReasons = [
  'no-station',
  'out-of-service',
  'no-tariff',
  'silent',
  'no-fresh-price',
  'closed',
  'occupied',
] as const;

const tariffLineSchema = z.object({
  text: z.string().meta({ description: 'For the driver, e.g. `0.4641 EUR/kWh`' }),
});

/** A charging point on the map or in a list. Power in W, distance in m, money in micro-units. */
export const pointSummarySchema = z
  .object({
    evseId: z.string().meta({
      description: 'EVSE-ID without separators; of a public point without one, the technical id',
    }),
    name: z.string(),
    address: z.string(),
    latitude: z.number(),
    longitude: z.number(),
    distanceM: z.int().optional(),
    maxPowerW: z.int(),
    plugs: z.array(z.string()).meta({ description: 'OCPI ConnectorType' }),
    count: z.int().meta({ description: 'Charging points that this entry stands for' }),
    open: z.boolean().optional().meta({ description: 'Whether it is open now; absent where nobody says' }),
    available: z.boolean().meta({ description: 'Whether it can be had now, as far as we know' }),
    unavailable: z.enum(unavailableReasons).optional().meta({
      description: 'Why a point of the network is not available; absent where it is',
    }),
    live: z.boolean().meta({ description: 'Whether a station of the network stands there' }),
    inNetwork: z.boolean().meta({ description: 'False for public points of a register' }),
    providerId: z.string(),
    operatorName: z.string(),
    currency: z.string().optional(),
    priceMicro: z.int().optional().meta({ description: 'What the charge asked for costs, tax included' }),
    dynamic: z
      .object({
        area: z.string().meta({ description: 'Whose index the energy price follows' }),
        isFallback: z.boolean().meta({
          description: 'Whether its station has no price signal that it may rely on, as far as we know',
        }),
        capMicro: z.int(),
        nextHours: energyPricesSchema.meta({ description: 'No station offers more than this now' }),
      })
      .optional()
      .meta({ description: 'Of a point whose energy price follows an index, while it has a price' }),
    feedInMicroPerKwh: z.int().optional().meta({
      description: 'What a kWh given back earns before tax; absent where none is taken back',
    }),
    tariffLines: z.array(tariffLineSchema),
  })
  .meta({ id: 'PointSummary' });
export type PointSummary = z.output<typeof pointSummarySchema>;

export const pointsAnswerSchema = z
  .object({ points: z.array(pointSummarySchema), total: z.int() })
  .meta({ id: 'Points' });
export type PointsAnswer = z.output<typeof pointsAnswerSchema>;

export const connectorSchema = z.object({
  id: z.string(),
  standard: z.string().meta({ description: 'OCPI ConnectorType' }),
  format: z.enum(['SOCKET', 'CABLE']),
  powerType: z.enum(['AC_1_PHASE', 'AC_2_PHASE', 'AC_3_PHASE', 'DC']),
  maxVoltage: z.int(),
  maxAmperage: z.int(),
  maxPowerW: z.int(),
});

const regularHoursSchema = z.object({
  weekday: z.int().min(1).max(7),
  period_begin: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/),
  period_end: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/),
});

/** OCPI 2.2.1 Hours, as far as it is read here. */
export const openingTimesSchema = z
  .object({
    twentyfourseven: z.boolean(),
    regular_hours: z.array(regularHoursSchema).max(50).optional(),
  })
  .meta({ id: 'OpeningTimes' });
export type OpeningTimes = z.output<typeof openingTimesSchema>;

/** One point in full. */
export const pointInFullSchema = pointSummarySchema
  .extend({
    postalCode: z.string(),
    city: z.string(),
    country: z.string(),
    timeZone: z.string(),
    openingHours: z.string().meta({ description: 'For people; empty where nobody says' }),
    openingTimes: openingTimesSchema.optional(),
    access: z.string().optional().meta({ description: 'Who may use it, in words; absent where nobody says' }),
    connectors: z.array(connectorSchema),
    tariff: objectOf<Tariff>(
      'The tariff as stations sign it; of all that its station may offer by, the one that makes the charge dearest',
    ).optional(),
    ocpiTariff: objectOf<OcpiTariffJson>('The same as OCPI 2.2.1 Tariff').optional(),
    linkUrl: z.string().optional().meta({ description: 'Local link of the station, `ws://…`' }),
    meterPublicKey: z.string().optional().meta({ description: 'SPKI DER, hex' }),
    lastSeenAt: z.int().optional().meta({ description: 'Epoch seconds' }),
  })
  .meta({ id: 'PointInFull' });
export type PointInFull = z.output<typeof pointInFullSchema>;

/** What to search points by: `latitude` and `longitude`, or all of `south`, `west`, `north`, `east`. */
export const pointsQuerySchema = z.object({
  latitude: z.coerce.number().min(-90).max(90).optional(),
  longitude: z.coerce.number().min(-180).max(180).optional(),
  radiusM: z.coerce.number().int().min(1).max(200_000).optional().meta({ description: 'Default 5,000' }),
  south: z.coerce.number().min(-90).max(90).optional(),
  west: z.coerce.number().min(-180).max(180).optional(),
  north: z.coerce.number().min(-90).max(90).optional(),
  east: z.coerce.number().min(-180).max(180).optional(),
  energyWh: z.coerce.number().int().min(1).max(1_000_000).optional().meta({
    description: 'Energy of the charge to be priced',
  }),
  powerW: z.coerce.number().int().min(1).max(10_000_000).optional().meta({
    description: 'What the car takes at most; the point’s own bound counts too',
  }),
  inNetwork: z.enum(['true', 'false']).optional().meta({ description: 'Only points of the network' }),
  limit: z.coerce.number().int().min(1).max(20_000).optional().meta({
    description: 'Default 100 near a place, 5,000 in a box',
  }),
});
export type PointsQuery = z.input<typeof pointsQuerySchema>;

/** Name of the area of a signal. */
export const areaSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/);

/** What kind of place a point stands at, as far as price frames and commissions ask. */
export const targetGroupSchema = z.enum(TARGET_GROUPS).meta({
  id: 'TargetGroup',
  description: 'What kind of place a point stands at, as far as price frames and commissions ask',
});

/** A new point of an operator of ours; sending it again changes it. */
export const newPointSchema = z
  .strictObject({
    operatorId: z.string().min(1).max(64),
    evseId: z.string().min(1).max(48).meta({ description: 'EVSE-ID, with or without separators' }),
    name: z.string().min(1).max(255),
    address: z.string().min(1).max(255),
    postalCode: z.string().max(10).default(''),
    city: z.string().min(1).max(45),
    country: z
      .string()
      .regex(/^[A-Z]{3}$/)
      .default('DEU')
      .meta({ description: 'ISO 3166-1 alpha-3' }),
    latitude: z.number().min(-90).max(90),
    longitude: z.number().min(-180).max(180),
    timeZone: z.string().max(64).optional(),
    maxPowerW: z.int().min(1).max(10_000_000),
    connectors: z.array(connectorSchema).min(1).max(10).optional(),
    openingTimes: openingTimesSchema.optional(),
    openingText: z.string().max(500).optional(),
    access: z.string().min(1).max(500).optional().meta({
      description: 'Who may use it, in words, e.g. `guests of the hotel`',
    }),
    meterPublicKey: z.string().max(1_000).optional().meta({
      description: 'SPKI or raw point, hex or base64, spaces forgiven',
    }),
    feedInMicroPerKwh: z.int().min(0).max(2_000_000_000).optional().meta({
      description: 'What a kWh given back earns, before tax, in micro-units; 0 = none is taken back',
    }),
    targetGroup: targetGroupSchema.optional(),
    gridArea: areaSchema.optional().meta({
      description: 'Whose grid signal counts here; else that of the provider’s configuration',
    }),
  })
  .meta({ id: 'NewPoint' });
export type NewPoint = z.input<typeof newPointSchema>;

export const ownPointSchema = z
  .object({
    evseId: z.string(),
    operatorId: z.string(),
    name: z.string(),
    address: z.string(),
    city: z.string(),
    maxPowerW: z.int(),
    targetGroup: targetGroupSchema.nullable(),
    ocpiTariff: objectOf<OcpiTariffJson>('The tariff as it was published, OCPI 2.2.1').nullable(),
    dynamic: objectOf<DynamicTerms>('tariff/DynamicTerms.ts').nullable(),
    frame: objectOf<PriceFrame>('tariff/PriceFrame.ts: what may be asked here').nullable(),
    commission: objectOf<Commission>('tariff/Commission.ts: what the operator earns now')
      .nullable()
      .meta({ description: 'null: the charge itself, less the peering fee' }),
    live: z.boolean(),
    linkUrl: z.string().nullable(),
    lastSeenAt: z.int().nullable(),
    tariffId: z.string().nullable(),
    tariffLines: z.array(tariffLineSchema),
    certificateId: z.string().nullable(),
    certificateNotAfter: z.int().nullable(),
  })
  .meta({ id: 'OwnPoint' });
export type OwnPoint = z.output<typeof ownPointSchema>;

export const newStationCertificateSchema = z
  .strictObject({
    publicKey: publicKeySchema,
    meterPublicKey: z.string().min(1).max(1_000).meta({
      description: 'SPKI or raw point, hex or base64',
    }),
    hardwareModel: z.string().regex(/^[\x20-\x7e]{1,32}$/),
    certificationHash: hex32.optional(),
    metrologyClass: z.enum(['energy', 'time-only', 'none']).default('energy'),
    linkUrl: z
      .string()
      .regex(/^wss?:\/\/[!-~]{1,250}$/)
      .optional(),
  })
  .meta({ id: 'NewStationCertificate' });
export type NewStationCertificate = z.input<typeof newStationCertificateSchema>;

/** All that a station needs of its provider (station/Provision.ts). */
export const provisionSchema = z
  .object({
    networkId: hex32,
    certificate: objectOf<SignedStationCertificate>('protocol/StationCertificate.ts, signed'),
    trustList: objectOf<TrustList>('protocol/TrustList.ts'),
    tariff: objectOf<Tariff>('tariff/Tariff.ts'),
    dynamic: objectOf<DynamicTerms>('tariff/DynamicTerms.ts').optional(),
    feedInMicroPerKwh: z.int().optional(),
    signals: z.array(objectOf<Signal>('protocol/Signal.ts')).optional(),
    timeZone: z.string(),
    maxPowerW: z.int(),
    currency: z.string(),
    issuerKeys: z.array(publicKeySchema),
    courierKey: z.object({ publicKey: publicKeySchema, keyId: hex32 }),
  })
  .meta({ id: 'Provision' });
export type ProvisionAnswer = z.output<typeof provisionSchema>;

export const registerImportSchema = z
  .object({
    rows: z.int(),
    taken: z.int(),
    points: z.int(),
    refused: z.array(z.object({ line: z.int(), reason: z.string(), detail: z.string() })),
    withoutEvseId: z.int(),
    removed: z.int().meta({ description: 'Points of an earlier import that are not in the file any more' }),
    keys: z.object({
      parsed: z.int(),
      byCurve: z.record(z.string(), z.int()),
      noted: z.array(z.object({ line: z.int(), point: z.int(), reason: z.string(), detail: z.string() })),
    }),
    evseIds: z.object({
      noted: z.array(z.object({ line: z.int(), point: z.int(), text: z.string(), reason: z.string() })),
    }),
    openingHours: z.object({ parsed: z.int(), unknown: z.int(), textOnly: z.int() }),
  })
  .meta({ id: 'RegisterImport' });
export type RegisterImport = z.output<typeof registerImportSchema>;
