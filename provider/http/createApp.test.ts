import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestProvider, type TestProvider } from '../testing/testProvider.ts';

let provider: TestProvider;
beforeAll(async () => {
  provider = await openTestProvider();
});
afterAll(() => provider.close());

describe('health', () => {
  test('the process lives, the database answers, no chain is configured', async () => {
    expect(await provider.call('GET', '/healthz')).toMatchObject({ status: 200, body: 'alive' });
    expect(await provider.call('GET', '/readyz')).toMatchObject({
      status: 200,
      body: { database: true, chain: null },
    });
  });

  test('metrics count requests by route, not by path', async () => {
    await provider.call('GET', '/healthz');
    const { body } = await provider.call('GET', '/metrics');
    expect(body).toContain('p2p_power_http_requests_total{method="GET",route="/healthz",status="200"}');
  });
});

describe('refusals', () => {
  test('what is not there is a problem document', async () => {
    const { status, body, headers } = await provider.call('GET', '/nowhere');
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
});

describe('the API document', () => {
  test('is OpenAPI 3.1 and names the routes; the page shows them', async () => {
    const { body } = await provider.call('GET', '/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    expect(Object.keys(body.paths)).toContain('/readyz');
    const page = await provider.call('GET', '/docs');
    expect(page.body).toContain('<code>/readyz</code>');
    expect(page.body).not.toContain('<script');
  });
});
