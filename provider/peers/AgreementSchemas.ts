import { z } from '@hono/zod-openapi';
import { hex32, hexSchema } from '../http/schemas.ts';

const seconds = (description: string) =>
  z
    .int()
    .min(0)
    .max(4_294_967_295)
    .openapi({ description: `${description}; seconds`, example: 86_400 });
const micro = (description: string) =>
  z
    .int()
    .min(0)
    .openapi({ description: `${description}; micro-units`, example: 12_340_000 });

export const termsSchema = z
  .strictObject({
    feeShareBp: z.int().min(0).max(10_000).openapi({
      description: 'Share of each charge that is the fee, in hundredths of a percent',
      example: 200,
    }),
    feeMicroPerKwh: micro('Fee for each kWh besides'),
    feeTo: z.enum(['creditor', 'debtor']).default('creditor').openapi({
      description: 'Whose the fee is: the operators’ provider, or the drivers’, who then pays so much less',
    }),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/)
      .default('EUR'),
    periodS: seconds('Length of a settlement period').min(1),
    handInDeadlineS: seconds('How long after its end a charge may be handed over'),
    graceS: seconds('How old a revocation may be before it binds the operators’ side'),
    objectionWindowS: seconds('How long the debtor of a forced claim may object').min(1),
    noticeS: seconds('How long before its end notice must be given').default(0),
    creditLimitMicro: micro('What may be owed and not settled'),
    disputeFeeMicro: micro('What a false claim costs its maker, and a false objection the debtor').default(0),
    termsContract: hexSchema(20)
      .nullable()
      .default(null)
      .openapi({ description: 'The pair’s own terms contract, which says the fee; null = share and price' }),
    validFrom: z.int().min(0).openapi({
      description: 'Epoch seconds; of a later version a start to come of one of the former’s periods',
    }),
  })
  .openapi('Terms');

export const newAgreementSchema = z
  .strictObject({ peer: z.string().regex(/^[A-Z]{2}[A-Z0-9]{3}$/), terms: termsSchema })
  .openapi('NewAgreement');

export const agreementStates = ['proposed', 'accepted', 'in-force', 'replaced', 'ended'] as const;
export type AgreementState = (typeof agreementStates)[number];

export const agreementSchema = z
  .object({
    agreementId: hex32,
    peer: z.string(),
    proposer: z.string(),
    version: z.int(),
    state: z.enum(agreementStates).openapi({
      description:
        '`accepted` begins later; `replaced` by a newer version, `ended` by notice: both hold for charges of their time',
    }),
    acceptedAt: z.int().nullable(),
    endsAt: z.int().nullable().openapi({ description: 'When notice ends it, epoch seconds' }),
    terms: termsSchema,
  })
  .openapi('Agreement');
export type AgreementAnswer = z.output<typeof agreementSchema>;
