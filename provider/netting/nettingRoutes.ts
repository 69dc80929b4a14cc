import { createRoute, z } from '@hono/zod-openapi';
import type { Hex } from '@p2p-power/protocol/Hex';
import { chainOf } from '../clearing/clearingRoutes.ts';
import { followChain } from '../clearing/followChain.ts';
import type { RegisterRoutes } from '../http/allRoutes.ts';
import { asStaff, peerSecurity, staffSecurity } from '../http/authenticate.ts';
import { problem, problems } from '../http/Problem.ts';
import { hex32, json, jsonBody } from '../http/schemas.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { asPeer } from '../peers/asPeer.ts';
import { announceRounds } from './announceRounds.ts';
import { closeRound, closeSettledRounds } from './closeRounds.ts';
import { registerMoneyMetrics } from './moneyMetrics.ts';
import { type NettingRoundAnswer, roundSchema } from './NettingSchemas.ts';
import { roundStates } from './NettingTables.ts';
import { openRound, type RoundRefusal } from './openRound.ts';
import { readRounds } from './readRounds.ts';

const blockNumber = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

const openRoute = createRoute({
  method: 'post',
  path: '/admin/netting/rounds',
  tags: ['staff'],
  summary: 'Opens a round: the few bank transfers that clear all providers’ positions at a block',
  description:
    'Without a block number, of the newest block. The other members are told and compute the same. Opened ' +
    'again it is the same round; a round of a later block replaces one of which nothing is on its way.',
  security: staffSecurity,
  request: {
    body: jsonBody(z.strictObject({ blockNumber: blockNumber.optional() })),
  },
  responses: { 200: json('The round', roundSchema), ...problems(400, 401, 409, 422, 503) },
});

const roundsRoute = createRoute({
  method: 'get',
  path: '/admin/netting/rounds',
  tags: ['staff'],
  summary: 'Rounds of netting, newest first, each with the progress of its transfers',
  security: staffSecurity,
  request: {
    query: z.object({
      state: z.enum(roundStates).optional(),
      limit: z.coerce.number().int().min(1).max(200).default(20),
    }),
  },
  responses: {
    200: json('Rounds', z.object({ rounds: z.array(roundSchema) })),
    ...problems(400, 401),
  },
});

const roundRoute = createRoute({
  method: 'get',
  path: '/admin/netting/rounds/{roundId}',
  tags: ['staff'],
  summary: 'One round of netting',
  security: staffSecurity,
  request: { params: z.object({ roundId: hex32 }) },
  responses: { 200: json('The round', roundSchema), ...problems(400, 401, 404) },
});

const closeRoute = createRoute({
  method: 'post',
  path: '/admin/netting/rounds/{roundId}/close',
  tags: ['staff'],
  summary: 'Gives up what is left of a round; refused while a transfer of ours is on its way',
  security: staffSecurity,
  request: { params: z.object({ roundId: hex32 }) },
  responses: { 200: json('The round', roundSchema), ...problems(400, 401, 404, 409) },
});

const announceRoute = createRoute({
  method: 'post',
  path: '/peer/netting/rounds',
  tags: ['peers'],
  summary: 'Announces a round of netting: each member computes it from the positions at the block',
  security: peerSecurity,
  request: {
    body: jsonBody(z.strictObject({ blockNumber, blockHash: hex32 })),
  },
  responses: {
    200: json('The same round here', z.object({ roundId: hex32 })),
    ...problems(400, 401, 409, 422, 503),
  },
});

const statuses: Readonly<Record<RoundRefusal, number>> = {
  'block-unknown': 422,
  'round-outdated': 409,
  'nothing-to-net': 422,
  'round-open': 409,
};

/** Netting: rounds for the staff, announcements from peers. */
export const registerNettingRoutes: RegisterRoutes = (app, context) => {
  registerMoneyMetrics(context);
  for (const path of ['/admin/netting/rounds', '/admin/netting/rounds/*']) app.use(path, asStaff(context));
  app.use(announceRoute.path, asPeer(context));

  app.openapi(openRoute, async (c) => {
    const { blockNumber = null } = c.req.valid('json');
    const opened = await openRound(context, chainOf(context), { blockNumber }, 'staff');
    if (!opened.ok) throw problem(opened.refusal, statuses[opened.refusal], opened.detail);
    await announceRounds(context, AbortSignal.timeout(10_000));
    return c.json(await found(context, opened.value.roundId), 200);
  });

  app.openapi(roundsRoute, async (c) => {
    await bringUpToDate(context);
    const { state, limit } = c.req.valid('query');
    const rounds = await readRounds(context, { limit, ...(state !== undefined && { state }) });
    return c.json({ rounds: [...rounds] }, 200);
  });

  app.openapi(roundRoute, async (c) => {
    await bringUpToDate(context);
    return c.json(await found(context, c.req.valid('param').roundId), 200);
  });

  app.openapi(closeRoute, async (c) => {
    const { roundId } = c.req.valid('param');
    await bringUpToDate(context);
    const closed = await closeRound(context, roundId);
    if (!closed.ok)
      throw problem(closed.refusal, closed.refusal === 'round-unknown' ? 404 : 409, closed.detail);
    return c.json(await found(context, roundId), 200);
  });

  app.openapi(announceRoute, async (c) => {
    const opened = await openRound(context, chainOf(context), c.req.valid('json'), c.get('peer'));
    if (!opened.ok) throw problem(opened.refusal, statuses[opened.refusal], opened.detail);
    return c.json(opened.value, 200);
  });
};

async function bringUpToDate(context: ProviderContext): Promise<void> {
  if (context.chain !== undefined) await followChain(context, context.chain).catch(() => undefined);
  await closeSettledRounds(context);
}

async function found(context: ProviderContext, roundId: Hex): Promise<NettingRoundAnswer> {
  const [round] = await readRounds(context, { roundId, limit: 1 });
  if (round === undefined) throw problem('round-unknown', 404, 'no such round');
  return round;
}
