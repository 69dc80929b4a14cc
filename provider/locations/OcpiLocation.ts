import type { Hex } from '@p2p-power/protocol/Hex';
import { z } from 'zod';
import { MOST_GIVEN_SIGNALS } from '../signals/stationSignals.ts';

/**
 * OCPI 2.2.1 Location (mod_locations), as far as it is sent and read here. `p2p_power` is our extension
 * of the EVSE object, as OCPI allows between parties that agree on it: the tariff in force, the local
 * link of the station, whether one stands there and when it was last heard of; of the location, who may use it.
 */
const dateTime = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?$/);
const ciString = (most: number) => z.string().min(1).max(most);

const signalId = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/)
  .transform((text) => text as Hex);

const connector = z.object({
  id: ciString(36),
  standard: ciString(40),
  format: z.enum(['SOCKET', 'CABLE']),
  power_type: z.enum(['AC_1_PHASE', 'AC_2_PHASE', 'AC_3_PHASE', 'DC']),
  max_voltage: z.int().min(0),
  max_amperage: z.int().min(0),
  max_electric_power: z.int().min(0).optional(),
  last_updated: dateTime,
});

const evse = z.object({
  uid: ciString(36),
  evse_id: ciString(48).optional(),
  status: z.enum([
    'AVAILABLE',
    'BLOCKED',
    'CHARGING',
    'INOPERATIVE',
    'OUTOFORDER',
    'PLANNED',
    'REMOVED',
    'RESERVED',
    'UNKNOWN',
  ]),
  connectors: z.array(connector).min(1).max(20),
  last_updated: dateTime,
  p2p_power: z
    .object({
      live: z.boolean(),
      max_power_w: z.int().min(0),
      tariff: z.looseObject({}).nullable().optional(),
      /** Other tariffs by which the station may still make offers, each until an instant, epoch seconds. */
      held_tariffs: z
        .array(z.object({ tariff: z.looseObject({}), until: z.int().min(0) }))
        .max(32)
        .optional(),
      link_url: z
        .string()
        .regex(/^wss?:\/\/[!-~]{1,250}$/)
        .nullable()
        .optional(),
      meter_public_key: z
        .string()
        .regex(/^0x(?:[0-9a-f]{2}){1,300}$/)
        .nullable()
        .optional(),
      last_seen: dateTime.nullable().optional(),
      /** `DynamicTerms`, and the price signals that the station holds or may hold, by id. */
      dynamic: z
        .object({
          terms: z.looseObject({}),
          /** The terms by which the station offers until it hears of these; null: by the tariff alone. */
          held: z
            .object({ terms: z.looseObject({}).nullable() })
            .nullable()
            .optional(),
          taken_signal: signalId.nullable().optional(),
          given_signals: z.array(signalId).max(MOST_GIVEN_SIGNALS).optional(),
        })
        .nullable()
        .optional(),
      feed_in_micro_per_kwh: z.int().min(0).max(2_000_000_000).optional(),
    })
    .optional(),
});

export const ocpiLocationSchema = z
  .object({
    country_code: z.string().regex(/^[A-Za-z]{2}$/),
    party_id: z.string().regex(/^[A-Za-z0-9]{3}$/),
    id: ciString(36),
    publish: z.boolean(),
    name: z.string().max(255).optional(),
    address: z.string().min(1).max(255),
    city: z.string().min(1).max(100),
    postal_code: z.string().max(10).optional(),
    country: z.string().regex(/^[A-Z]{3}$/),
    coordinates: z.object({
      latitude: z.string().regex(/^-?[0-9]{1,2}\.[0-9]{5,7}$/),
      longitude: z.string().regex(/^-?[0-9]{1,3}\.[0-9]{5,7}$/),
    }),
    evses: z.array(evse).max(500).optional(),
    operator: z.object({ name: z.string().max(255) }).optional(),
    time_zone: z.string().max(255),
    opening_times: z
      .object({
        twentyfourseven: z.boolean(),
        regular_hours: z
          .array(
            z.object({
              weekday: z.int().min(1).max(7),
              period_begin: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/),
              period_end: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/),
            }),
          )
          .optional(),
      })
      .optional(),
    p2p_power: z.object({ access: z.string().max(500) }).optional(),
    last_updated: dateTime,
  })
  .meta({ id: 'OcpiLocation' });
export type OcpiLocation = z.output<typeof ocpiLocationSchema>;
