import { createRoute, z } from '@hono/zod-openapi';
import type { RegisterRoutes } from '../http/allRoutes.ts';
import { asStaff, peerSecurity, staffSecurity } from '../http/authenticate.ts';
import { problem, problems } from '../http/Problem.ts';
import { hex32, json, jsonBody } from '../http/schemas.ts';
import { intakeOf } from '../intake/Intake.ts';
import { cdrOutcomeSchema } from '../intake/intakeRoutes.ts';
import { takeCharges } from '../intake/takeCharges.ts';
import { asPeer } from './asPeer.ts';
import { handOverAgain } from './handOverAgain.ts';

/** Most CDRs of one request. */
const maxEvidence = 1_000;

const evidenceRoute = createRoute({
  method: 'post',
  path: '/peer/evidence',
  tags: ['peers'],
  summary: 'Hands over charges of our drivers at a peer’s points',
  description:
    'Each is verified in full and accepted or refused by name; the answer comes when that is on disk. ' +
    'Asked again about an accepted CDR, the answer is `already-known`.',
  security: peerSecurity,
  request: {
    body: jsonBody(
      z.object({
        evidence: z
          .array(z.unknown().openapi({ type: 'object', description: 'protocol/Evidence.ts' }))
          .min(1)
          .max(maxEvidence),
      }),
    ),
  },
  responses: {
    200: json('In the order of the request', z.object({ outcomes: z.array(cdrOutcomeSchema) })),
    ...problems(400, 401, 413, 503),
  },
});

const againRoute = createRoute({
  method: 'post',
  path: '/admin/charges/{cdrId}/hand-over',
  tags: ['staff'],
  summary: 'Hands a refused charge to its driver’s provider once more',
  security: staffSecurity,
  request: { params: z.object({ cdrId: hex32 }) },
  responses: {
    200: json('It waits for the peer again', z.object({ state: z.literal('waiting') })),
    ...problems(400, 401, 404, 409),
  },
});

/** What other providers ask of us about charges, and staff of them. */
export const registerPeerRoutes: RegisterRoutes = (app, context) => {
  app.use(evidenceRoute.path, asPeer(context));
  app.openapi(evidenceRoute, async (c) => {
    const { evidence } = c.req.valid('json');
    const pool = await intakeOf(context).checks();
    const checked = await pool.checkEvidence(evidence);
    const outcomes = await takeCharges(context, checked, { kind: 'peer', providerId: c.get('peer') });
    return c.json({ outcomes: [...outcomes] } as never, 200);
  });

  app.use(againRoute.path.replace('{cdrId}', ':cdrId'), asStaff(context));
  app.openapi(againRoute, async (c) => {
    const again = await handOverAgain(context, c.req.valid('param').cdrId);
    if (again.ok) return c.json(again.value, 200);
    throw problem(again.refusal, again.refusal === 'charge-unknown' ? 404 : 409, again.detail);
  });
};
