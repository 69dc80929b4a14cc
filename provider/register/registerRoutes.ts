import { createRoute, z } from '@hono/zod-openapi';
import type { RegisterRoutes } from '../http/allRoutes.ts';
import { asStaff, staffSecurity } from '../http/authenticate.ts';
import { problem, problems } from '../http/Problem.ts';
import { json } from '../http/schemas.ts';
import { registerImportSchema } from '../points/PointSchemas.ts';
import { importRegister } from './importRegister.ts';

const importRoute = createRoute({
  method: 'post',
  path: '/admin/register-imports',
  tags: ['staff'],
  summary: 'Takes over a public register of charging stations (Bundesnetzagentur, CSV)',
  description:
    'Every row is taken or refused with its line and reason; a meter key or EVSE-ID that cannot be read is ' +
    'noted. The same file again changes nothing.',
  security: staffSecurity,
  request: {
    query: z.object({
      name: z
        .string()
        .regex(/^[a-z0-9-]{1,30}$/)
        .default('bnetza')
        .openapi({ description: 'Tells registers apart' }),
    }),
    body: {
      required: true,
      content: { 'text/csv': { schema: z.string().openapi({ description: 'UTF-8, `;`' }) } },
    },
  },
  responses: {
    200: json('The report', registerImportSchema),
    ...problems(400, 401, 413, 422),
  },
});

/** Import of public registers, for the provider's staff. */
export const registerRegisterRoutes: RegisterRoutes = (app, context) => {
  app.use(importRoute.path, asStaff(context));
  app.openapi(importRoute, async (c) => {
    const { name } = c.req.valid('query');
    const imported = await importRegister(context, name, await c.req.text());
    if (!imported.ok) throw problem(imported.refusal, 422, imported.detail);
    const { refused, ...report } = imported.value;
    context.log.info(
      { register: name, rows: report.rows, taken: report.taken, refused: refused.length },
      'register imported',
    );
    return c.json(imported.value, 200);
  });
};
