import { createRoute, z } from '@hono/zod-openapi';
import { sql } from 'kysely';
import type { RegisterRoutes } from '../http/allRoutes.ts';
import { asStaff, staffSecurity } from '../http/authenticate.ts';
import { problem, problems } from '../http/Problem.ts';
import { json, jsonBody } from '../http/schemas.ts';
import { addOperator, printOperator } from './addOperator.ts';
import { driverSchema, newOperatorSchema, operatorSchema } from './PeopleSchemas.ts';
import { closeDriver } from './revokeDriverCertificates.ts';

const addOperatorRoute = createRoute({
  method: 'post',
  path: '/admin/operators',
  tags: ['staff'],
  summary: 'Enters an operator',
  description: 'The operator signs in with the same e-mail address, vouched for by the identity provider.',
  security: staffSecurity,
  request: { body: jsonBody(newOperatorSchema) },
  responses: {
    200: json('The operator', operatorSchema),
    ...problems(400, 401, 409),
  },
});

const operatorsRoute = createRoute({
  method: 'get',
  path: '/admin/operators',
  tags: ['staff'],
  summary: 'All operators',
  security: staffSecurity,
  responses: {
    200: json('By name', z.object({ operators: z.array(operatorSchema) })),
    ...problems(401),
  },
});

const driversRoute = createRoute({
  method: 'get',
  path: '/admin/drivers',
  tags: ['staff'],
  summary: 'Drivers',
  security: staffSecurity,
  request: {
    query: z.object({
      email: z.string().optional(),
      limit: z.coerce.number().int().min(1).max(1_000).default(100),
      offset: z.coerce.number().int().min(0).default(0),
    }),
  },
  responses: {
    200: json('Newest first', z.object({ drivers: z.array(driverSchema) })),
    ...problems(400, 401),
  },
});

const closeRoute = createRoute({
  method: 'post',
  path: '/admin/drivers/{driverId}/close',
  tags: ['staff'],
  summary: 'Closes a driver’s account and takes back all its certificates',
  security: staffSecurity,
  request: { params: z.object({ driverId: z.string() }) },
  responses: {
    200: json('How many certificates were in force', z.object({ revoked: z.int() })),
    ...problems(401, 404),
  },
});

/** Operators and drivers, for the provider's staff. */
export const registerPeopleAdminRoutes: RegisterRoutes = (app, context) => {
  const { db, clock } = context;
  for (const path of ['/admin/operators', '/admin/drivers', '/admin/drivers/*'])
    app.use(path, asStaff(context));
  app.openapi(addOperatorRoute, async (c) => {
    const added = await addOperator(context, c.req.valid('json'));
    if (!added.ok) throw problem(added.refusal, 409, added.detail);
    return c.json(added.value, 200);
  });
  app.openapi(operatorsRoute, async (c) => {
    const rows = await db.selectFrom('operator').selectAll().orderBy('name').execute();
    return c.json({ operators: rows.map(printOperator) }, 200);
  });
  app.openapi(driversRoute, async (c) => {
    const { email, limit, offset } = c.req.valid('query');
    const now = clock.nowS();
    let query = db
      .selectFrom('driver')
      .select(['driver_id', 'name', 'email', 'created_at', 'closed_at'])
      .select(
        sql<number>`(select count(*)::int from driver_certificate c where c.driver_id = driver.driver_id
          and c.revoked_at is null and c.not_after > ${now})`.as('in_force'),
      )
      .orderBy('created_at', 'desc')
      .orderBy('driver_id')
      .limit(limit)
      .offset(offset);
    if (email !== undefined) query = query.where('email', '=', email);
    const rows = await query.execute();
    return c.json(
      {
        drivers: rows.map((row) => ({
          driverId: row.driver_id,
          name: row.name,
          email: row.email,
          createdAt: Number(row.created_at),
          closedAt: row.closed_at === null ? null : Number(row.closed_at),
          certificatesInForce: row.in_force,
        })),
      },
      200,
    );
  });
  app.openapi(closeRoute, async (c) => {
    const closed = await closeDriver(context, c.req.valid('param').driverId);
    if (!closed.ok) throw problem(closed.refusal, 404, closed.detail);
    return c.json(closed.value, 200);
  });
};
