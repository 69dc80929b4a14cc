import { createRoute, z } from '@hono/zod-openapi';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import type { Hex } from '@p2p-power/protocol/Hex';
import { quarterHours } from '@p2p-power/tariff/quarterHours';
import type { Result } from '@p2p-power/tariff/Result';
import type { RegisterRoutes } from '../http/allRoutes.ts';
import {
  asDriver,
  asOperator,
  asStaff,
  driverSecurity,
  operatorSecurity,
  staffSecurity,
} from '../http/authenticate.ts';
import { problem, problems } from '../http/Problem.ts';
import { hex32, json, objectOf } from '../http/schemas.ts';
import { driverStatement, explain, printDriverStatement, printDriverTaxes } from './driverStatement.ts';
import { operatorStatement, printOperatorStatement } from './operatorStatement.ts';
import { readDriverCharges } from './readDriverCharges.ts';
import { printQuarterHours, readQuarterHours } from './readQuarterHours.ts';
import { readRefusedCharges, refusedEvidence } from './readRefusedCharges.ts';
import {
  billSchema,
  driverChargeSchema,
  driverStatementSchema,
  operatorStatementSchema,
  quarterHoursSchema,
  refusedChargeSchema,
} from './StatementSchemas.ts';

const endOfTime = 99_999_999_999;
const from = z.coerce
  .number()
  .int()
  .min(0)
  .default(0)
  .openapi({ description: 'Ended then or later, epoch seconds' });
const to = z.coerce
  .number()
  .int()
  .min(0)
  .max(endOfTime)
  .default(endOfTime)
  .openapi({ description: 'Ended before, epoch seconds' });
const format = z.enum(['json', 'csv']).default('json');
const language = z.enum(['en', 'de']).default('en').openapi({ description: 'Of the explanations' });
const separator = z.enum(['comma', 'semicolon']).default('comma').openapi({
  description:
    'Of the CSV: `comma` with decimal points (RFC 4180), `semicolon` with decimal commas and a byte order mark',
});

const chargesRoute = createRoute({
  method: 'get',
  path: '/me/charges',
  tags: ['drivers'],
  summary: 'The driver’s charges, newest first',
  security: driverSecurity,
  request: {
    query: z.object({
      from,
      to,
      limit: z.coerce.number().int().min(1).max(1_000).default(100),
      offset: z.coerce.number().int().min(0).default(0),
    }),
  },
  responses: {
    200: json(
      'Charges',
      z.object({
        charges: z.array(driverChargeSchema),
        total: z.int(),
        refused: z
          .array(refusedChargeSchema)
          .openapi({ description: 'CDRs that were refused and are on no bill, newest first' }),
      }),
    ),
    ...problems(400, 401, 403),
  },
});

const evidenceRoute = createRoute({
  method: 'get',
  path: '/me/charges/{cdrId}/evidence',
  tags: ['drivers'],
  summary: 'The whole evidence of a charge, for the driver to check',
  security: driverSecurity,
  request: { params: z.object({ cdrId: hex32 }) },
  responses: {
    200: json('Evidence, byte by byte as it was handed in', objectOf<Evidence>('protocol/Evidence.ts')),
    ...problems(400, 401, 403, 404),
  },
});

const billRoute = createRoute({
  method: 'get',
  path: '/me/charges/{cdrId}/bill',
  tags: ['drivers'],
  summary:
    'A charge as the statement has it: price lines, split, promotions; with its energy by quarter-hour',
  security: driverSecurity,
  request: { params: z.object({ cdrId: hex32 }), query: z.object({ language }) },
  responses: { 200: json('The charge', billSchema), ...problems(400, 401, 403, 404) },
});

const quarterHoursRoute = createRoute({
  method: 'get',
  path: '/admin/quarter-hours',
  tags: ['staff'],
  summary: 'The energy of all our drivers’ charges of a period by quarter-hour, as JSON or CSV',
  description: 'The same as the SQL view `billing_quarter_hour`.',
  security: staffSecurity,
  request: { query: z.object({ from, to, format, separator }) },
  responses: {
    200: {
      description: 'By end of the charge and time',
      content: { 'application/json': { schema: quarterHoursSchema }, 'text/csv': { schema: z.string() } },
    },
    ...problems(400, 401, 422),
  },
});

const statementQuery = z.object({ from, to, format, separator, language });
const driverStatementQuery = statementQuery.extend({
  rows: z.enum(['charges', 'taxes']).default('charges').openapi({
    description: 'Of the CSV: a row a charge, or its tax, a row for each rate of each charge and promotion',
  }),
});
const statementAnswer = <Schema extends z.ZodType>(schema: Schema) => ({
  200: {
    description: 'Statement',
    content: { 'application/json': { schema }, 'text/csv': { schema: z.string() } },
  },
});

const driverRoute = createRoute({
  method: 'get',
  path: '/me/statement',
  tags: ['drivers'],
  summary: 'The driver’s statement of any period, as JSON or CSV',
  security: driverSecurity,
  request: { query: driverStatementQuery },
  responses: { ...statementAnswer(driverStatementSchema), ...problems(400, 401, 403, 422) },
});

const operatorRoute = createRoute({
  method: 'get',
  path: '/operator/statement',
  tags: ['operators'],
  summary: 'The operator’s statement of any period, as JSON or CSV',
  security: operatorSecurity,
  request: { query: statementQuery },
  responses: { ...statementAnswer(operatorStatementSchema), ...problems(400, 401, 403, 422) },
});

const oneDriverRoute = createRoute({
  method: 'get',
  path: '/admin/drivers/{driverId}/statement',
  tags: ['staff'],
  summary: 'A driver’s statement of any period, as the driver gets it',
  security: staffSecurity,
  request: { params: z.object({ driverId: z.string().min(1).max(64) }), query: driverStatementQuery },
  responses: { ...statementAnswer(driverStatementSchema), ...problems(400, 401, 404, 422) },
});

const oneOperatorRoute = createRoute({
  method: 'get',
  path: '/admin/operators/{operatorId}/statement',
  tags: ['staff'],
  summary: 'An operator’s statement of any period, as the operator gets it',
  security: staffSecurity,
  request: { params: z.object({ operatorId: z.string().min(1).max(64) }), query: statementQuery },
  responses: { ...statementAnswer(operatorStatementSchema), ...problems(400, 401, 404, 422) },
});

/** The statement, or the problem of one that would be too long. */
function whole<T>(statement: Result<T, string>): T {
  if (!statement.ok) throw problem(statement.refusal, 422, statement.detail);
  return statement.value;
}

const printDriver = { charges: printDriverStatement, taxes: printDriverTaxes };
const csvHeaders = {
  'content-type': 'text/csv; charset=utf-8; header=present',
  'content-disposition': 'attachment; filename="statement.csv"',
};

/** What drivers and operators see of their charges, for any period; and staff of each of them. */
export const registerStatementRoutes: RegisterRoutes = (app, context) => {
  for (const path of [chargesRoute.path, '/me/charges/*', driverRoute.path]) app.use(path, asDriver(context));
  app.use(operatorRoute.path, asOperator(context));
  for (const path of ['/admin/drivers/*', '/admin/operators/*', quarterHoursRoute.path])
    app.use(path, asStaff(context));

  app.openapi(chargesRoute, async (c) => {
    const { limit, offset, ...period } = c.req.valid('query');
    const { driverId } = c.get('driver');
    const found = await readDriverCharges(context.db, { driverId, ...period }, { limit, offset });
    const refused = await readRefusedCharges(context, { driverId, ...period });
    return c.json({ charges: found.rows.map((row) => row.charge), total: found.total, refused }, 200);
  });

  app.openapi(evidenceRoute, async (c) => {
    const found = await context.db
      .selectFrom('charge')
      .select('evidence')
      .where('cdr_id', '=', c.req.valid('param').cdrId)
      .where('driver_id', '=', c.get('driver').driverId)
      .executeTakeFirst();
    const evidence =
      found?.evidence ??
      (await refusedEvidence(context, c.get('driver').driverId, c.req.valid('param').cdrId as Hex));
    if (evidence === undefined) throw problem('charge-unknown', 404, 'no such charge of yours');
    return c.body(evidence, 200, { 'content-type': 'application/json' }) as never;
  });

  app.openapi(billRoute, async (c) => {
    const { driverId } = c.get('driver');
    const { cdrId } = c.req.valid('param');
    const all = { driverId, from: 0, to: endOfTime, cdrId };
    const [row] = (await readDriverCharges(context.db, all, { limit: 1, offset: 0 })).rows;
    if (row === undefined) throw problem('charge-unknown', 404, 'no such charge of yours');
    const evidence = JSON.parse(row.evidence) as Evidence;
    const quarters = quarterHours(evidence.readings);
    return c.json(
      {
        ...explain(row.charge, evidence, c.req.valid('query').language),
        quarterHours: quarters.map((quarter) => ({
          startsAt: quarter.from,
          importedWh: quarter.importWh,
          exportedWh: quarter.exportWh,
        })),
      },
      200,
    );
  });

  app.openapi(quarterHoursRoute, async (c) => {
    const { format: form, separator: kind, ...period } = c.req.valid('query');
    const found = whole(await readQuarterHours(context.db, period));
    if (form === 'csv') return c.body(printQuarterHours(found, kind), 200, csvHeaders) as never;
    return c.json(found, 200);
  });

  app.openapi(driverRoute, async (c) => {
    const { format: form, separator: kind, rows, ...period } = c.req.valid('query');
    const { driverId, name } = c.get('driver');
    const statement = whole(await driverStatement(context, { driverId, driverName: name, ...period }));
    if (form === 'csv') return c.body(printDriver[rows](statement, kind), 200, csvHeaders) as never;
    return c.json(statement, 200);
  });

  app.openapi(operatorRoute, async (c) => {
    const { format: form, separator: kind, ...period } = c.req.valid('query');
    const statement = whole(await operatorStatement(context, c.get('operator'), period));
    if (form === 'csv') return c.body(printOperatorStatement(statement, kind), 200, csvHeaders) as never;
    return c.json(statement, 200);
  });
  app.openapi(oneDriverRoute, async (c) => {
    const { format: form, separator: kind, rows, ...period } = c.req.valid('query');
    const { driverId } = c.req.valid('param');
    const driver = await context.db
      .selectFrom('driver')
      .select('name')
      .where('driver_id', '=', driverId)
      .executeTakeFirst();
    if (driver === undefined) throw problem('driver-unknown', 404, 'there is no driver of this id');
    const statement = whole(await driverStatement(context, { driverId, driverName: driver.name, ...period }));
    if (form === 'csv') return c.body(printDriver[rows](statement, kind), 200, csvHeaders) as never;
    return c.json(statement, 200);
  });

  app.openapi(oneOperatorRoute, async (c) => {
    const { format: form, separator: kind, ...period } = c.req.valid('query');
    const operator = await context.db
      .selectFrom('operator')
      .select(['operator_id as operatorId', 'name'])
      .where('operator_id', '=', c.req.valid('param').operatorId)
      .executeTakeFirst();
    if (operator === undefined) throw problem('operator-unknown', 404, 'there is no operator of this id');
    const statement = whole(await operatorStatement(context, operator, period));
    if (form === 'csv') return c.body(printOperatorStatement(statement, kind), 200, csvHeaders) as never;
    return c.json(statement, 200);
  });
};
