import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../database/openDatabase.ts';
import { openProvider } from '../openProvider.ts';
import { createTestDatabase } from '../testing/testDatabase.ts';
import {
  openTestProvider,
  type TestProvider,
  testConfig,
  testCourierKey,
  testKey,
  testStaffToken,
} from '../testing/testProvider.ts';

let folder: string;
let provider: TestProvider;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'p2p-power-web-'));
  mkdirSync(join(folder, 'web', 'assets'), { recursive: true });
  writeFileSync(join(folder, 'web', 'index.html'), '<!doctype html><title>App</title>');
  writeFileSync(join(folder, 'web', 'assets', 'app-1a2b.js'), 'export {};');
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  provider = await openTestProvider({ webDir: join(folder, 'web') });
});
afterAll(async () => {
  await provider.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('health', () => {
  test('the process lives, the database answers, no chain is configured', async () => {
    expect(await provider.call('GET', '/healthz')).toMatchObject({ status: 200, body: 'alive' });
    expect(await provider.call('GET', '/readyz')).toMatchObject({
      status: 200,
      body: { database: true, chain: null },
    });
  });

  test('metrics count requests by route, not by path', async () => {
    await provider.call('GET', '/points/DEAAAENOWHERE');
    const { body } = await provider.call('GET', '/metrics');
    expect(body).toContain('p2p_power_http_requests_total{method="GET",route="/points/:evseId');
    expect(body).not.toContain('NOWHERE');
  });

  test('without its database a provider lives, is not ready, and answers 503 without a word of the inside', async () => {
    const database = await createTestDatabase();
    const db = openDatabase(database.url);
    const lines: string[] = [];
    const orphan = await openProvider(testConfig({ databaseUrl: database.url }), {
      db,
      log: pino({ level: 'error' }, { write: (line: string) => lines.push(line) }),
      certificateSigner: testKey().signer,
      courierKey: testCourierKey(),
      sealingKey: new Uint8Array(32),
    });
    await database.drop();
    const ask = (path: string, token?: string) =>
      orphan.app.fetch(
        new Request(
          `https://a.example${path}`,
          token ? { headers: { authorization: `Bearer ${token}` } } : {},
        ),
      );
    expect((await ask('/healthz')).status).toBe(200);
    const ready = await ask('/readyz');
    expect([ready.status, await ready.json()]).toEqual([503, { database: false, chain: null }]);
    const points = await ask('/admin/operators', testStaffToken);
    const problem = (await points.json()) as { refusal: string; detail: string };
    expect(points.headers.get('content-type')).toBe('application/problem+json');
    expect(['temporarily-unavailable', 'internal-fault']).toContain(problem.refusal);
    expect(JSON.stringify(problem)).not.toMatch(/test_|postgres|select/i);
    expect(lines.join()).not.toContain(testStaffToken);
    await orphan.close();
    await db.destroy();
  });
});

describe('refusals', () => {
  test('what is not there is a problem document', async () => {
    const { status, body, headers } = await provider.call('POST', '/nowhere');
    expect(status).toBe(404);
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect(body).toEqual({
      type: 'https://p2p-power.example/refusals/not-found',
      title: 'Not found',
      status: 404,
      detail: 'there is nothing at /nowhere',
      refusal: 'not-found',
    });
  });

  test('a body that is too large, or no JSON, is refused', async () => {
    const large = { publicKey: 'x'.repeat(2 * 1024 * 1024) };
    expect(await provider.call('POST', '/me/certificates', { as: 'anna', body: large })).toMatchObject({
      status: 413,
      body: { refusal: 'too-large' },
    });
    expect(await provider.call('POST', '/me/certificates', { as: 'anna', body: '{' })).toMatchObject({
      status: 400,
      body: { refusal: 'invalid-request' },
    });
    const untyped = await provider.call('POST', '/me/certificates', {
      as: 'anna',
      body: '{}',
      headers: { 'content-type': 'text/plain' },
    });
    expect(untyped.status).toBe(415);
  });

  test('no staff token but the right one opens, of whatever length', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1, maxLength: 40 }), async (guess) => {
        const printable = guess.replace(/[^!-~]/g, 'x');
        const { status } = await provider.call('GET', '/admin/drivers', {
          headers: { authorization: `Bearer ${printable}` },
        });
        expect(status).toBe(401);
      }),
      { numRuns: 30 },
    );
    expect((await provider.call('GET', '/admin/drivers', { as: 'staff' })).status).toBe(200);
  });

  test('every route of staff, drivers, operators and peers is closed to anyone', async () => {
    const { body } = await provider.call('GET', '/openapi.json');
    const open: string[] = [];
    for (const [path, item] of Object.entries(body.paths as Record<string, Record<string, unknown>>))
      for (const method of Object.keys(item)) {
        if (!/^\/(admin|me|operator|peer)(\/|$)/.test(path)) continue;
        const url = path.replaceAll(/\{[^}]+\}/g, '0x00');
        const { status } = await provider.call(
          method.toUpperCase(),
          url,
          method === 'get' ? {} : { body: {} },
        );
        if (status !== 401) open.push(`${method} ${path} answers ${status}`);
      }
    expect(open).toEqual([]);
  });
});

describe('the API document', () => {
  test('is OpenAPI 3.1, each operation named, described and without doubles; the page shows it and needs no script', async () => {
    const { body } = await provider.call('GET', '/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    for (const path of [
      '/points',
      '/me/certificates',
      '/admin/register-imports',
      '/hand-in',
      '/peer/evidence',
    ])
      expect(Object.keys(body.paths)).toContain(path);
    for (const item of Object.values(
      body.paths as Record<string, Record<string, { summary?: string; tags?: string[] }>>,
    ))
      for (const operation of Object.values(item)) {
        expect(operation.summary).toBeTruthy();
        expect(operation.tags).toHaveLength(1);
      }
    expect(Object.keys(body.components.schemas)).toEqual(
      expect.arrayContaining(['Problem', 'PointSummary', 'Me']),
    );
    const page = await provider.call('GET', '/docs');
    expect(page.body).toContain('<code>/me/certificates</code>');
    expect(page.body).not.toContain('<script');
    expect(page.body).not.toMatch(/https?:\/\/[^"]*cdn/);
  });
});

describe('other pages', () => {
  test('may call: tokens travel in headers', async () => {
    const { headers } = await provider.call('OPTIONS', '/hand-in', {
      headers: { origin: 'https://elsewhere.example', 'access-control-request-method': 'POST' },
    });
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  });
});

describe('the web app', () => {
  test('is served at / and for each of its views, with a strict policy', async () => {
    for (const path of ['/', '/charge/DEAAAEGARAGE1', '/?code=abc&state=def']) {
      const { status, body, headers } = await provider.call('GET', path);
      expect([path, status, body]).toEqual([path, 200, '<!doctype html><title>App</title>']);
      expect(headers.get('content-security-policy')).toContain("worker-src 'self' blob:");
      expect(headers.get('cache-control')).toBe('no-cache');
    }
    const asset = await provider.call('GET', '/assets/app-1a2b.js');
    expect(asset.headers.get('content-type')).toContain('javascript');
    expect(asset.headers.get('cache-control')).toContain('immutable');
  });

  test('gives no file of another folder, and no page in place of a missing file', async () => {
    for (const path of [
      '/../secret.txt',
      '/%2e%2e/secret.txt',
      '/..%2fsecret.txt',
      '/assets/%2e%2e%2f%2e%2e%2fsecret.txt',
    ]) {
      const { status, body } = await provider.call('GET', path);
      expect(JSON.stringify(body)).not.toContain('"secret"');
      expect(body).not.toBe('secret');
      expect([200, 404]).toContain(status);
    }
    expect((await provider.call('GET', '/assets/app-old.js')).status).toBe(404);
    expect((await provider.call('GET', '/%00')).status).toBeLessThan(500);
  });
});
