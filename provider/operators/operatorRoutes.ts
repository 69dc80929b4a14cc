import { createRoute, z } from '@hono/zod-openapi';
import type { Hex } from '@p2p-power/protocol/Hex';
import { chainOf } from '../clearing/clearingRoutes.ts';
import { followChain } from '../clearing/followChain.ts';
import type { RegisterRoutes } from '../http/allRoutes.ts';
import { asOperator, operatorSecurity } from '../http/authenticate.ts';
import { type Problem, problem, problems } from '../http/Problem.ts';
import type { SignedInOperator } from '../http/ProviderApp.ts';
import { hex32, json, jsonBody } from '../http/schemas.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { claimPayouts } from './claimPayouts.ts';
import {
  accountQuerySchema,
  claimSchema,
  newRedemptionSchema,
  operatorBalanceSchema,
  operatorChargeSchema,
  preparedRedemptionSchema,
  redemptionSchema,
} from './OperatorSchemas.ts';
import { readOperatorBalance } from './readOperatorBalance.ts';
import { readOperatorCharges } from './readOperatorCharges.ts';
import { cancelRedemption, prepareRedemption, readRedemptions, requestRedemption } from './redemptions.ts';

const balanceRoute = createRoute({
  method: 'get',
  path: '/operator/balance',
  tags: ['operators'],
  summary: 'What the operator has earned, from the charge to the bank',
  description: 'At its present account, or at a former one.',
  security: operatorSecurity,
  request: { query: accountQuerySchema },
  responses: { 200: json('Balance', operatorBalanceSchema), ...problems(400, 401, 403, 404) },
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
  summary: 'Claims what settled batches owe, as tokens to the operator’s account, present or former',
  description: 'Nothing is claimed twice. Empty where there is nothing to claim. The provider pays for it.',
  security: operatorSecurity,
  request: { query: accountQuerySchema },
  responses: {
    200: json('What came, by peer', z.object({ claims: z.array(claimSchema), paidMicro: z.int() })),
    ...problems(400, 401, 403, 404, 503),
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
  summary: 'Asks the provider, or another one, for money in exchange for tokens',
  description:
    'Where the operator keeps its account’s key, its wallet signs what `prepare` answers, and the provider brings it.',
  security: operatorSecurity,
  request: {
    body: jsonBody(newRedemptionSchema),
  },
  responses: {
    200: json('The redemption', redemptionSchema),
    ...problems(400, 401, 403, 404, 409, 422, 503),
  },
});

const prepareRoute = createRoute({
  method: 'post',
  path: '/operator/redemptions/prepare',
  tags: ['operators'],
  summary: 'What the operator’s own wallet signs to ask for money without a transaction of its own',
  security: operatorSecurity,
  request: {
    body: jsonBody(newRedemptionSchema.omit({ signed: true })),
  },
  responses: {
    200: json('To be signed (EIP-712), and handed in with the same request id', preparedRedemptionSchema),
    ...problems(400, 401, 403, 404, 422, 503),
  },
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

/** The operator with the account that it asks about: the present one, or a former one of its own. */
async function withAccount(
  context: Pick<ProviderContext, 'db'>,
  operator: SignedInOperator,
  account: Hex | undefined,
): Promise<SignedInOperator> {
  if (account === undefined || account === operator.account) return operator;
  const own = await context.db
    .selectFrom('operator_account')
    .select('kept')
    .where('account', '=', account)
    .where('operator_id', '=', operator.operatorId)
    .executeTakeFirst();
  if (own === undefined) throw problem('account-unknown', 404, 'this account was never the operator’s');
  return { ...operator, account, accountKept: own.kept };
}

/** The problem document of a refusal about redemptions. */
export function redemptionProblem(refused: { readonly refusal: string; readonly detail: string }): Problem {
  const statuses: Readonly<Record<string, number>> = {
    'redemption-unknown': 404,
    'peer-unknown': 404,
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
    const operator = await withAccount(context, c.get('operator'), c.req.valid('query').account);
    return c.json(await readOperatorBalance(context, operator), 200);
  });

  app.openapi(chargesRoute, async (c) => {
    const { operatorId } = c.get('operator');
    const { providerId } = context.config;
    const { limit, offset, ...period } = c.req.valid('query');
    const query = { ...period, operatorId, providerId };
    const found = await readOperatorCharges(context.db, query, { limit, offset });
    return c.json({ charges: [...found.charges], total: found.total }, 200);
  });

  app.openapi(claimsRoute, async (c) => {
    const { account } = await withAccount(context, c.get('operator'), c.req.valid('query').account);
    const claims = await claimPayouts(context, chainOf(context), account);
    return c.json(
      { claims: [...claims], paidMicro: claims.reduce((sum, claim) => sum + claim.paidMicro, 0) },
      200,
    );
  });

  app.openapi(redemptionsRoute, async (c) => {
    if (context.chain !== undefined) await followChain(context, context.chain).catch(() => undefined);
    const redemptions = await readRedemptions(context, {
      operatorId: c.get('operator').operatorId,
      limit: 1_000,
    });
    return c.json({ redemptions: [...redemptions] }, 200);
  });

  app.openapi(redeemRoute, async (c) => {
    const { account, ...request } = c.req.valid('json');
    const operator = await withAccount(context, c.get('operator'), account);
    const asked = await requestRedemption(context, chainOf(context), operator, request);
    if (!asked.ok) throw redemptionProblem(asked);
    return c.json(asked.value, 200);
  });

  app.openapi(prepareRoute, async (c) => {
    const { account, ...request } = c.req.valid('json');
    const operator = await withAccount(context, c.get('operator'), account);
    const prepared = await prepareRedemption(context, chainOf(context), operator, request);
    if (!prepared.ok) throw redemptionProblem(prepared);
    return c.json(prepared.value, 200);
  });

  app.openapi(cancelRoute, async (c) => {
    const { id } = c.req.valid('param');
    const cancelled = await cancelRedemption(context, chainOf(context), c.get('operator').operatorId, id);
    if (!cancelled.ok) throw redemptionProblem(cancelled);
    return c.json(cancelled.value, 200);
  });
};
