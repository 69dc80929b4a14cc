import { z } from '@hono/zod-openapi';
import { hex32, micro } from '../http/schemas.ts';
import { bankEntryStates } from './BankTables.ts';

export const peerBankAccountSchema = z
  .object({
    providerId: z.string(),
    name: z.string(),
    iban: z.string(),
    bic: z.string().optional(),
    readAt: z.int(),
    isConfirmed: z.boolean().openapi({ description: 'Only then is anything paid to it' }),
  })
  .openapi('PeerBankAccount');
export type PeerBankAccountAnswer = z.output<typeof peerBankAccountSchema>;

export const paymentFileSchema = z
  .object({
    messageId: z.string(),
    createdAt: z.int(),
    executionDate: z.string(),
    count: z.int(),
    totalMicro: micro('Whole cents'),
  })
  .openapi('PaymentFile');

export const madePaymentFileSchema = paymentFileSchema
  .extend({
    payments: z.array(z.object({ endToEndId: z.string(), amountMicro: micro('Whole cents') })),
    omitted: z
      .array(z.object({ endToEndId: z.string(), refusal: z.string() }))
      .openapi({ description: 'What is due and cannot be paid now, with the reason' }),
  })
  .openapi('MadePaymentFile');
export type MadePaymentFileAnswer = z.output<typeof madePaymentFileSchema>;

export const bankEntrySchema = z
  .object({
    entryId: hex32,
    messageId: z.string(),
    line: z.int(),
    side: z.enum(['credit', 'debit']),
    amountMicro: micro('More than nothing'),
    currency: z.string(),
    endToEndId: z.string().nullable(),
    bankReference: z.string().nullable(),
    bookedOn: z.string().nullable(),
    state: z.enum(bankEntryStates).openapi({
      description: 'matched: ours, waits for the chain · done · unmatched: somebody must look at it',
    }),
    refusal: z.string().nullable(),
    refusalDetail: z.string().nullable(),
    receivedAt: z.int(),
  })
  .openapi('BankEntry');
export type BankEntryAnswer = z.output<typeof bankEntrySchema>;

export const takenNotificationSchema = z
  .object({
    messageId: z.string(),
    entries: z.int(),
    known: z.int().openapi({ description: 'Came before, in this file or another one' }),
    notBooked: z.int().openapi({ description: 'Only announced: not kept, they come again' }),
    taken: z.array(bankEntrySchema).openapi({ description: 'The new ones, as they stand now' }),
  })
  .openapi('TakenNotification');
export type TakenNotificationAnswer = z.output<typeof takenNotificationSchema>;
