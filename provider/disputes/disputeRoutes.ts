import { createRoute, z } from '@hono/zod-openapi';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import type { Hex } from '@p2p-power/protocol/Hex';
import { chainOf } from '../clearing/clearingRoutes.ts';
import { followChain } from '../clearing/followChain.ts';
import type { RegisterRoutes } from '../http/allRoutes.ts';
import { asOperator, asStaff, operatorSecurity, staffSecurity } from '../http/authenticate.ts';
import { problem, problems } from '../http/Problem.ts';
import { hex32, json, jsonBody } from '../http/schemas.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import type { ClaimRow } from './ClaimBook.ts';
import {
  claimFileSchema,
  type ForcedClaimAnswer,
  forcedClaimSchema,
  newClaimSchema,
} from './DisputeSchemas.ts';
import { claimStates } from './DisputeTables.ts';
import { handInProof } from './handInAnchors.ts';
import { decideClaim, sendClaim } from './raiseClaims.ts';

const listRoute = createRoute({
  method: 'get',
  path: '/admin/claims',
  tags: ['staff'],
  summary: 'Forced claims in which this provider is creditor or debtor, newest first',
  security: staffSecurity,
  request: {
    query: z.object({
      state: z.enum(claimStates).optional(),
      limit: z.coerce.number().int().min(1).max(1_000).default(100),
    }),
  },
  responses: {
    200: json('Claims', z.object({ claims: z.array(forcedClaimSchema) })),
    ...problems(400, 401),
  },
});

const raiseRoute = createRoute({
  method: 'post',
  path: '/admin/claims',
  tags: ['staff'],
  summary: 'Claims a charge, or the credit of one, by its evidence, without the peer’s signature',
  description:
    'For what the peer neither accepts nor refuses with good reason, and for batches that it does not sign. ' +
    'Safe to be repeated: what stands is answered as it stands. A claim that falls costs the agreement’s dispute fee.',
  security: staffSecurity,
  request: { body: jsonBody(newClaimSchema) },
  responses: { 200: json('The claim', forcedClaimSchema), ...problems(400, 401, 404, 409, 422, 503) },
});

const evidenceRoute = createRoute({
  method: 'get',
  path: '/operator/charges/{cdrId}/evidence',
  tags: ['operators'],
  summary: 'The evidence of a charge with all proofs, for its operator to claim it alone',
  security: operatorSecurity,
  request: { params: z.object({ cdrId: hex32 }) },
  responses: { 200: json('Evidence and proofs', claimFileSchema), ...problems(400, 401, 403, 404) },
});

/** Forced claims: for the staff to raise and look at, and for operators the files to raise them without us. */
export const registerDisputeRoutes: RegisterRoutes = (app, context) => {
  app.use(listRoute.path, asStaff(context));
  app.use('/operator/charges/:cdrId/evidence', asOperator(context));

  app.openapi(listRoute, async (c) => {
    const { state, limit } = c.req.valid('query');
    let select = context.db
      .selectFrom('forced_claim')
      .selectAll()
      .orderBy('created_at', 'desc')
      .orderBy('claim_id')
      .limit(limit);
    if (state !== undefined) select = select.where('state', '=', state);
    return c.json({ claims: (await select.execute()).map(answerOf) }, 200);
  });

  app.openapi(raiseRoute, async (c) => {
    const { cdrId, direction } = c.req.valid('json');
    const chain = chainOf(context);
    const decided = await decideClaim(context, chain, cdrId as Hex, direction, 'staff');
    if (!decided.ok && decided.refusal !== 'claim-exists')
      throw problem(decided.refusal, statusOf[decided.refusal], decided.detail);
    if (decided.ok) {
      await sendClaim(context, chain, decided.value);
      await followChain(context, chain).catch(() => undefined);
    }
    const row = await claimOfCdr(context, cdrId as Hex, direction);
    if (row === undefined) throw problem('charge-unknown', 404, 'no such claim');
    if (row.state === 'refused') throw problem(row.refusal ?? 'refused', 422, row.refusal_detail ?? '');
    return c.json(answerOf(row), 200);
  });

  app.openapi(evidenceRoute, async (c) => {
    const cdrId = c.req.valid('param').cdrId as Hex;
    const charge = await context.db
      .selectFrom('charge')
      .select(['cdr_id', 'authorization_id', 'evidence'])
      .where('cdr_id', '=', cdrId)
      .where('operator_provider', '=', context.config.providerId)
      .where('operator_account', 'in', (accounts) =>
        accounts
          .selectFrom('operator_account')
          .select('account')
          .where('operator_id', '=', c.get('operator').operatorId),
      )
      .executeTakeFirst();
    if (charge === undefined) throw problem('charge-unknown', 404, 'no charge at one of your points');
    const handIn = await handInProof(context, cdrId);
    const claim = await claimOfCdr(context, cdrId, 'charge');
    return c.json(
      {
        cdrId,
        authorizationId: charge.authorization_id,
        evidence: JSON.parse(charge.evidence) as Evidence,
        handIn: handIn === undefined ? null : { ...handIn, proof: [...handIn.proof] },
        claim: claim === undefined ? null : answerOf(claim),
      },
      200,
    );
  });
};

const statusOf = {
  'charge-unknown': 404,
  'charge-not-of-peer': 422,
  'nothing-to-claim': 422,
  'prices-not-claimable': 409,
  'charge-in-batch': 409,
} as const;

async function claimOfCdr(
  context: Pick<ProviderContext, 'db'>,
  cdrId: Hex,
  direction: 'charge' | 'credit',
): Promise<ClaimRow | undefined> {
  return context.db
    .selectFrom('forced_claim')
    .selectAll('forced_claim')
    .innerJoin('charge', 'charge.authorization_id', 'forced_claim.authorization_id')
    .where('charge.cdr_id', '=', cdrId)
    .where('direction', '=', direction)
    .executeTakeFirst();
}

function answerOf(row: ClaimRow): ForcedClaimAnswer {
  const numberOr = (value: string | null) => (value === null ? null : Number(value));
  return {
    claimId: row.claim_id,
    cdrId: row.cdr_id,
    authorizationId: row.authorization_id,
    direction: row.direction,
    debtor: row.debtor,
    creditor: row.creditor,
    state: row.state,
    reason: row.reason,
    amountMicro: Number(row.amount_micro),
    feeMicro: numberOr(row.fee_micro),
    payableFrom: numberOr(row.payable_from),
    answer: row.answer,
    objection: row.objection,
    refusal: row.refusal,
    refusalDetail: row.refusal_detail,
    txHash: row.tx_hash,
    createdAt: Number(row.created_at),
    closedAt: numberOr(row.closed_at),
  };
}
