import { createRoute, z } from '@hono/zod-openapi';
import { chainOf } from '../clearing/clearingRoutes.ts';
import { followChain } from '../clearing/followChain.ts';
import type { RegisterRoutes } from '../http/allRoutes.ts';
import { asOperator, operatorSecurity } from '../http/authenticate.ts';
import { type Problem, problem, problems } from '../http/Problem.ts';
import { hex32 } from '../http/schemas.ts';
import { claimPayouts } from './claimPayouts.ts';
import {
  claimSchema,
  newRedemptionSchema,
  operatorBalanceSchema,
  operatorChargeSchema,
  redemptionSchema,
} from './OperatorSchemas.ts';
import { readOperatorBalance } from './readOperatorBalance.ts';
import { readOperatorCharges } from './readOperatorCharges.ts';
import { cancelRedemption, readRedemptions, requestRedemption } from './redemptions.ts';

const json = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { 'application/json': { schema } },
});

const balanceRoute = createRoute({
  method: 'get',
  path: '/operator/balance',
  tags: ['operators'],
  summary: 'What the operator has earned, from the charge to the bank',
  security: operatorSecurity,
  responses: { 200: json('Balance', operatorBalanceSchema), ...problems(401, 403) },
});

const chargesRoute = createRoute({
  method: 'get',
  path: '/operator/charges',
  tags: ['operators'],
  summary: 'Charges at the operator’s points, newest first',
  security: operatorSecurity,
  request: {
    query: z.object({
      from: z.coerce
        .number()
        .int()
        .min(0)
        .default(0)
        .openapi({ description: 'Ended then or later, epoch seconds' }),
      to: z.coerce
        .number()
        .int()
        .min(0)
        .max(99_999_999_999)
        .default(99_999_999_999)
        .openapi({ description: 'Ended before' }),
      limit: z.coerce.number().int().min(1).max(1_000).default(100),
      offset: z.coerce.number().int().min(0).default(0),
    }),
  },
  responses: {
    200: json('Charges', z.object({ charges: z.array(operatorChargeSchema), total: z.int() })),
    ...problems(400, 401, 403),
  },
});

const claimsRoute = createRoute({
  method: 'post',
  path: '/operator/claims',
  tags: ['operators'],
  summary: 'Claims what settled batches owe, as tokens to the operator’s account',
  description: 'Nothing is claimed twice. Empty where there is nothing to claim.',
  security: operatorSecurity,
  responses: {
    200: json('What came, by peer', z.object({ claims: z.array(claimSchema), paidMicro: z.int() })),
    ...problems(401, 403, 503),
  },
});

const redemptionsRoute = createRoute({
  method: 'get',
  path: '/operator/redemptions',
  tags: ['operators'],
  summary: 'The operator’s redemptions, newest first',
  security: operatorSecurity,
  responses: {
    200: json('Redemptions', z.object({ redemptions: z.array(redemptionSchema) })),
    ...problems(401, 403),
  },
});

const redeemRoute = createRoute({
  method: 'post',
  path: '/operator/redemptions',
  tags: ['operators'],
  summary: 'Asks the provider for money in exchange for tokens',
  description:
    'For operators whose account’s key the provider keeps; others ask the chain with their own wallet.',
  security: operatorSecurity,
  request: {
    body: { required: true, content: { 'application/json': { schema: newRedemptionSchema } } },
  },
  responses: { 200: json('The redemption', redemptionSchema), ...problems(400, 401, 403, 409, 422, 503) },
});

const cancelRoute = createRoute({
  method: 'delete',
  path: '/operator/redemptions/{id}',
  tags: ['operators'],
  summary: 'Takes a redemption back, and the tokens',
  security: operatorSecurity,
  request: { params: z.object({ id: hex32 }) },
  responses: {
    200: json('The redemption', redemptionSchema),
    ...problems(400, 401, 403, 404, 409, 422, 503),
  },
});

/** The problem document of a refusal about redemptions. */
export function redemptionProblem(refused: { readonly refusal: string; readonly detail: string }): Problem {
  const statuses: Readonly<Record<string, number>> = {
    'redemption-unknown': 404,
    'redemption-closed': 409,
    'bank-reference-differs': 409,
    'request-id-used': 409,
    'bank-reference-used': 409,
    'payment-under-way': 409,
    'account-not-kept': 409,
  };
  return problem(refused.refusal, statuses[refused.refusal] ?? 422, refused.detail);
}

/** What operators see of their money, claim and redeem. */
export const registerOperatorRoutes: RegisterRoutes = (app, context) => {
  for (const path of [
    '/operator/balance',
    '/operator/charges',
    '/operator/claims',
    '/operator/redemptions',
    '/operator/redemptions/*',
  ])
    app.use(path, asOperator(context));

  app.openapi(balanceRoute, async (c) => {
    if (context.chain !== undefined) await followChain(context, context.chain).catch(() => undefined);
    return c.json(await readOperatorBalance(context, c.get('operator')), 200);
  });

  app.openapi(chargesRoute, async (c) => {
    const { account } = c.get('operator');
    const { providerId } = context.config;
    const { limit, offset, ...period } = c.req.valid('query');
    const query = { ...period, account, providerId };
    const found = await readOperatorCharges(context.db, query, { limit, offset });
    return c.json({ charges: [...found.charges], total: found.total }, 200);
  });

  app.openapi(claimsRoute, async (c) => {
    const claims = await claimPayouts(context, chainOf(context), c.get('operator').account);
    return c.json(
      { claims: [...claims], paidMicro: claims.reduce((sum, claim) => sum + claim.paidMicro, 0) },
      200,
    );
  });

  app.openapi(redemptionsRoute, async (c) => {
    if (context.chain !== undefined) await followChain(context, context.chain).catch(() => undefined);
    const redemptions = await readRedemptions(context, { holder: c.get('operator').account, limit: 1_000 });
    return c.json({ redemptions: [...redemptions] }, 200);
  });

  app.openapi(redeemRoute, async (c) => {
    const asked = await requestRedemption(context, chainOf(context), c.get('operator'), c.req.valid('json'));
    if (!asked.ok) throw redemptionProblem(asked);
    return c.json(asked.value, 200);
  });

  app.openapi(cancelRoute, async (c) => {
    const { id } = c.req.valid('param');
    const cancelled = await cancelRedemption(context, chainOf(context), c.get('operator'), id);
    if (!cancelled.ok) throw redemptionProblem(cancelled);
    return c.json(cancelled.value, 200);
  });
};
