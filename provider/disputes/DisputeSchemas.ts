import { z } from '@hono/zod-openapi';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import { hex32, objectOf } from '../http/schemas.ts';
import { claimAnswers, claimReasons, claimStates } from './DisputeTables.ts';

export const directionSchema = z.enum(['charge', 'credit']).openapi({
  description:
    '`charge`: what the drivers’ provider owes; `credit`: what the operators’ provider owes for a discharge',
});

export const forcedClaimSchema = z
  .object({
    claimId: hex32,
    cdrId: hex32,
    authorizationId: hex32,
    direction: directionSchema,
    debtor: z.string(),
    creditor: z.string(),
    state: z.enum(claimStates),
    reason: z.enum(claimReasons).nullable().openapi({ description: 'Null where we did not raise it' }),
    amountMicro: z.int(),
    feeMicro: z.int().nullable().openapi({ description: 'Of the amount, once it is paid' }),
    payableFrom: z
      .int()
      .nullable()
      .openapi({ description: 'Epoch seconds; null while the meter’s record is awaited' }),
    answer: z.enum(claimAnswers).nullable().openapi({ description: 'What we, as debtor, made of it' }),
    objection: z.enum(['settled', 'revoked', 'meter']).nullable(),
    refusal: z.string().nullable().openapi({ description: 'What the chain last said no with' }),
    refusalDetail: z.string().nullable(),
    txHash: z.string().nullable(),
    createdAt: z.int(),
    closedAt: z.int().nullable(),
  })
  .openapi('ForcedClaim');
export type ForcedClaimAnswer = z.output<typeof forcedClaimSchema>;

export const newClaimSchema = z
  .strictObject({ cdrId: hex32, direction: directionSchema.default('charge') })
  .openapi('NewClaim');

/** All that is needed to claim a charge without its provider: what `p2p-power claim --evidence` reads. */
export const claimFileSchema = z
  .object({
    cdrId: hex32,
    authorizationId: hex32,
    evidence: objectOf<Evidence>('protocol/Evidence.ts'),
    handIn: z
      .object({ root: hex32, proof: z.array(hex32), anchoredAt: z.int() })
      .nullable()
      .openapi({ description: 'That it was handed in by then, for a claim after the deadline' }),
    claim: forcedClaimSchema.nullable().openapi({ description: 'Whether it is claimed already' }),
  })
  .openapi('ClaimFile');
export type ClaimFile = z.output<typeof claimFileSchema>;
