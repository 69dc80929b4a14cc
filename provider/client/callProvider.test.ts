import { describe, expect, test } from 'vitest';
import { callProvider, queryOf } from './callProvider.ts';
import { providerClient } from './ProviderClient.ts';

const answering = (answer: (request: Request) => Response | Promise<Response>) => ({
  baseUrl: 'https://a.example',
  fetch: async (request: Request) => answer(request),
});

describe('a call', () => {
  test('sends method, address, token and body', async () => {
    const seen: unknown[] = [];
    const settings = answering(async (request) => {
      seen.push(request.method, request.url, request.headers.get('authorization'), await request.json());
      return Response.json({ ok: 1 });
    });
    const answer = await callProvider({ ...settings, token: () => 'secret' }, 'POST', '/x', { a: 1 });
    expect(answer).toEqual({ ok: true, value: { ok: 1 } });
    expect(seen).toEqual(['POST', 'https://a.example/x', 'Bearer secret', { a: 1 }]);
  });

  test.each([
    [() => Response.json({ refusal: 'point-unknown', detail: 'none' }, { status: 404 }), 'point-unknown'],
    [() => new Response('Bad gateway', { status: 502 }), 'malformed-answer'],
    [() => new Response('<html>', { status: 200 }), 'malformed-answer'],
    [() => Promise.reject(new TypeError('fetch failed')), 'provider-unreachable'],
  ])('a refusal comes through by name, and the rest is told apart', async (answer, refusal) => {
    expect(await callProvider(answering(answer), 'GET', '/x')).toMatchObject({ ok: false, refusal });
  });

  test('an answer without content is undefined', async () => {
    const client = providerClient(answering(() => new Response(null, { status: 204 })));
    expect(await client.revokeCertificate(`0x${'00'.repeat(32)}`)).toEqual({ ok: true, value: undefined });
  });

  test('a query names what is given', () => {
    expect(queryOf({})).toBe('');
    expect(queryOf({ latitude: 52.5, limit: undefined, name: 'a&b' })).toBe('?latitude=52.5&name=a%26b');
  });
});
