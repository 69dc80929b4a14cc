import { createRoute, z } from '@hono/zod-openapi';
import { bankReferenceHash } from '../bank/bankReference.ts';
import { chainOf } from '../clearing/clearingRoutes.ts';
import { followChain } from '../clearing/followChain.ts';
import type { RegisterRoutes } from '../http/allRoutes.ts';
import { asStaff, staffSecurity } from '../http/authenticate.ts';
import { problem, problems } from '../http/Problem.ts';
import { hex32, json, jsonBody } from '../http/schemas.ts';
import {
  bankReferenceSchema,
  newPayoutSchema,
  newReceiptSchema,
  payoutSchema,
  redemptionSchema,
} from './OperatorSchemas.ts';
import { redemptionProblem } from './operatorRoutes.ts';
import { payOut } from './payOut.ts';
import { beginPayment, markRedemptionPaid, readRedemptions } from './redemptions.ts';

const params = z.object({ id: hex32 });

const listRoute = createRoute({
  method: 'get',
  path: '/admin/redemptions',
  tags: ['staff'],
  summary: 'All redemptions asked of us, newest first',
  security: staffSecurity,
  request: {
    query: z.object({
      pending: z
        .enum(['true', 'false'])
        .optional()
        .openapi({ description: 'Only those that wait for money, the most urgent first' }),
    }),
  },
  responses: {
    200: json('Redemptions', z.object({ redemptions: z.array(redemptionSchema) })),
    ...problems(400, 401),
  },
});

const beginRoute = createRoute({
  method: 'post',
  path: '/admin/redemptions/{id}/begin',
  tags: ['staff'],
  summary: 'The money is being sent: the operator cannot cancel for seven days',
  security: staffSecurity,
  request: { params },
  responses: { 200: json('The redemption', redemptionSchema), ...problems(400, 401, 404, 409, 422, 503) },
});

const paidRoute = createRoute({
  method: 'post',
  path: '/admin/redemptions/{id}/paid',
  tags: ['staff'],
  summary: 'The money was sent: the tokens are burnt and our position falls',
  description: 'Safe to be called again with the same bank reference.',
  security: staffSecurity,
  request: {
    params,
    body: jsonBody(z.strictObject({ bankReference: bankReferenceSchema })),
  },
  responses: { 200: json('The redemption', redemptionSchema), ...problems(400, 401, 404, 409, 422, 503) },
});

const payoutRoute = createRoute({
  method: 'post',
  path: '/admin/payouts',
  tags: ['staff'],
  summary: 'Books a bank transfer to an operator for its earnings from our own drivers',
  description:
    'Those never touch the chain. Safe to be called again with the same bank reference and amount.',
  security: staffSecurity,
  request: { body: jsonBody(newPayoutSchema) },
  responses: { 200: json('Booked', payoutSchema), ...problems(400, 401, 404, 409, 422) },
});

const receiptRoute = createRoute({
  method: 'post',
  path: '/admin/receipts',
  tags: ['staff'],
  summary: 'Confirms on the chain a bank transfer of another provider: both positions move towards zero',
  security: staffSecurity,
  request: { body: jsonBody(newReceiptSchema) },
  responses: {
    200: json('Confirmed', z.object({ txHash: z.string().nullable() })),
    ...problems(400, 401, 404, 409, 422, 503),
  },
});

/** Payments by bank, as the staff tells of them. */
export const registerPaymentRoutes: RegisterRoutes = (app, context) => {
  for (const path of ['/admin/redemptions', '/admin/redemptions/*', payoutRoute.path, receiptRoute.path])
    app.use(path, asStaff(context));

  app.openapi(listRoute, async (c) => {
    if (context.chain !== undefined) await followChain(context, context.chain).catch(() => undefined);
    const pending = c.req.valid('query').pending === 'true';
    const query = { provider: context.config.providerId, pending, limit: 1_000 };
    return c.json({ redemptions: [...(await readRedemptions(context, query))] }, 200);
  });

  app.openapi(beginRoute, async (c) => {
    const begun = await beginPayment(context, chainOf(context), c.req.valid('param').id);
    if (!begun.ok) throw redemptionProblem(begun);
    return c.json(begun.value, 200);
  });

  app.openapi(paidRoute, async (c) => {
    const { id } = c.req.valid('param');
    const { bankReference } = c.req.valid('json');
    const paid = await markRedemptionPaid(context, chainOf(context), id, bankReference);
    if (!paid.ok) throw redemptionProblem(paid);
    return c.json(paid.value, 200);
  });

  app.openapi(payoutRoute, async (c) => {
    const paid = await payOut(context, c.req.valid('json'));
    if (paid.ok) return c.json(paid.value, 200);
    const statuses = { 'operator-unknown': 404, 'bank-reference-used': 409, 'payout-over-balance': 422 };
    throw problem(paid.refusal, statuses[paid.refusal], paid.detail);
  });

  app.openapi(receiptRoute, async (c) => {
    const { payer, amountMicro, bankReference } = c.req.valid('json');
    const chain = chainOf(context);
    const members = await chain.members();
    if (!members.some((member) => member.providerId === payer))
      throw problem('peer-unknown', 404, `${payer} is no member of the consortium`);
    const confirmed = await chain.confirmReceipt({
      payer,
      amountMicro: BigInt(amountMicro),
      bankReference: bankReferenceHash(bankReference),
    });
    if (!confirmed.ok) throw redemptionProblem(confirmed);
    await followChain(context, chain);
    return c.json({ txHash: confirmed.value.txHash }, 200);
  });
};
