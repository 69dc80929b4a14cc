import { z } from '@hono/zod-openapi';
import type { TariffRestrictions } from '@p2p-power/tariff/Tariff';
import { answeredHex32, micro, objectOf } from '../http/schemas.ts';
import { operatorChargeSchema } from '../operators/OperatorSchemas.ts';

/** What of a charge is for what; the parts add up to the charge. */
export const chargeSplitSchema = z
  .object({
    energyMicro: micro('The supplier’s, before tax'),
    infrastructureMicro: micro('The operator’s: point, place, service; before tax'),
    gridMicro: micro('Network fee, before tax'),
    leviesMicro: micro('Levies on electricity, before tax'),
    vatMicro: micro('Tax'),
  })
  .openapi('ChargeSplit');
export type ChargeSplit = z.output<typeof chargeSplitSchema>;

/** What of an amount is at one rate of tax. */
export const taxPartSchema = z
  .object({
    vatBp: z.int().openapi({ description: 'Hundredths of a percent' }),
    exclVatMicro: micro('Before tax'),
    vatMicro: micro('Tax'),
  })
  .openapi('TaxPart');

export const driverChargeSchema = z
  .object({
    cdrId: answeredHex32,
    authorizationId: answeredHex32,
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
    promotions: z
      .array(
        z.object({
          promotionId: z.string(),
          title: z.string(),
          amountMicro: micro('Borne by the provider, tax included'),
          taxes: z.array(taxPartSchema).nullable().openapi({
            description:
              'By rate of tax; the parts add up to the amount. null where the price was not lowered: a part of it was paid',
          }),
        }),
      )
      .openapi({ description: 'What the provider bears of the charge' }),
    promotionMicro: micro('All that'),
    split: chargeSplitSchema
      .nullable()
      .openapi({ description: 'null where the provider’s configuration names no `billing`' }),
    currency: z.string(),
    receivedAt: z.int(),
  })
  .openapi('DriverCharge');
export type DriverCharge = z.output<typeof driverChargeSchema>;

/** A CDR of the driver's that was refused, so that the driver does not pay it. */
export const refusedChargeSchema = z
  .object({
    cdrId: answeredHex32,
    authorizationId: answeredHex32,
    evseId: z.string(),
    operatorProvider: z.string(),
    startedAt: z.int(),
    endedAt: z.int(),
    importedWh: z.int(),
    chargeMicro: micro('What the station asked for'),
    currency: z.string(),
    timeZone: z
      .string()
      .openapi({ description: 'Of the point, as the brought offer says it; empty where it says none' }),
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
    quantity: z.int().openapi({ description: 'What is billed: Wh or seconds; 1 for FLAT' }),
    addedQuantity: z.int().openapi({ description: 'How much of the quantity only fills the last step' }),
    stepSize: z.int(),
    restrictions: objectOf<TariffRestrictions>('tariff/Tariff.ts: under which it was in force').optional(),
    priceMicro: micro('Per kWh, hour or session; before tax unless `areLinesTaxed`'),
    vatBp: z.int().openapi({ description: 'Hundredths of a percent' }),
    amountMicro: micro('Before tax unless `areLinesTaxed`'),
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
    taxes: z.array(taxPartSchema).openapi({ description: 'Of the charge, by rate' }),
    promotionVatMicro: micro('By how much promotions lower the tax'),
    owedTaxes: z.array(taxPartSchema).openapi({ description: 'Of the charge less promotions, by rate' }),
    owedVatMicro: micro('Of the charge less promotions, tax: what the bill shows as VAT'),
    areLinesTaxed: z.boolean().openapi({ description: 'Whether the tariff’s prices have tax in them' }),
    explanation: z.array(z.object({ text: z.string(), amountMicro: z.int().optional() })).openapi({
      description: 'The tariff’s price in words; amounts before tax, the tax in a line of its own',
    }),
  })
  .openapi('StatementLine');
export type StatementLine = z.output<typeof statementLineSchema>;

export const quarterHourSchema = z
  .object({
    startsAt: z.int().openapi({ description: 'Epoch seconds, a multiple of 900' }),
    importedWh: z.int(),
    exportedWh: z.int(),
  })
  .openapi('QuarterHour');

export const billSchema = statementLineSchema
  .extend({
    quarterHours: z
      .array(quarterHourSchema)
      .openapi({ description: 'The energy by quarter-hour, to the Wh' }),
  })
  .openapi('Bill');
export type Bill = z.output<typeof billSchema>;

/** The energy of all our drivers' charges of a period by quarter-hour, for a billing system. */
export const quarterHoursSchema = z
  .object({
    from: z.int(),
    to: z.int(),
    quarterHours: z.array(
      quarterHourSchema.extend({
        cdrId: answeredHex32,
        driverId: z.string(),
        emaid: z.string(),
        evseId: z.string(),
        endedAt: z.int(),
      }),
    ),
    importedWh: z.int(),
    exportedWh: z.int(),
  })
  .openapi('QuarterHours');
export type QuarterHours = z.output<typeof quarterHoursSchema>;

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
    promotionMicro: micro('Borne by the provider'),
    promotionVatMicro: micro('By how much that lowers the tax'),
    owedTaxes: z.array(taxPartSchema).openapi({ description: 'Of all charges less promotions, by rate' }),
    owedVatMicro: micro('Of all charges less promotions, tax'),
    split: chargeSplitSchema
      .nullable()
      .openapi({ description: 'Of all charges; null where one of them was not split' }),
    totalMicro: micro('Charges less credits and promotions: what the bill asks'),
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
    commissionMicro: micro('Of charges with a commission what the operator earns in their place'),
    earnedMicro: micro('What the operator has earned: charges less fees, or commissions'),
    creditMicro: micro('For energy bought from drivers'),
    refusedMicro: micro('Charges that the drivers’ providers refused'),
  })
  .openapi('OperatorStatement');
export type OperatorStatement = z.output<typeof operatorStatementSchema>;
