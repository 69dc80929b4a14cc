import { z } from '@hono/zod-openapi';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { Commission } from '@p2p-power/tariff/Commission';
import { answeredHex32, micro, objectOf } from '../http/schemas.ts';

export const operatorBalanceSchema = z
  .object({
    account: z.string().openapi({ description: 'The chain account that is paid' }),
    accountKept: z.boolean().openapi({ description: 'Whether the provider keeps its key' }),
    currency: z.string(),
    waitingMicro: micro('Charges that the drivers’ providers have not answered'),
    refusedMicro: micro('Charges that they refused'),
    earnedMicro: micro('Accepted charges that no batch has settled, fee included'),
    claimableMicro: micro('Settled and ready to be claimed as tokens'),
    tokensMicro: micro('Tokens in the account, as the chain says; null where it is not reachable').nullable(),
    redeemingMicro: micro('Tokens given for money that has not been paid'),
    redeemedMicro: micro('Tokens paid in money'),
    ownMicro: micro(
      'Earned from the provider’s own drivers, less what was bought from them; paid by bank transfer',
    ),
    paidOutMicro: micro('Of that already paid'),
  })
  .openapi('OperatorBalance');
export type OperatorBalance = z.output<typeof operatorBalanceSchema>;

export const operatorChargeStates = [
  'booked',
  'waiting',
  'refused',
  'accepted',
  'in-batch',
  'settled',
  'claimed',
  'forced',
] as const;

export const operatorChargeSchema = z
  .object({
    cdrId: answeredHex32,
    authorizationId: answeredHex32,
    evseId: z.string(),
    driverProvider: z.string(),
    startedAt: z.int(),
    endedAt: z.int(),
    importedWh: z.int(),
    exportedWh: z.int(),
    chargeMicro: micro('What the driver pays, tax included'),
    creditMicro: micro('What the operator pays for energy given back'),
    feeMicro: micro('What the provider keeps, once it is in a batch').nullable(),
    commissionMicro: micro(
      'What the operator earns in place of the charge, before tax; null: the charge itself',
    ).nullable(),
    commissionBasis: z
      .object({
        terms: objectOf<Commission>('tariff/Commission.ts: in force when the driver signed'),
        energyWh: z.int(),
        durationS: z.int().openapi({ description: 'Of the session' }),
        exclVatMicro: micro('What the charge costs before tax'),
      })
      .nullable()
      .openapi({
        description:
          'What the commission was worked out from: `workOutCommission` of tariff/Commission.ts gives it again; null without one, ' +
          'and for charges that were booked before this was kept',
      }),
    currency: z.string(),
    receivedAt: z.int(),
    state: z.enum(operatorChargeStates).openapi({
      description:
        'booked: a driver of the same provider · waiting for the driver’s provider · refused by it · accepted by ' +
        'it · in a batch · settled on the chain · claimed by force · paid by a forced claim',
    }),
    refusal: z.string().nullable(),
    refusalDetail: z.string().nullable(),
    batchSequence: z.int().nullable(),
    txHash: z.string().nullable(),
  })
  .openapi('OperatorCharge');
export type OperatorCharge = z.output<typeof operatorChargeSchema>;

export const claimSchema = z
  .object({
    peer: z.string().openapi({ description: 'Whose drivers’ charges were paid' }),
    paidMicro: micro('Tokens that came to the account'),
    txHash: z.string().nullable(),
    refusal: z.string().optional(),
  })
  .openapi('Claim');
export type Claim = z.output<typeof claimSchema>;

export const redemptionStates = [
  'requesting',
  'open',
  'overdue',
  'paying',
  'paid',
  'cancelled',
  'refused',
] as const;

export const redemptionSchema = z
  .object({
    redemptionId: answeredHex32,
    holder: z.string(),
    provider: z.string().openapi({ description: 'Who was asked' }),
    operatorId: z.string().nullable(),
    operatorName: z.string().nullable(),
    amountMicro: micro('Tokens for as much money'),
    state: z.enum(redemptionStates).openapi({
      description:
        'requesting: on its way to the chain · open · overdue: neither paid nor begun to be paid in time, best taken ' +
        'back and asked of another provider · paying: the provider has sent the money · paid · cancelled · refused',
    }),
    bankReference: z.string().nullable(),
    refusal: z.string().nullable(),
    requestedAt: z.int(),
    dueAt: z.int().nullable().openapi({ description: 'Overdue after that; null until it is on the chain' }),
    closedAt: z.int().nullable(),
  })
  .openapi('Redemption');
export type Redemption = z.output<typeof redemptionSchema>;

const accountSchema = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/)
  .transform((text) => text.toLowerCase() as Hex);
const signatureSchema = z
  .string()
  .regex(/^0x[0-9a-fA-F]{130}$/)
  .transform((text) => text.toLowerCase() as Hex);
const typedDataSchema = z
  .record(z.string(), z.unknown())
  .openapi({ description: 'EIP-712, for `eth_signTypedData_v4`' });

export const preparedRedemptionSchema = z
  .object({
    requestId: z.string(),
    provider: z.string(),
    redemptionId: answeredHex32,
    deadline: z.int(),
    typedData: typedDataSchema,
    accountTypedData: typedDataSchema
      .nullable()
      .openapi({ description: 'Where to pay, for another provider; null where this one is asked' }),
  })
  .openapi('PreparedRedemption');
export type PreparedRedemption = z.output<typeof preparedRedemptionSchema>;

export const wantedAccountSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('kept') }),
  z.strictObject({ kind: z.literal('own'), account: accountSchema, signature: signatureSchema }),
]);

export type WantedAccountBody = z.input<typeof wantedAccountSchema>;

export const payoutChoiceSchema = z
  .object({
    account: z.string(),
    accountKept: z.boolean(),
    former: z.array(z.object({ account: z.string(), accountKept: z.boolean(), until: z.int() })),
    pointsToRenew: z.array(z.string()).openapi({
      description:
        'EVSE-IDs whose station still has a certificate that names a former account: it renews, or is certified anew',
    }),
    bankAccount: z.object({ ibanEnd: z.string(), changedAt: z.int() }).nullable(),
  })
  .openapi('PayoutChoice');
export type PayoutChoiceAnswer = z.output<typeof payoutChoiceSchema>;

export const accountToSignSchema = z.object({ typedData: typedDataSchema });
export const accountQuerySchema = z.object({ account: accountSchema.optional() });

export const redemptionAccountSchema = z
  .strictObject({
    name: z.string().trim().min(1).max(70),
    iban: z.string().max(50),
    bic: z.string().max(11).optional(),
    signature: signatureSchema,
  })
  .openapi('RedemptionAccount');

export const newRedemptionSchema = z
  .strictObject({
    amountMicro: z.int().min(1),
    requestId: z
      .string()
      .regex(/^[\x21-\x7e]{1,64}$/)
      .optional()
      .openapi({ description: 'Of the caller’s choice; asking again with it does not ask twice' }),
    provider: z.string().optional().openapi({ description: 'Any member; this provider where none is named' }),
    account: accountSchema
      .optional()
      .openapi({ description: 'A former account, whose tokens are redeemed; else the present one' }),
    signed: z
      .strictObject({
        deadline: z.int(),
        signature: signatureSchema,
        accountSignature: signatureSchema.optional(),
      })
      .optional()
      .openapi({ description: 'Where the operator keeps its key: what its wallet signed, see `prepare`' }),
  })
  .openapi('NewRedemption');
export type NewRedemption = z.input<typeof newRedemptionSchema>;

export const bankReferenceSchema = z
  .string()
  .regex(/^[\x20-\x7e]{1,140}$/)
  .openapi({
    description: 'Of the bank transfer; one transfer pays for one thing',
    example: 'SEPA-2026-0001',
  });

export const newPayoutSchema = z
  .strictObject({
    operatorId: z.string().min(1),
    amountMicro: z.int().min(1),
    bankReference: bankReferenceSchema,
  })
  .openapi('NewPayout');
export type NewPayout = z.input<typeof newPayoutSchema>;

export const payoutSchema = z
  .object({
    operatorId: z.string(),
    amountMicro: micro('Paid'),
    bankReference: z.string(),
    ownMicro: micro('What is still owed for own drivers’ charges'),
  })
  .openapi('Payout');
export type Payout = z.output<typeof payoutSchema>;

export const newReceiptSchema = z
  .strictObject({
    payer: z.string().openapi({ description: 'The provider that paid' }),
    amountMicro: z.int().min(1),
    bankReference: bankReferenceSchema,
  })
  .openapi('NewReceipt');
export type NewReceipt = z.input<typeof newReceiptSchema>;
