import { createRoute, z } from '@hono/zod-openapi';
import type { Selectable } from 'kysely';
import { chainOf } from '../clearing/clearingRoutes.ts';
import type { RegisterRoutes } from '../http/allRoutes.ts';
import { asStaff, peerSecurity, staffSecurity } from '../http/authenticate.ts';
import { problem, problems } from '../http/Problem.ts';
import { json, jsonBody } from '../http/schemas.ts';
import { safeMicro } from '../ledger/safeMicro.ts';
import { asPeer } from '../peers/asPeer.ts';
import { bankAccountSchema } from './BankAccount.ts';
import {
  type BankEntryAnswer,
  bankEntrySchema,
  madePaymentFileSchema,
  paymentFileSchema,
  peerBankAccountSchema,
  takenNotificationSchema,
} from './BankSchemas.ts';
import { type BankEntryTable, bankEntryStates } from './BankTables.ts';
import { makePaymentFile, readPaymentFile } from './makePaymentFile.ts';
import { confirmPeerBankAccount, listPeerBankAccounts, readPeerBankAccount } from './peerBankAccounts.ts';
import { takeNotification } from './takeNotification.ts';

const ownAccountRoute = createRoute({
  method: 'get',
  path: '/peer/bank-account',
  tags: ['peers'],
  summary: 'Where this provider is paid by other members',
  security: peerSecurity,
  responses: { 200: json('Its settlement account', bankAccountSchema), ...problems(401, 404) },
});

const accountsRoute = createRoute({
  method: 'get',
  path: '/admin/bank-accounts',
  tags: ['staff'],
  summary: 'The members’ settlement accounts, asked for now where they can be reached',
  security: staffSecurity,
  responses: {
    200: json('Accounts', z.object({ accounts: z.array(peerBankAccountSchema) })),
    ...problems(401),
  },
});

const confirmRoute = createRoute({
  method: 'post',
  path: '/admin/bank-accounts/{providerId}/confirm',
  tags: ['staff'],
  summary: 'Says that a member’s account is right, having asked back by another way',
  security: staffSecurity,
  request: {
    params: z.object({ providerId: z.string() }),
    body: jsonBody(z.strictObject({ iban: z.string().max(50) })),
  },
  responses: { 200: json('Confirmed', peerBankAccountSchema), ...problems(400, 401, 404, 409, 422) },
});

const makeFileRoute = createRoute({
  method: 'post',
  path: '/admin/payment-files',
  tags: ['staff'],
  summary: 'Makes the file of all payments due: transfers of the open round, redemptions begun to be paid',
  description: 'SEPA credit transfers, pain.001.001.09. Nothing is ever in two files.',
  security: staffSecurity,
  request: {
    body: jsonBody(
      z.strictObject({
        executionDate: z.iso.date().optional().openapi({ description: 'When the bank shall pay; today' }),
      }),
    ),
  },
  responses: { 200: json('What it pays', madePaymentFileSchema), ...problems(400, 401, 409, 422, 503) },
});

const filesRoute = createRoute({
  method: 'get',
  path: '/admin/payment-files',
  tags: ['staff'],
  summary: 'Payment files, newest first',
  security: staffSecurity,
  responses: { 200: json('Files', z.object({ files: z.array(paymentFileSchema) })), ...problems(401) },
});

const fileRoute = createRoute({
  method: 'get',
  path: '/admin/payment-files/{messageId}',
  tags: ['staff'],
  summary: 'A payment file, for the bank',
  security: staffSecurity,
  request: { params: z.object({ messageId: z.string().max(35) }) },
  responses: {
    200: { description: 'pain.001.001.09', content: { 'application/xml': { schema: z.string() } } },
    ...problems(401, 404),
  },
});

const statementRoute = createRoute({
  method: 'post',
  path: '/admin/bank-statements',
  tags: ['staff'],
  summary: 'Takes a bank’s notification (camt.054): confirms what came, marks as paid what went',
  description:
    'Matched by end-to-end id, amount, currency and side. The same file twice does nothing; what cannot be ' +
    'matched is kept and listed; what the chain cannot take now is brought again by itself.',
  security: staffSecurity,
  request: {
    body: {
      required: true,
      content: { 'application/xml': { schema: z.string().openapi({ description: 'UTF-8' }) } },
    },
  },
  responses: {
    200: json('What came of it', takenNotificationSchema),
    ...problems(400, 401, 409, 413, 422, 503),
  },
});

const entriesRoute = createRoute({
  method: 'get',
  path: '/admin/bank-entries',
  tags: ['staff'],
  summary: 'What the bank told, newest first',
  security: staffSecurity,
  request: {
    query: z.object({
      state: z.enum(bankEntryStates).optional(),
      limit: z.coerce.number().int().min(1).max(1_000).default(100),
    }),
  },
  responses: {
    200: json('Entries', z.object({ entries: z.array(bankEntrySchema) })),
    ...problems(400, 401),
  },
});

/** Money by bank: accounts, payment files, the bank's notifications. */
export const registerBankRoutes: RegisterRoutes = (app, context) => {
  const { db, config } = context;
  for (const path of ['bank-accounts', 'payment-files', 'bank-statements', 'bank-entries']) {
    app.use(`/admin/${path}`, asStaff(context));
    app.use(`/admin/${path}/*`, asStaff(context));
  }
  app.use(ownAccountRoute.path, asPeer(context));

  app.openapi(ownAccountRoute, (c) => {
    if (config.bankAccount === undefined)
      throw problem('no-bank-account', 404, 'this provider has named no bank account');
    return c.json(config.bankAccount, 200);
  });

  app.openapi(accountsRoute, async (c) => {
    const peers = await db
      .selectFrom('member')
      .select('provider_id')
      .where('provider_id', '<>', config.providerId)
      .execute();
    await Promise.all(
      peers.map(({ provider_id: peer }) =>
        readPeerBankAccount(context, peer).catch((error: Error) => {
          if (error.name !== 'PeerFault') throw error;
        }),
      ),
    );
    return c.json({ accounts: [...(await listPeerBankAccounts(context))] }, 200);
  });

  app.openapi(confirmRoute, async (c) => {
    const { providerId } = c.req.valid('param');
    const confirmed = await confirmPeerBankAccount(context, providerId, c.req.valid('json').iban);
    if (confirmed.ok) return c.json(confirmed.value, 200);
    const statuses = { 'iban-invalid': 422, 'bank-account-unknown': 404, 'bank-account-differs': 409 };
    throw problem(confirmed.refusal, statuses[confirmed.refusal], confirmed.detail);
  });

  app.openapi(makeFileRoute, async (c) => {
    const made = await makePaymentFile(context, chainOf(context), c.req.valid('json'));
    if (!made.ok) throw problem(made.refusal, made.refusal === 'nothing-to-pay' ? 422 : 409, made.detail);
    const { totalMicro, payments, omitted, ...file } = made.value;
    return c.json(
      {
        ...file,
        count: payments.length,
        totalMicro: safeMicro(totalMicro),
        payments: payments.map((one) => ({ ...one, amountMicro: safeMicro(one.amountMicro) })),
        omitted: [...omitted],
      },
      200,
    );
  });

  app.openapi(filesRoute, async (c) => {
    const rows = await db
      .selectFrom('payment_file')
      .select(['message_id', 'created_at', 'execution_date', 'count', 'total_micro'])
      .orderBy('created_at', 'desc')
      .orderBy('message_id')
      .limit(1_000)
      .execute();
    const files = rows.map((row) => ({
      messageId: row.message_id,
      createdAt: Number(row.created_at),
      executionDate: row.execution_date,
      count: row.count,
      totalMicro: safeMicro(row.total_micro),
    }));
    return c.json({ files }, 200);
  });

  app.openapi(fileRoute, async (c) => {
    const xml = await readPaymentFile(context, c.req.valid('param').messageId);
    if (xml === undefined) throw problem('payment-file-unknown', 404, 'no such file');
    c.header('cache-control', 'no-store');
    return c.body(xml, 200, { 'content-type': 'application/xml; charset=utf-8' }) as never;
  });

  app.openapi(statementRoute, async (c) => {
    if (config.bankAccount === undefined)
      throw problem('no-bank-account', 409, 'the configuration names no bankAccount');
    const taken = await takeNotification(context, chainOf(context), await readText(c.req.raw));
    if (!taken.ok) throw problem(taken.refusal, 422, taken.detail);
    const { taken: rows, ...counts } = taken.value;
    return c.json({ ...counts, taken: rows.map(answerOf) }, 200);
  });

  app.openapi(entriesRoute, async (c) => {
    const { state, limit } = c.req.valid('query');
    let select = db
      .selectFrom('bank_entry')
      .selectAll()
      .orderBy('received_at', 'desc')
      .orderBy('message_id')
      .orderBy('line')
      .limit(limit);
    if (state !== undefined) select = select.where('state', '=', state);
    return c.json({ entries: (await select.execute()).map(answerOf) }, 200);
  });
};

/** The body as text; what is not UTF-8 is refused. */
async function readText(request: Request): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await request.arrayBuffer());
  } catch (error) {
    if (error instanceof TypeError) throw problem('encoding-unsupported', 422, 'the file is not in UTF-8');
    throw error;
  }
}

const answerOf = (row: Selectable<BankEntryTable>): BankEntryAnswer => ({
  entryId: row.entry_id,
  messageId: row.message_id,
  line: row.line,
  side: row.side,
  amountMicro: safeMicro(row.amount_micro),
  currency: row.currency,
  endToEndId: row.end_to_end_id,
  bankReference: row.bank_reference,
  bookedOn: row.booked_on,
  state: row.state,
  refusal: row.refusal,
  refusalDetail: row.refusal_detail,
  receivedAt: Number(row.received_at),
});
