import { createRoute, z } from '@hono/zod-openapi';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { RegisterRoutes } from '../http/allRoutes.ts';
import { asStaff, peerSecurity, staffSecurity } from '../http/authenticate.ts';
import { problem, problems } from '../http/Problem.ts';
import { json, jsonBody } from '../http/schemas.ts';
import { claimPayouts } from '../operators/claimPayouts.ts';
import { claimSchema } from '../operators/OperatorSchemas.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { asPeer } from '../peers/asPeer.ts';
import { type BatchRow, batchOf } from './BatchBook.ts';
import type { ClearingChain } from './ClearingChain.ts';
import {
  type BatchAnswer,
  batchSchema,
  closedPeriodSchema,
  ledgerSchema,
  outstandingSchema,
} from './ClearingSchemas.ts';
import { registerClearingMetrics } from './clearingMetrics.ts';
import { closePeriod } from './closePeriod.ts';
import { countersignBatch } from './countersignBatch.ts';
import { readLedger } from './readLedger.ts';
import { readCredit } from './readOutstanding.ts';

/** The chain, or the refusal of everything that needs one. */
export function chainOf(context: ProviderContext): ClearingChain {
  if (context.chain === undefined) throw problem('no-chain', 503, 'this provider is connected to no chain');
  return context.chain;
}

/** Seconds by which a period's end may lie ahead of our clock. */
const aheadS = 300;

const closeRoute = createRoute({
  method: 'post',
  path: '/admin/periods/close',
  tags: ['staff'],
  summary: 'Builds, countersigns and settles the batches of a period, as the operators’ provider',
  description:
    'With each peer, or with one. What cannot be done now (a peer or the chain is away) is done later by ' +
    'itself; calling again continues and settles nothing twice.',
  security: staffSecurity,
  request: {
    body: jsonBody(
      z.strictObject({
        periodEnd: z.int().min(1).openapi({ description: 'Epoch seconds, exclusive' }),
        peer: z.string().optional(),
      }),
    ),
  },
  responses: {
    200: json('What came of it with each peer', z.object({ periods: z.array(closedPeriodSchema) })),
    ...problems(400, 401, 404, 503),
  },
});

const batchesRoute = createRoute({
  method: 'get',
  path: '/admin/batches',
  tags: ['staff'],
  summary: 'Batches in which this provider is debtor or creditor, newest first, and what peers owe',
  security: staffSecurity,
  request: {
    query: z.object({
      peer: z.string().optional(),
      limit: z.coerce.number().int().min(1).max(1_000).default(100),
    }),
  },
  responses: {
    200: json(
      'Batches, and by peer what it owes us beside its credit limit',
      z.object({ batches: z.array(batchSchema), outstanding: z.array(outstandingSchema) }),
    ),
    ...problems(400, 401),
  },
});

const ledgerRoute = createRoute({
  method: 'get',
  path: '/admin/ledger',
  tags: ['staff'],
  summary: 'Balances of all ledger accounts',
  security: staffSecurity,
  responses: {
    200: json('Balances', ledgerSchema),
    ...problems(401),
  },
});

const ownClaimsRoute = createRoute({
  method: 'post',
  path: '/admin/own-claims',
  tags: ['staff'],
  summary:
    'Claims what settled batches owe ourselves: what commissions leave, and what our drivers gave back',
  description: 'Nothing is claimed twice. Empty where there is nothing to claim.',
  security: staffSecurity,
  responses: {
    200: json('What came, by peer', z.object({ claims: z.array(claimSchema), paidMicro: z.int() })),
    ...problems(401, 503),
  },
});

const proposeRoute = createRoute({
  method: 'post',
  path: '/peer/batches',
  tags: ['peers'],
  summary: 'Proposes a period’s batch to its debtor, who checks it against its own books and signs it too',
  description:
    'Asked again with the same batch, the answer is the same; another of that sequence is refused.',
  security: peerSecurity,
  request: {
    body: jsonBody(
      z.object({
        batch: z.unknown().openapi({ type: 'object', description: 'protocol/Batch.ts' }),
        creditorSignature: z.unknown().openapi({ type: 'string', description: 'EIP-712, 65 bytes of hex' }),
        charges: z.unknown().openapi({
          type: 'array',
          items: { type: 'object' },
          description:
            '`{authorizationId, cdrId, chargeMicro, operatorMicro?}` of each; `operatorMicro` is what of it is the ' +
            'operator’s at most, where the creditor pays it a commission',
        }),
      }),
    ),
  },
  responses: {
    200: json('Signed', z.object({ debtorSignature: z.string() })),
    ...problems(400, 401, 409, 413, 422, 503),
  },
});

/** Clearing: periods, batches and the ledger for staff, proposals of batches for peers. */
export const registerClearingRoutes: RegisterRoutes = (app, context) => {
  registerClearingMetrics(context);
  for (const { path } of [closeRoute, batchesRoute, ledgerRoute, ownClaimsRoute])
    app.use(path, asStaff(context));
  app.use(proposeRoute.path, asPeer(context));

  app.openapi(closeRoute, async (c) => {
    const period = c.req.valid('json');
    if (period.periodEnd > context.clock.nowS() + aheadS)
      throw problem('period-not-over', 400, 'the period ends in the future');
    const closed = await closePeriod(context, chainOf(context), period);
    if (period.peer !== undefined && closed.length === 0)
      throw problem('peer-unknown', 404, `${period.peer} is no member of the consortium`);
    const periods = closed.map((one) => ({ ...one, batch: one.batch ? answerOf(one.batch) : null }));
    return c.json({ periods }, 200);
  });

  app.openapi(batchesRoute, async (c) => {
    const { peer, limit } = c.req.valid('query');
    let select = context.db
      .selectFrom('batch')
      .selectAll()
      .orderBy('built_at', 'desc')
      .orderBy('sequence', 'desc')
      .limit(limit);
    if (peer !== undefined)
      select = select.where((eb) => eb.or([eb('debtor', '=', peer), eb('creditor', '=', peer)]));
    const credit = await readCredit(context);
    const outstanding = credit
      .filter((one) => peer === undefined || one.peer === peer)
      .map(({ oldestEndedAt: _, ...one }) => one);
    return c.json({ batches: (await select.execute()).map(answerOf), outstanding }, 200);
  });

  app.openapi(ledgerRoute, async (c) => c.json(await readLedger(context), 200));

  app.openapi(ownClaimsRoute, async (c) => {
    const chain = chainOf(context);
    const claims = await claimPayouts(context, chain, chain.account);
    return c.json(
      { claims: [...claims], paidMicro: claims.reduce((sum, claim) => sum + claim.paidMicro, 0) },
      200,
    );
  });

  app.openapi(proposeRoute, async (c) => {
    const signed = await countersignBatch(context, chainOf(context), c.get('peer'), c.req.valid('json'));
    if (!signed.ok)
      throw problem(signed.refusal, signed.refusal === 'batch-conflict' ? 409 : 422, signed.detail);
    return c.json({ debtorSignature: signed.value.debtorSignature as string }, 200);
  });
};

function answerOf(row: BatchRow): BatchAnswer {
  const batch = batchOf(row);
  return {
    ...batch,
    channelId: row.channel_id,
    batchHash: row.batch_hash,
    state: row.state,
    creditorSignature: row.creditor_signature,
    debtorSignature: row.debtor_signature,
    txHash: row.tx_hash,
    blockNumber: row.block_number === null ? null : Number(row.block_number),
    refusal: row.refusal,
    refusalDetail: row.refusal_detail,
    builtAt: Number(row.built_at),
  } satisfies BatchAnswer & { txHash: Hex | null };
}
