import { createRoute, z } from '@hono/zod-openapi';
import { sql } from 'kysely';
import type { ProviderContext } from '../ProviderContext.ts';
import type { ProviderApp } from './ProviderApp.ts';

const readiness = z
  .object({ database: z.boolean(), chain: z.boolean().nullable() })
  .openapi('Readiness', { description: '`chain` is null where none is configured' });

/** `/healthz` (the process lives), `/readyz` (what it needs is there) and `/metrics`. */
export function addHealth(app: ProviderApp, context: ProviderContext): void {
  const content = { 'application/json': { schema: readiness } };
  app.openapi(
    createRoute({
      method: 'get',
      path: '/healthz',
      tags: ['health'],
      summary: 'Whether the process lives',
      responses: {
        200: { description: 'Alive', content: { 'text/plain': { schema: z.string() } } },
      },
    }),
    (c) => c.text('alive', 200),
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/readyz',
      tags: ['health'],
      summary: 'Whether database and chain can be reached',
      responses: { 200: { description: 'Ready', content }, 503: { description: 'Not ready', content } },
    }),
    async (c) => {
      const [database, chain] = await Promise.all([
        answers(() => sql`select 1`.execute(context.db)),
        context.chain === undefined ? null : answers(() => context.chain?.members()),
      ]);
      return c.json({ database, chain }, database && chain !== false ? 200 : 503);
    },
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/metrics',
      tags: ['health'],
      summary: 'Figures for Prometheus',
      responses: {
        200: { description: 'Prometheus text format', content: { 'text/plain': { schema: z.string() } } },
      },
    }),
    async (c) =>
      c.text(await context.metrics.registry.metrics(), 200, {
        'content-type': context.metrics.registry.contentType,
      }),
  );
}

async function answers(ask: () => unknown): Promise<boolean> {
  try {
    await Promise.race([
      ask(),
      new Promise((_, reject) => setTimeout(reject, 3_000, new Error('timeout')).unref()),
    ]);
    return true;
  } catch {
    return false;
  }
}
