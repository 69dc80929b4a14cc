import { z } from '@hono/zod-openapi';
import { answeredHex32, micro } from '../http/schemas.ts';
import { batchStates } from './ClearingTables.ts';

export const batchSchema = z
  .object({
    channelId: answeredHex32,
    sequence: z.int(),
    debtor: z.string(),
    creditor: z.string(),
    periodStart: z.int(),
    periodEnd: z.int(),
    count: z.int(),
    energyWh: z.int(),
    totalMicro: micro('Fee included'),
    feeMicro: micro('Kept by the creditor'),
    cdrRoot: answeredHex32,
    payoutsRoot: answeredHex32,
    agreementId: answeredHex32,
    batchHash: answeredHex32,
    state: z.enum(batchStates),
    creditorSignature: z.string(),
    debtorSignature: z.string().nullable(),
    txHash: z.string().nullable(),
    blockNumber: z.int().nullable(),
    refusal: z.string().nullable().openapi({ description: 'What debtor or chain last said no with' }),
    refusalDetail: z.string().nullable(),
    builtAt: z.int(),
  })
  .openapi('Batch');
export type BatchAnswer = z.output<typeof batchSchema>;

export const outstandingSchema = z
  .object({
    peer: z.string(),
    outstandingMicro: micro('What the peer owes us and has not settled, in batches or not'),
    creditLimitMicro: micro('What it may owe by the agreement').nullable(),
    isOverLimit: z.boolean(),
  })
  .openapi('Outstanding');
export type OutstandingAnswer = z.output<typeof outstandingSchema>;

export const closedPeriodSchema = z
  .object({
    peer: z.string(),
    outcome: z
      .enum(['built', 'batch-open', 'no-agreement', 'period-already-closed', 'nothing-to-settle'])
      .openapi({ description: 'Whether a batch was built, or why not' }),
    batch: batchSchema.nullable().openapi({ description: 'The newest batch with this peer' }),
  })
  .openapi('ClosedPeriod');
export type ClosedPeriodAnswer = z.output<typeof closedPeriodSchema>;

export const ledgerSchema = z
  .object({
    accounts: z.array(
      z.object({
        kind: z.string(),
        owner: z.string(),
        balanceMicro: micro('Positive is owed to us or ours, negative owed by us'),
      }),
    ),
    totalMicro: micro('Always 0'),
    entries: z.int(),
    positionMicro: micro('What we issued less what we redeemed, as the chain says').nullable(),
    issuance: z
      .object({
        limitMicro: micro('How far our position may go'),
        headroomMicro: micro('What is left of it'),
        awaitingMicro: micro('What accepted charges that no batch has settled will draw'),
        warning: z.enum(['refused-soon', 'scarce']).nullable(),
      })
      .nullable()
      .openapi({ description: 'null where the chain is not reachable' }),
  })
  .openapi('Ledger');
export type LedgerAnswer = z.output<typeof ledgerSchema>;
