import { createRoute, z } from '@hono/zod-openapi';
import type { RegisterRoutes } from '../http/allRoutes.ts';
import {
  asOperator,
  asStaff,
  operatorSecurity,
  staffSecurity,
  stationSecurity,
} from '../http/authenticate.ts';
import { problem, problems } from '../http/Problem.ts';
import { evseIdParams, hex32, json, jsonBody } from '../http/schemas.ts';
import { asStaffOrStation } from './asStaffOrStation.ts';
import { certifyStation, revokeStation } from './certifyStation.ts';
import { readOwnPoints } from './ownPoints.ts';
import {
  newPointSchema,
  newStationCertificateSchema,
  ownPointSchema,
  provisionSchema,
} from './PointSchemas.ts';
import { putPoint } from './putPoint.ts';
import { putTariff } from './putTariff.ts';
import { renewStation } from './renewStation.ts';

const ownPoints = {
  200: json('By EVSE-ID', z.object({ points: z.array(ownPointSchema) })),
};

const putPointRoute = createRoute({
  method: 'post',
  path: '/admin/points',
  tags: ['staff'],
  summary: 'Enters a point of an operator, or changes it',
  security: staffSecurity,
  request: { body: jsonBody(newPointSchema) },
  responses: {
    200: json('The point', ownPointSchema),
    ...problems(400, 401, 409, 422),
  },
});

const adminPointsRoute = createRoute({
  method: 'get',
  path: '/admin/points',
  tags: ['staff'],
  summary: 'All points of our operators',
  security: staffSecurity,
  responses: { ...ownPoints, ...problems(401) },
});

const operatorPointsRoute = createRoute({
  method: 'get',
  path: '/operator/points',
  tags: ['operator'],
  summary: 'My points',
  security: operatorSecurity,
  responses: { ...ownPoints, ...problems(401, 403, 503) },
});

const putTariffRoute = createRoute({
  method: 'put',
  path: '/admin/points/{evseId}/tariff',
  tags: ['staff'],
  summary: 'Puts a tariff in force at a point; earlier ones are kept',
  security: staffSecurity,
  request: {
    params: evseIdParams,
    body: jsonBody(z.looseObject({}).openapi({ description: 'OCPI 2.2.1 Tariff' })),
  },
  responses: {
    200: json('In force', z.object({ tariffId: hex32, validFrom: z.int() })),
    ...problems(400, 401, 404, 422),
  },
});

const certifyRoute = createRoute({
  method: 'post',
  path: '/admin/points/{evseId}/station-certificates',
  tags: ['staff'],
  summary: 'Certifies a station’s key, and answers all that the station needs',
  description:
    'For staff; and for the station itself, which signs the request with its certified key (RFC 9421, ' +
    'as between providers) to renew for the same key and meter.',
  security: [...staffSecurity, ...stationSecurity],
  request: {
    params: evseIdParams,
    body: jsonBody(newStationCertificateSchema),
  },
  responses: {
    200: json('The provision, to be kept by the station', provisionSchema),
    ...problems(400, 401, 403, 404, 409, 422),
  },
});

const revokeRoute = createRoute({
  method: 'delete',
  path: '/admin/points/{evseId}/station-certificates',
  tags: ['staff'],
  summary: 'Takes a station’s certificates back, and publishes that',
  security: staffSecurity,
  request: { params: evseIdParams },
  responses: {
    200: json('How many were in force', z.object({ revoked: z.int() })),
    ...problems(401, 404, 422),
  },
});

const statusOf = (refusal: string): number => {
  if (refusal === 'point-unknown') return 404;
  if (refusal === 'renewal-of-another-station') return 403;
  return ['evse-id-of-another-provider', 'point-of-another-operator', 'tariff-missing'].includes(refusal)
    ? 409
    : 422;
};

/** Points of our operators: for staff to enter and certify, for operators to see. */
export const registerPointAdminRoutes: RegisterRoutes = (app, context) => {
  app.use('/admin/points', asStaff(context));
  app.use('/admin/points/*', asStaffOrStation(context));
  app.use('/operator/points', asOperator(context));
  app.openapi(putPointRoute, async (c) => {
    const put = await putPoint(context, c.req.valid('json'));
    if (!put.ok) throw problem(put.refusal, statusOf(put.refusal), put.detail);
    const [point] = await readOwnPoints(context, { evseId: put.value.evseId });
    if (point === undefined) throw problem('point-unknown', 404, 'the point was taken away meanwhile');
    return c.json(point, 200);
  });
  app.openapi(adminPointsRoute, async (c) => c.json({ points: [...(await readOwnPoints(context))] }, 200));
  app.openapi(operatorPointsRoute, async (c) => {
    const { operatorId } = c.get('operator');
    return c.json({ points: [...(await readOwnPoints(context, { operatorId }))] }, 200);
  });
  app.openapi(putTariffRoute, async (c) => {
    const put = await putTariff(context, c.req.valid('param').evseId, c.req.valid('json'));
    if (!put.ok) throw problem(put.refusal, statusOf(put.refusal), put.detail);
    return c.json(put.value, 200);
  });
  app.openapi(certifyRoute, async (c) => {
    const renewing = c.get('station');
    const station = c.req.valid('json');
    const certified =
      renewing === undefined
        ? await certifyStation(context, c.req.valid('param').evseId, station)
        : await renewStation(context, renewing, station);
    if (!certified.ok) throw problem(certified.refusal, statusOf(certified.refusal), certified.detail);
    return c.json(certified.value, 200);
  });
  app.openapi(revokeRoute, async (c) => {
    const revoked = await revokeStation(context, c.req.valid('param').evseId);
    if (!revoked.ok) throw problem(revoked.refusal, statusOf(revoked.refusal), revoked.detail);
    return c.json(revoked.value, 200);
  });
};
