import { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { cors } from 'hono/cors';
import { HTTPException } from 'hono/http-exception';
import { matchedRoutes } from 'hono/route';
import { z } from 'zod';
import type { ProviderContext } from '../ProviderContext.ts';
import { addApiDocument } from './addApiDocument.ts';
import { addHealth } from './addHealth.ts';
import { addWebApp } from './addWebApp.ts';
import { allRoutes } from './allRoutes.ts';
import { Problem, problem, problemResponse } from './Problem.ts';
import type { ProviderApp, ProviderEnv } from './ProviderApp.ts';

const mebibyte = 1024 * 1024;

/** Most bytes of a request's body, by the beginning of its path; the first that fits counts. */
const bodyLimits: readonly (readonly [string, number])[] = [
  ['/hand-in', 32 * mebibyte],
  ['/peer/', 64 * mebibyte],
  ['/admin/register-imports', 64 * mebibyte],
  ['/admin/bank-statements', 16 * mebibyte],
  ['/', mebibyte],
];

/**
 * The provider's whole HTTP interface as one function from Request to Response: `app.fetch(request)`
 * needs no socket.
 */
export function createApp(context: ProviderContext): ProviderApp {
  const app: ProviderApp = new OpenAPIHono<ProviderEnv>({
    defaultHook: (result) => {
      if (!result.success) throw problem('invalid-request', 400, z.prettifyError(result.error));
    },
  });
  app.onError((error, c) => answerError(context, error, c.req.method, c.req.path));
  app.notFound((c) => problemResponse(problem('not-found', 404, `there is nothing at ${c.req.path}`)));

  app.use(observe(context));
  // Tokens travel in headers, never in cookies, so any page may call; couriers hand in to any provider.
  app.use(
    cors({
      origin: '*',
      allowHeaders: ['authorization', 'content-type'],
      exposeHeaders: ['link', 'x-total-count', 'retry-after'],
      maxAge: 86_400,
    }),
  );
  for (const [path, maxSize] of bodyLimits)
    app.use(path === '/' ? '*' : path.endsWith('/') ? `${path}*` : path, async (c, next) => {
      if (limitOf(c.req.path) !== maxSize) return next();
      return bodyLimit({
        maxSize,
        onError: () => {
          throw problem('too-large', 413, `the body is larger than ${maxSize} bytes`);
        },
      })(c, next);
    });

  addHealth(app, context);
  addApiDocument(app, context);
  for (const register of allRoutes) register(app, context);
  addWebApp(app, context);
  return app;
}

const limitOf = (path: string) => (bodyLimits.find(([start]) => path.startsWith(start)) ?? ['', mebibyte])[1];

function answerError(context: ProviderContext, error: Error, method: string, path: string): Response {
  if (error instanceof Problem) return problemResponse(error);
  if (error instanceof HTTPException && error.status < 500)
    return problemResponse(
      problem('invalid-request', error.status, error.message || 'the request is malformed'),
    );
  const isAway = isUnreachable(error);
  context.log.error({ method, path: pathWithoutIds(path), err: error }, 'request failed');
  return problemResponse(
    isAway
      ? problem('temporarily-unavailable', 503, 'something this server needs is not reachable; try again', {
          'retry-after': '5',
        })
      : problem('internal-fault', 500, 'this server is at fault; it has been noted'),
  );
}

/** Whether the fault is that the database or another server cannot be reached now. */
function isUnreachable(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const code = String((at as NodeJS.ErrnoException).code ?? '');
    if (/^(ECONN|ENOENT$|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|UND_ERR|08|57P0|53300)/.test(code))
      return true;
    if (at.name === 'ChainFault' || at.name === 'TimeoutError') return true;
    if (/Connection terminated|timeout exceeded when trying to connect/.test(at.message)) return true;
  }
  return false;
}

/** For the log: ids in a path may name a person. */
const pathWithoutIds = (path: string) => path.replaceAll(/\/[^/]*\d[^/]{7,}/g, '/…');

/** Counts, times and logs each request: method, route, status and time; no address, no query, no header. */
function observe(context: ProviderContext): MiddlewareHandler<ProviderEnv> {
  return async (c, next) => {
    const began = performance.now();
    await next();
    const { req, res } = c;
    const route = matchedRoutes(c).findLast(({ path }) => !path.includes('*'))?.path ?? '/*';
    const seconds = (performance.now() - began) / 1000;
    context.metrics.requests.inc({ method: req.method, route, status: String(res.status) });
    context.metrics.requestSeconds.observe({ method: req.method, route }, seconds);
    context.log.debug(
      { method: req.method, route, status: res.status, ms: Math.round(seconds * 1000) },
      'request',
    );
  };
}
