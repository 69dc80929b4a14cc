import { createRoute, z } from '@hono/zod-openapi';
import type { RegisterRoutes } from '../http/allRoutes.ts';
import { stationSecurity } from '../http/authenticate.ts';
import { problems } from '../http/Problem.ts';
import { evseIdParams, jsonBody } from '../http/schemas.ts';
import { verifyStation } from './asStaffOrStation.ts';

const standingRoute = createRoute({
  method: 'post',
  path: '/points/{evseId}/standing',
  tags: ['stations'],
  summary: 'A station says whether a charge runs at it: also a sign of life',
  security: stationSecurity,
  request: {
    params: evseIdParams,
    body: jsonBody(z.strictObject({ occupied: z.boolean() })),
  },
  responses: { 204: { description: 'Noted' }, ...problems(400, 401) },
});

/** What stations with a connection of their own tell of themselves. */
export const registerStandingRoutes: RegisterRoutes = (app, context) => {
  app.use(standingRoute.getRoutingPath(), async (c, next) => {
    c.set('station', await verifyStation(context, c.req, c.req.param('evseId') ?? ''));
    await next();
  });
  app.openapi(standingRoute, async (c) => {
    const now = String(context.clock.nowS());
    await context.db
      .updateTable('evse')
      .set({ last_seen_at: now, occupied_at: c.req.valid('json').occupied ? now : null })
      .where('provider_id', '=', context.config.providerId)
      .where('uid', '=', c.get('station')?.uid ?? '')
      .execute();
    return c.body(null, 204);
  });
};
