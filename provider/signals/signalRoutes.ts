import { createRoute, z } from '@hono/zod-openapi';
import type { RegisterRoutes } from '../http/allRoutes.ts';
import { asStaff, staffSecurity, stationSecurity } from '../http/authenticate.ts';
import { problem, problems } from '../http/Problem.ts';
import { hex32, json } from '../http/schemas.ts';
import { verifyStation } from '../points/asStaffOrStation.ts';
import { areaSchema } from '../points/PointSchemas.ts';
import { publishSignal, readKept } from './publishSignal.ts';
import { readSeries } from './readSeries.ts';
import {
  signalKindSchema,
  signalListSchema,
  signalSchema,
  statedGridSchema,
  stationSignalsSchema,
} from './SignalSchemas.ts';
import { registerSignalMetrics } from './signalMetrics.ts';
import { stateGrid } from './stateGrid.ts';
import { stationPoint, takeSignals } from './stationSignals.ts';

const stationRoute = createRoute({
  method: 'get',
  path: '/signals',
  tags: ['stations'],
  summary: 'The signals that a station is to go by, signed; notes that it took them',
  description:
    'For the station itself, which signs the request with its certified key: what it takes decides what the map promises.',
  security: stationSecurity,
  request: {
    query: z.object({
      station: hex32.openapi({ description: 'Id of the certificate of the station that asks' }),
      holds: hex32.optional().openapi({ description: 'Id of the price signal that it holds; none without' }),
    }),
  },
  responses: { 200: json('Newest of each kind', stationSignalsSchema), ...problems(400, 401, 404) },
});

const signalRoute = createRoute({
  method: 'get',
  path: '/signals/{kind}/{area}',
  tags: ['network'],
  summary: 'The newest signal of a kind and area, or one of this id that is still kept, signed',
  request: {
    params: z.object({ kind: signalKindSchema, area: areaSchema }),
    query: z.object({ id: hex32.optional() }),
  },
  responses: { 200: json('The signal (protocol/Signal.ts)', signalSchema), ...problems(400, 404) },
});

const listRoute = createRoute({
  method: 'get',
  path: '/admin/signals',
  tags: ['staff'],
  summary: 'All signals with what they say, their age and the last fault of their source',
  security: staffSecurity,
  responses: { 200: json('By kind and area', signalListSchema), ...problems(401) },
});

const gridRoute = createRoute({
  method: 'put',
  path: '/admin/signals/grid/{area}',
  tags: ['staff'],
  summary: 'States a grid’s state and limits by hand; takes the place of what was stated before',
  security: staffSecurity,
  request: {
    params: z.object({ area: areaSchema }),
    body: { required: true, content: { 'application/json': { schema: statedGridSchema } } },
  },
  responses: {
    200: json('How many slots are stated now', z.object({ slots: z.int() })),
    ...problems(400, 401, 409, 422),
  },
});

/** Signals of price, carbon and grid: for stations, for anyone, and for staff. */
export const registerSignalRoutes: RegisterRoutes = (app, context) => {
  registerSignalMetrics(context);
  app.use('/admin/signals', asStaff(context));
  app.use('/admin/signals/*', asStaff(context));
  app.openapi(stationRoute, async (c) => {
    const { station, holds } = c.req.valid('query');
    const point = await stationPoint(context, station);
    if (point === undefined)
      throw problem('station-unknown', 404, 'no station of ours in force has this certificate');
    await verifyStation(context, c.req, point.uid);
    return c.json({ signals: [...(await takeSignals(context, point, holds))] }, 200);
  });
  app.openapi(signalRoute, async (c) => {
    const { kind, area } = c.req.valid('param');
    const { id } = c.req.valid('query');
    const found =
      id === undefined
        ? await publishSignal(context, kind, area)
        : await readKept(context, context.config.providerId, kind, area, id);
    if (found === undefined) throw problem('signal-unknown', 404, `there is no ${kind} signal of ${area}`);
    return c.json(found.signal, 200);
  });
  app.openapi(listRoute, async (c) => c.json({ signals: [...(await readSeries(context))] }, 200));
  app.openapi(gridRoute, async (c) => {
    const stated = await stateGrid(context, c.req.valid('param').area, c.req.valid('json').slots);
    if (!stated.ok)
      throw problem(stated.refusal, stated.refusal === 'signal-has-a-source' ? 409 : 422, stated.detail);
    return c.json(stated.value, 200);
  });
};
