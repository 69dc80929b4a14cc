import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { accept, refuse } from '@p2p-power/tariff/Result';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ProviderApi, providerApi } from './ProviderApi.ts';

const usual = { energyWh: 20_000, powerW: 11_000 };
const path = '/operator/statement?from=1&to=2&format=csv';

let server: Server;
let asked: IncomingMessage[];
let api: ProviderApi;
let baseUrl: string;
let answer: { readonly status: number; readonly type: string; readonly body: string };

beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    asked.push(request);
    response.writeHead(answer.status, { 'content-type': answer.type }).end(answer.body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  api = providerApi({ baseUrl, accessToken: async () => accept('secret') });
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const answerWith = (status: number, body: unknown) => {
  const type = status < 400 ? 'application/json' : 'application/problem+json';
  answer = { status, type, body: JSON.stringify(body) };
};

describe('a call of the staff', () => {
  test('carries the token that was typed, whoever is signed in', async () => {
    answerWith(200, { frames: [] });
    expect(await api.asStaff('typed', 'PUT', '/admin/price-frames', { frames: [] })).toEqual(
      accept({ frames: [] }),
    );
    expect(asked[0]?.method).toBe('PUT');
    expect(asked[0]?.headers).toMatchObject({ authorization: 'Bearer typed' });
  });

  test('is refused by name', async () => {
    answerWith(401, { refusal: 'not-staff', detail: 'this is not the staff token' });
    expect(await api.asStaff('wrong', 'GET', '/admin/signals')).toMatchObject({ refusal: 'not-staff' });
  });
});

describe('an answer that is a text', () => {
  test('comes as it is, asked for with the token of who is signed in', async () => {
    answer = { status: 200, type: 'text/csv', body: 'a;b\r\n1;2\r\n' };
    expect(await api.textAsDriver(path)).toEqual(accept(answer.body));
    expect(asked[0]?.url).toBe(path);
    expect(asked[0]?.headers).toMatchObject({ authorization: 'Bearer secret' });
  });

  test('is refused by the name that the provider gave', async () => {
    answerWith(403, { refusal: 'not-an-operator', detail: 'Anna operates nothing' });
    expect(await api.textAsDriver(path)).toEqual(refuse('not-an-operator', 'Anna operates nothing'));
  });

  test('is malformed only where no problem document says why', async () => {
    answer = { status: 502, type: 'text/html', body: '<h1>Bad gateway</h1>' };
    expect(await api.textAsDriver(path)).toMatchObject({ ok: false, refusal: 'malformed-answer' });
  });

  test('is not even asked for where nobody is signed in', async () => {
    const anyone = providerApi({ baseUrl, accessToken: async () => refuse('not-signed-in', '') });
    expect(await anyone.textAsDriver(path)).toMatchObject({ refusal: 'not-signed-in' });
    expect(await anyone.asDriver('GET', '/me')).toMatchObject({ refusal: 'not-signed-in' });
    expect(asked).toEqual([]);
  });

  test('cannot be had from a provider that is not there', async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
    expect(await api.textAsDriver(path)).toMatchObject({ refusal: 'provider-unreachable' });
  });
});

describe('what a provider says is read before it is believed', () => {
  test('points are asked for with the usual charge, and anonymously', async () => {
    answerWith(200, { points: [], total: 0 });
    const near = { latitude: 52.5, longitude: 13.4 };
    expect(await api.pointsNear(near, usual, { limit: 30, radiusM: 5_000 })).toMatchObject({ ok: true });
    const { searchParams } = new URL(asked[0]?.url ?? '', baseUrl);
    expect(Object.fromEntries(searchParams)).toMatchObject({
      latitude: '52.5',
      longitude: '13.4',
      limit: '30',
      energyWh: '20000',
      powerW: '11000',
    });
    expect(asked[0]?.headers.authorization).toBeUndefined();
  });

  test.each([
    ['a list of points', () => api.pointsWithin({ south: 1, west: 2, north: 3, east: 4 }, usual)],
    ['a point', () => api.point('DE*BBB*E1', usual)],
    ['a network', () => api.network()],
    ['a trust list', () => api.trustList(baseUrl)],
    ['an answer to a hand-in', () => api.handIn(baseUrl, [])],
  ])('nonsense instead of %s is refused by name', async (_name, ask) => {
    for (const nonsense of [null, 7, [], {}, { points: 7, results: 'x', contentJson: 1 }]) {
      answerWith(200, nonsense);
      expect(await ask()).toMatchObject({ ok: false, refusal: expect.stringMatching(/^malformed-/) });
    }
  });

  test('rows of a hand-in that name no record are left out', async () => {
    answerWith(200, { results: [{ segmentId: '0xaa' }, { segmentId: 7 }, null] });
    expect(await api.handIn(baseUrl, [])).toEqual(accept([{ segmentId: '0xaa' }]));
  });
});

test('a point is asked of the own provider, or of the one whose address is given, without the token', async () => {
  answerWith(200, { evseId: 'DEBBBE1', latitude: 52, longitude: 13, timeZone: 'Europe/Berlin' });
  const elsewhere = providerApi({ baseUrl: 'http://127.0.0.1:9', accessToken: async () => accept('secret') });
  expect(await elsewhere.point('DE*BBB*E1', usual, baseUrl)).toMatchObject({ value: { evseId: 'DEBBBE1' } });
  expect(await elsewhere.point('DE*BBB*E1', usual)).toMatchObject({ refusal: 'provider-unreachable' });
  expect(await api.point('DE*BBB*E1', usual)).toMatchObject({ ok: true });
  expect(asked.map(({ url, headers }) => [url, headers.authorization])).toEqual(
    Array(2).fill(['/points/DE*BBB*E1?energyWh=20000&powerW=11000', undefined]),
  );
});
