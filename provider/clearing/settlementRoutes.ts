import { createRoute, z } from '@hono/zod-openapi';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { SettlementProof } from '@p2p-power/protocol/SettlementProof';
import type { RegisterRoutes } from '../http/allRoutes.ts';
import { problem, problems } from '../http/Problem.ts';
import { hex32, json, objectOf } from '../http/schemas.ts';
import { type ProofTrees, settlementProofs } from './settlementProof.ts';

export const settlementsSchema = z.object({
  settlements: z
    .array(objectOf<SettlementProof>('protocol/SettlementProof.ts'))
    .openapi({ description: 'The charge, and the credit of what was given back; both channels' }),
});
export type SettlementsAnswer = z.output<typeof settlementsSchema>;

const settlementsRoute = createRoute({
  method: 'get',
  path: '/settlements/{authorizationId}',
  tags: ['network'],
  summary: 'Where a charge was settled on the chain, with the proof',
  description:
    'For whoever holds the receipt: its authorization’s id cannot be guessed. The answer holds ids, sums and ' +
    'hashes, and is checked against any node of the chain (p2p-power audit --receipt).',
  request: { params: z.object({ authorizationId: hex32 }) },
  responses: {
    200: json('At least one settlement', settlementsSchema),
    ...problems(400, 404),
  },
});

/** Proofs of settlement, for anyone with a receipt. */
export const registerSettlementRoutes: RegisterRoutes = (app, context) => {
  const trees: ProofTrees = new Map();
  app.openapi(settlementsRoute, async (c) => {
    const authorizationId = c.req.valid('param').authorizationId as Hex;
    const settlements = await settlementProofs(context, authorizationId, trees);
    if (settlements.length === 0)
      throw problem('not-settled', 404, 'no batch with this charge is settled on the chain');
    return c.json({ settlements: [...settlements] }, 200);
  });
};
