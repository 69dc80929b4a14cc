import { createRoute, z } from '@hono/zod-openapi';
import { printDateTime } from '@p2p-power/tariff/readJson';
import type { RegisterRoutes } from '../http/allRoutes.ts';
import { peerSecurity } from '../http/authenticate.ts';
import { problems } from '../http/Problem.ts';
import { json } from '../http/schemas.ts';
import { asPeer } from '../peers/asPeer.ts';
import { ocpiLocationSchema } from './OcpiLocation.ts';
import { readLocations } from './readLocations.ts';

const route = createRoute({
  method: 'get',
  path: '/peer/locations',
  tags: ['peers'],
  summary: 'The points of our operators as OCPI 2.2.1 Locations',
  description:
    'Paged as OCPI has it: `Link` with rel="next", `X-Total-Count`, `X-Limit`. Each EVSE carries `p2p_power` ' +
    'with its tariff in force, its local link and whether a station stands there.',
  security: peerSecurity,
  request: {
    query: z.object({
      offset: z.coerce.number().int().min(0).default(0),
      limit: z.coerce.number().int().min(1).max(500).default(100),
      date_from: z.iso
        .datetime({ local: true, offset: false })
        .optional()
        .openapi({ description: 'Changed at or after, UTC' }),
    }),
  },
  responses: {
    200: json(
      'OCPI envelope',
      z.object({
        data: z.array(ocpiLocationSchema),
        status_code: z.int(),
        timestamp: z.string(),
      }),
    ),
    ...problems(400, 401),
  },
});

/** Our points for other providers. */
export const registerLocationRoutes: RegisterRoutes = (app, context) => {
  app.use(route.path, asPeer(context));
  app.openapi(route, async (c) => {
    const { offset, limit, date_from: dateFromText } = c.req.valid('query');
    const dateFrom =
      dateFromText === undefined
        ? undefined
        : Math.floor(Date.parse(dateFromText.endsWith('Z') ? dateFromText : `${dateFromText}Z`) / 1000);
    const page = await readLocations(context, { offset, limit, dateFrom });
    if (offset + page.locations.length < page.total) {
      const next = new URLSearchParams({ offset: String(offset + limit), limit: String(limit) });
      if (dateFromText !== undefined) next.set('date_from', dateFromText);
      c.header('link', `<${context.config.publicUrl}${route.path}?${next}>; rel="next"`);
    }
    c.header('x-total-count', String(page.total));
    c.header('x-limit', String(limit));
    return c.json(
      {
        data: [...page.locations],
        status_code: 1000,
        timestamp: printDateTime(context.clock.nowS()),
      },
      200,
    );
  });
};
