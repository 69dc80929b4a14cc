import type { Commission } from '@p2p-power/tariff/Commission';
import type { DynamicTerms } from '@p2p-power/tariff/DynamicTerms';
import type { PriceFrame } from '@p2p-power/tariff/PriceFrame';
import type { Promotion } from '@p2p-power/tariff/Promotion';
import type { OcpiTariffJson } from '@p2p-power/tariff/Tariff';
import { z } from 'zod';
import { objectOf } from '../http/schemas.ts';
import { targetGroupSchema } from '../points/PointSchemas.ts';

const micro = (description: string) =>
  z.int().meta({ description: `${description}; micro-units`, example: 390_000 });

/** Read by `parseFrames`, which names what is wrong and where. */
export const priceFrameSchema = objectOf<PriceFrame>(
  'tariff/PriceFrame.ts: pointClass (`ac` below 50 kW, `dc`), targetGroup?, currency, floorMicro and ceilingMicro per kWh ' +
    'before tax, mayBeFree?, hourCeilingMicro?, sessionCeilingMicro?',
);
export const putFramesSchema = z
  .strictObject({ frames: z.array(priceFrameSchema).max(100) })
  .meta({ id: 'NewPriceFrames' });
export const priceFramesSchema = z
  .object({
    frames: z.array(priceFrameSchema),
    outside: z
      .array(
        z.object({
          evseId: z.string(),
          operatorId: z.string(),
          detail: z.string().meta({ description: 'Which price passes which bound' }),
        }),
      )
      .meta({
        description:
          'Points whose tariff was published before and stays in force, though frame or law would refuse it now',
      }),
  })
  .meta({ id: 'PriceFrames' });
export type PriceFramesAnswer = z.output<typeof priceFramesSchema>;

const commissionTermsSchema = objectOf<Commission>(
  'tariff/Commission.ts: perKwhMicro, perHourMicro, sharePerMille, perSessionMicro, leastMicro?, mostMicro?; before tax',
);
const scopeShape = {
  scope: z.enum(['all', 'target-group', 'operator', 'point']).meta({
    description:
      'The most specific holds: a point’s before its operator’s before its target group’s before all',
  }),
  subject: z.string().max(64).meta({ description: 'Target group, operator id or EVSE-ID; empty for all' }),
};
export const newCommissionSchema = z
  .strictObject({
    ...scopeShape,
    subject: scopeShape.subject.default(''),
    terms: commissionTermsSchema
      .nullable()
      .meta({ description: 'null: from then on there is none of this scope' }),
    validFrom: z.int().min(0).optional().meta({ description: 'Epoch seconds, not past; now if absent' }),
  })
  .refine(
    ({ scope, subject }) =>
      scope === 'all'
        ? subject === ''
        : scope !== 'target-group' || targetGroupSchema.safeParse(subject).success,
    { path: ['subject'], error: 'not of this scope' },
  )
  .meta({ id: 'NewCommission' });
export type NewCommission = z.input<typeof newCommissionSchema>;
export const commissionSchema = z
  .object({
    ...scopeShape,
    terms: commissionTermsSchema.nullable(),
    validFrom: z.int(),
    enteredAt: z.int(),
    inForce: z
      .boolean()
      .meta({ description: 'Whether it is the one of its scope and subject that holds now' }),
  })
  .meta({ id: 'Commission' });
export type CommissionAnswer = z.output<typeof commissionSchema>;
export const commissionsSchema = z
  .object({ commissions: z.array(commissionSchema) })
  .meta({ id: 'Commissions' });

/** Read by `parsePromotions`, which names what is wrong and where. */
export const newPromotionSchema = objectOf<Promotion>(
  'tariff/Promotion.ts: id, title, benefit {type: `free-energy` energyWh | `percent-off` perMille | `amount-off` ' +
    'amountMicro}, currency, startsAt, endsAt, budgetMicro?, customerMicro?, operatorIds?, evseIds?',
);
export const promotionSchema = z
  .object({
    promotion: newPromotionSchema,
    spentMicro: micro('What it has borne'),
    charges: z.int(),
    customers: z.int(),
    enteredAt: z.int(),
    endedAt: z.int().nullable().meta({ description: 'Taken back then' }),
  })
  .meta({ id: 'Promotion' });
export type PromotionAnswer = z.output<typeof promotionSchema>;
export const promotionsSchema = z.object({ promotions: z.array(promotionSchema) }).meta({ id: 'Promotions' });

export const dynamicTermsSchema = objectOf<DynamicTerms>(
  'tariff/DynamicTerms.ts: area, factorPerMille, marginMicro, floorMicro, capMicro, fallbackMicro?, maxAgeS',
);
export const ocpiTariffSchema = objectOf<OcpiTariffJson>('OCPI 2.2.1 Tariff');

export const newPreviewSchema = z
  .strictObject({
    evseId: z.string().min(1).max(60).optional().meta({ description: 'Only this point of mine; else all' }),
    tariff: ocpiTariffSchema,
    dynamic: dynamicTermsSchema.optional(),
    from: z.int().min(0).optional().meta({ description: 'Ended then or later; 90 days ago if absent' }),
    to: z.int().min(0).optional().meta({ description: 'Ended before; now if absent' }),
    limit: z.int().min(1).max(2_000).default(500).meta({ description: 'The newest so many charges' }),
  })
  .meta({ id: 'NewTariffPreview' });

export type NewTariffPreview = z.input<typeof newPreviewSchema>;

/** How the energy price of a previewed charge was known. */
export const previewBases = ['tariff', 'signals', 'partly-fallback', 'fallback'] as const;

export const previewChargeSchema = z.object({
  cdrId: z.string(),
  evseId: z.string(),
  startedAt: z.int(),
  endedAt: z.int(),
  importedWh: z.int(),
  didMicro: micro('What the driver paid, tax included'),
  wouldMicro: micro('What the driver would have paid, tax included, within the amount that was authorized'),
  didEarnMicro: micro('What the operator earned: the charge, or its commission'),
  wouldEarnMicro: micro('What the operator would have earned'),
  basis: z.enum(previewBases).meta({
    description:
      'tariff: no dynamic terms · signals: priced on the index of each quarter-hour · partly-fallback, fallback: of ' +
      'some or all quarter-hours no index is recorded, and the fallback (or the cap) was taken',
  }),
});
const previewSumShape = {
  count: z.int(),
  energyWh: z.int(),
  didMicro: z.int(),
  wouldMicro: z.int(),
  didEarnMicro: z.int(),
  wouldEarnMicro: z.int(),
};
export const tariffPreviewSchema = z
  .object({
    currency: z.string(),
    from: z.int(),
    to: z.int(),
    sum: z.object(previewSumShape).meta({ description: 'Of all charges listed' }),
    onFallback: z
      .object(previewSumShape)
      .meta({ description: 'Of those priced at the fallback wholly or partly' }),
    more: z.boolean().meta({ description: 'Whether the period has more charges than were looked at' }),
    unpriceable: z.int().meta({ description: 'Charges whose evidence this tariff cannot price, left out' }),
    charges: z.array(previewChargeSchema).meta({ description: 'Newest first' }),
    publishable: z
      .array(
        z.object({
          evseId: z.string(),
          refusal: z
            .string()
            .nullable()
            .meta({ description: 'Why it could not be published there; null: it can' }),
          detail: z.string().nullable(),
        }),
      )
      .meta({ description: 'Of each point asked for' }),
  })
  .meta({ id: 'TariffPreview' });
export type TariffPreview = z.output<typeof tariffPreviewSchema>;
export type PreviewCharge = z.output<typeof previewChargeSchema>;
