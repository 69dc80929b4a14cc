import { z } from '@hono/zod-openapi';
import { hex32, micro } from '../http/schemas.ts';
import { roundStates } from './NettingTables.ts';

/** How far a transfer of a round is, as far as we can know. */
export const transferProgress = ['due', 'in-file', 'debited', 'confirmed'] as const;

export const transferSchema = z
  .object({
    leg: z.int(),
    endToEndId: z.string().openapi({ example: 'N-0123456789ABCDEF0123-1' }),
    payer: z.string(),
    receiver: z.string(),
    amountMicro: micro('Whole cents'),
    ours: z.enum(['to-pay', 'to-receive']).nullable().openapi({ description: 'null: between two others' }),
    progress: z.enum(transferProgress).openapi({
      description:
        'due · in a payment file of ours · debited, says our bank · confirmed on the chain by the receiver',
    }),
    messageId: z.string().nullable().openapi({ description: 'The payment file that it is in' }),
    txHash: z.string().nullable(),
  })
  .openapi('NettingTransfer');
export type NettingTransferAnswer = z.output<typeof transferSchema>;

export const roundSchema = z
  .object({
    roundId: hex32,
    blockNumber: z.int(),
    blockHash: hex32,
    blockTime: z.int(),
    supplyMicro: micro('Tokens that were out then'),
    positions: z.array(
      z.object({ providerId: z.string(), positionMicro: micro('Positive owes, negative is owed') }),
    ),
    state: z
      .enum(roundStates)
      .openapi({ description: 'open · closed · replaced by the round of a later block' }),
    openedBy: z.string().openapi({ description: '`staff`, or the peer that announced it' }),
    openedAt: z.int(),
    closedAt: z.int().nullable(),
    announcedTo: z.array(z.string()),
    transfers: z.array(transferSchema),
  })
  .openapi('NettingRound');
export type NettingRoundAnswer = z.output<typeof roundSchema>;
