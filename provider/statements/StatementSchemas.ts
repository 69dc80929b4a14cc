import { z } from '@hono/zod-openapi';
import { operatorChargeSchema } from '../operators/OperatorSchemas.ts';

const hex32 = z
  .string()
  .openapi({ description: '32 bytes of lower-case hex', example: `0x${'ab'.repeat(32)}` });
const micro = (description: string) =>
  z.int().openapi({ description: `${description}; micro-units`, example: 12_340_000 });

export const driverChargeSchema = z
  .object({
    cdrId: hex32,
    authorizationId: hex32,
    evseId: z.string(),
    place: z.string().nullable().openapi({ description: 'Name and address of the point, where it is known' }),
    operatorProvider: z.string(),
    operatorName: z.string().nullable(),
    startedAt: z.int(),
    endedAt: z.int(),
    timeZone: z.string(),
    importedWh: z.int(),
    exportedWh: z.int(),
    chargeMicro: micro('What the driver pays, tax included'),
    creditMicro: micro('What the driver is paid for energy given back'),
    currency: z.string(),
    receivedAt: z.int(),
  })
  .openapi('DriverCharge');
export type DriverCharge = z.output<typeof driverChargeSchema>;

/** A CDR of the driver's that was refused, so that the driver does not pay it. */
export const refusedChargeSchema = z
  .object({
    cdrId: hex32,
    authorizationId: hex32,
    evseId: z.string(),
    operatorProvider: z.string(),
    startedAt: z.int(),
    endedAt: z.int(),
    importedWh: z.int(),
    chargeMicro: micro('What the station asked for'),
    currency: z.string(),
    refusal: z.string().openapi({ description: 'docs/refusals.md', example: 'charge-mismatch' }),
    detail: z.string(),
    receivedAt: z.int(),
  })
  .openapi('RefusedCharge');
export type RefusedCharge = z.output<typeof refusedChargeSchema>;

export const priceLineSchema = z
  .object({
    component: z.enum(['ENERGY', 'TIME', 'PARKING_TIME', 'FLAT']),
    elementIndex: z.int(),
    from: z.int(),
    to: z.int(),
    quantity: z.int().openapi({ description: 'Wh or seconds; 1 for FLAT' }),
    priceMicro: micro('Before tax, per kWh, hour or session'),
    vatBp: z.int().openapi({ description: 'Hundredths of a percent' }),
    amountMicro: micro('Before tax'),
  })
  .openapi('PriceLine');

export const statementLineSchema = driverChargeSchema
  .extend({
    exclVatMicro: micro('Of the charge before tax'),
    vatMicro: micro('Of the charge, tax'),
    reductionMicro: micro('By how much the driver’s bound lies below the tariff’s price'),
    limit: z
      .enum(['min', 'max'])
      .nullable()
      .openapi({ description: 'Whether the tariff’s least or most price took effect' }),
    priceLines: z.array(priceLineSchema),
  })
  .openapi('StatementLine');
export type StatementLine = z.output<typeof statementLineSchema>;

export const driverStatementSchema = z
  .object({
    providerId: z.string(),
    providerName: z.string(),
    driverName: z.string().nullable(),
    from: z.int(),
    to: z.int(),
    currency: z.string(),
    lines: z.array(statementLineSchema),
    count: z.int(),
    importedWh: z.int(),
    exportedWh: z.int(),
    chargeMicro: micro('All charges, tax included'),
    exclVatMicro: micro('All charges before tax'),
    vatMicro: micro('Tax'),
    creditMicro: micro('For energy given back'),
    totalMicro: micro('Charges less credits: what the bill asks'),
  })
  .openapi('DriverStatement');
export type DriverStatement = z.output<typeof driverStatementSchema>;

export const operatorStatementSchema = z
  .object({
    providerId: z.string(),
    providerName: z.string(),
    operatorName: z.string(),
    from: z.int(),
    to: z.int(),
    currency: z.string(),
    lines: z.array(operatorChargeSchema),
    count: z.int(),
    importedWh: z.int(),
    exportedWh: z.int(),
    chargeMicro: micro('All charges but the refused ones'),
    feeMicro: micro('Fees of those in batches'),
    creditMicro: micro('For energy bought from drivers'),
    refusedMicro: micro('Charges that the drivers’ providers refused'),
  })
  .openapi('OperatorStatement');
export type OperatorStatement = z.output<typeof operatorStatementSchema>;
