import { createRoute, z } from '@hono/zod-openapi';
import type { RegisterRoutes } from '../http/allRoutes.ts';
import { stationSecurity } from '../http/authenticate.ts';
import { problems } from '../http/Problem.ts';
import { evseIdParams, hex32, jsonBody } from '../http/schemas.ts';
import { verifyStation } from './asStaffOrStation.ts';
import { noteStandingTariff } from './noteShownTariff.ts';

const standingRoute = createRoute({
  method: 'post',
  path: '/points/{evseId}/standing',
  tags: ['stations'],
  summary:
    'A station says whether a charge runs at it, and by which tariff it makes offers: also a sign of life',
  security: stationSecurity,
  request: {
    params: evseIdParams,
    body: jsonBody(z.strictObject({ occupied: z.boolean(), tariffId: hex32.optional() })),
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
    const { occupied, tariffId } = c.req.valid('json');
    const uid = c.get('station')?.uid ?? '';
    const { providerId } = context.config;
    const now = context.clock.nowS();
    await context.db
      .updateTable('evse')
      .set({ last_seen_at: String(now), occupied_at: occupied ? String(now) : null })
      .where('provider_id', '=', providerId)
      .where('uid', '=', uid)
      .execute();
    if (tariffId !== undefined) await noteStandingTariff(context.db, { providerId, uid }, tariffId, now);
    return c.body(null, 204);
  });
};
