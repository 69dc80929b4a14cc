import { createRoute, z } from '@hono/zod-openapi';
import type { Hex } from '@p2p-power/protocol/Hex';
import { bankAccountSchema } from '../bank/BankAccount.ts';
import { chainOf } from '../clearing/clearingRoutes.ts';
import type { RegisterRoutes } from '../http/allRoutes.ts';
import { asOperator, asStaff, operatorSecurity, staffSecurity } from '../http/authenticate.ts';
import { problem, problems } from '../http/Problem.ts';
import { hex32, json, jsonBody } from '../http/schemas.ts';
import { changeAccount, readPayoutChoice } from './changeAccount.ts';
import {
  accountQuerySchema,
  accountToSignSchema,
  payoutChoiceSchema,
  redemptionAccountSchema,
  wantedAccountSchema,
} from './OperatorSchemas.ts';
import { putOperatorBankAccount } from './operatorBankAccount.ts';
import { takeRedemptionAccount } from './redemptionAccounts.ts';

const notedSchema = z.object({ ibanEnd: z.string(), changedAt: z.int() });

const choiceRoute = createRoute({
  method: 'get',
  path: '/operator/account',
  tags: ['operators'],
  summary: 'Where the operator is paid: the chain account, former ones, and the end of its IBAN',
  security: operatorSecurity,
  responses: { 200: json('The choice', payoutChoiceSchema), ...problems(401, 403) },
});

const toSignRoute = createRoute({
  method: 'get',
  path: '/operator/account/typed-data',
  tags: ['operators'],
  summary: 'What the key of an own account signs, so that it becomes the one that is paid',
  security: operatorSecurity,
  request: { query: accountQuerySchema.required() },
  responses: { 200: json('EIP-712', accountToSignSchema), ...problems(400, 401, 403, 503) },
});

const changeRoute = createRoute({
  method: 'put',
  path: '/operator/account',
  tags: ['operators'],
  summary: 'Has the operator paid at an account whose key the provider keeps, or at its own wallet’s',
  description:
    'Station certificates name the account: the change takes effect at each station with its next one ' +
    '(`pointsToRenew`). What was earned before stays with the former account, and is claimed and redeemed there.',
  security: operatorSecurity,
  request: { body: jsonBody(wantedAccountSchema) },
  responses: { 200: json('The choice', payoutChoiceSchema), ...problems(400, 401, 403, 409, 422, 503) },
});

const bankRoute = createRoute({
  method: 'put',
  path: '/operator/bank-account',
  tags: ['operators'],
  summary: 'Where the operator is paid in money; kept sealed',
  security: operatorSecurity,
  request: { body: jsonBody(bankAccountSchema) },
  responses: { 200: json('Its last characters', notedSchema), ...problems(400, 401, 403, 422) },
});

const staffBankRoute = createRoute({
  method: 'put',
  path: '/admin/operators/{operatorId}/bank-account',
  tags: ['staff'],
  summary: 'Enters where an operator is paid in money; kept sealed',
  security: staffSecurity,
  request: { params: z.object({ operatorId: z.string() }), body: jsonBody(bankAccountSchema) },
  responses: { 200: json('Its last characters', notedSchema), ...problems(400, 401, 404, 422) },
});

const redemptionAccountRoute = createRoute({
  method: 'put',
  path: '/redemptions/{redemptionId}/account',
  tags: ['operators'],
  summary: 'Where the money of a redemption shall go, signed by the holder of the tokens (EIP-712)',
  description:
    'For holders who are no operators of this provider: it tells nobody anything, and takes what the holder signed.',
  request: { params: z.object({ redemptionId: hex32 }), body: jsonBody(redemptionAccountSchema) },
  responses: {
    200: json('Its last characters', z.object({ ibanEnd: z.string() })),
    ...problems(400, 404, 409, 422, 503),
  },
});

/** Operators' choice of where they are paid. */
export const registerPayoutRoutes: RegisterRoutes = (app, context) => {
  for (const path of ['/operator/account', '/operator/account/*', bankRoute.path])
    app.use(path, asOperator(context));
  app.use(staffBankRoute.path.replace('{operatorId}', ':operatorId'), asStaff(context));

  app.openapi(choiceRoute, async (c) => {
    const choice = await readPayoutChoice(context, c.get('operator').operatorId);
    return c.json({ ...choice, former: [...choice.former], pointsToRenew: [...choice.pointsToRenew] }, 200);
  });

  app.openapi(toSignRoute, (c) => {
    const { account } = c.req.valid('query');
    const typedData = chainOf(context).payoutAccountData(c.get('operator').operatorId, account as Hex);
    return c.json({ typedData }, 200);
  });

  app.openapi(changeRoute, async (c) => {
    const { operatorId } = c.get('operator');
    const changed = await changeAccount(context, chainOf(context), operatorId, c.req.valid('json'));
    if (!changed.ok)
      throw problem(changed.refusal, changed.refusal === 'account-taken' ? 409 : 422, changed.detail);
    const choice = await readPayoutChoice(context, operatorId);
    return c.json({ ...choice, former: [...choice.former], pointsToRenew: [...choice.pointsToRenew] }, 200);
  });

  app.openapi(bankRoute, async (c) => {
    const noted = await putOperatorBankAccount(context, c.get('operator').operatorId, c.req.valid('json'));
    if (!noted.ok) throw problem(noted.refusal, 422, noted.detail);
    return c.json(noted.value, 200);
  });

  app.openapi(staffBankRoute, async (c) => {
    const { operatorId } = c.req.valid('param');
    const known = await context.db
      .selectFrom('operator')
      .select('operator_id')
      .where('operator_id', '=', operatorId)
      .executeTakeFirst();
    if (known === undefined) throw problem('operator-unknown', 404, 'there is no operator of this id');
    const noted = await putOperatorBankAccount(context, operatorId, c.req.valid('json'));
    if (!noted.ok) throw problem(noted.refusal, 422, noted.detail);
    return c.json(noted.value, 200);
  });

  app.openapi(redemptionAccountRoute, async (c) => {
    const { redemptionId } = c.req.valid('param');
    const taken = await takeRedemptionAccount(context, chainOf(context), redemptionId, c.req.valid('json'));
    if (taken.ok) return c.json(taken.value, 200);
    const statuses: Readonly<Record<string, number>> = {
      'redemption-unknown': 404,
      'redemption-closed': 409,
      'payment-under-way': 409,
    };
    throw problem(taken.refusal, statuses[taken.refusal] ?? 422, taken.detail);
  });
};
