import { createRoute } from '@hono/zod-openapi';
import { compress } from 'hono/compress';
import type { RegisterRoutes } from '../http/allRoutes.ts';
import { problem, problems } from '../http/Problem.ts';
import { evseIdParams, json } from '../http/schemas.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { readPriceSignals } from '../signals/readPriceSignals.ts';
import { boxAround, type FoundPoint, findPoint, findPoints } from './findPoints.ts';
import { pointInFullSchema, pointsAnswerSchema, pointsQuerySchema } from './PointSchemas.ts';
import { printPoint, printPointInFull } from './printPoint.ts';

const pointsRoute = createRoute({
  method: 'get',
  path: '/points',
  tags: ['points'],
  summary: 'Charging points near a place, or in a box of the map',
  description:
    'Of all providers of the network, and public ones of registers (`inNetwork` false, one entry a station). ' +
    'With `energyWh` each point of the network tells what that charge costs there now.',
  request: { query: pointsQuerySchema },
  responses: {
    200: json('Points', pointsAnswerSchema),
    ...problems(400),
  },
});

const pointRoute = createRoute({
  method: 'get',
  path: '/points/{evseId}',
  tags: ['points'],
  summary: 'One point in full',
  request: {
    params: evseIdParams,
    query: pointsQuerySchema.pick({ energyWh: true, powerW: true }),
  },
  responses: {
    200: json('The point', pointInFullSchema),
    ...problems(400, 404),
  },
});

const defaultRadiusM = 5_000;

/** The map, for anyone. */
export const registerPointRoutes: RegisterRoutes = (app, context) => {
  app.use(pointsRoute.path, compress());
  app.openapi(pointsRoute, async (c) => {
    const query = c.req.valid('query');
    const { latitude, longitude, south, west, north, east, energyWh, powerW } = query;
    const inNetwork = query.inNetwork === undefined ? {} : { inNetwork: query.inNetwork === 'true' };
    let found: Awaited<ReturnType<typeof findPoints>>;
    if (latitude !== undefined && longitude !== undefined) {
      const place = { latitude, longitude };
      const radiusM = query.radiusM ?? defaultRadiusM;
      found = await findPoints(context.db, {
        box: boxAround(place, radiusM),
        around: { place, radiusM },
        limit: query.limit ?? 100,
        ...inNetwork,
      });
    } else if (south !== undefined && west !== undefined && north !== undefined && east !== undefined) {
      if (south > north) throw problem('invalid-request', 400, 'south is north of north');
      const box = { south, west, north, east };
      found = await findPoints(context.db, { box, limit: query.limit ?? 5_000, ...inNetwork });
    } else
      throw problem('invalid-request', 400, 'name latitude and longitude, or south, west, north and east');
    const signals = await signalsOf(context, found.points);
    const question = { now: context.clock.nowS(), energyWh, powerW, signals };
    return c.json(
      { points: found.points.map((point) => printPoint(point, question)), total: found.total },
      200,
    );
  });
  app.openapi(pointRoute, async (c) => {
    const point = await findPoint(context.db, c.req.valid('param').evseId);
    if (point === undefined) throw problem('point-unknown', 404, 'no point has this EVSE-ID');
    const { energyWh, powerW } = c.req.valid('query');
    const signals = await signalsOf(context, [point]);
    return c.json(printPointInFull(point, { now: context.clock.nowS(), energyWh, powerW, signals }), 200);
  });
};

const signalsOf = (context: ProviderContext, points: readonly FoundPoint[]) =>
  readPriceSignals(
    context,
    points.flatMap((point) => [point.taken_signal_id, ...point.given_signal_ids]),
  );
