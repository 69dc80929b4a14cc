import { testKey } from '@p2p-power/protocol/testing/world';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callProvider } from '../client/callProvider.ts';
import { openStallingServer } from '../testing/stallingServer.ts';
import { type PeerContext, peerFetch, peerJson } from './peerFetch.ts';

let server: Awaited<ReturnType<typeof openStallingServer>>;
beforeAll(async () => {
  server = await openStallingServer();
});
afterAll(() => server.close());

function contextOf(url: string): PeerContext {
  const context: Partial<PeerContext> = {
    clock: { nowS: () => 1_790_000_000 },
    random: { bytes: (count) => new Uint8Array(count) },
    certificateSigner: testKey('our provider'),
    fetch: globalThis.fetch,
    config: { peers: [{ providerId: 'DEBBB', url }] } as unknown as PeerContext['config'],
  };
  return context as PeerContext;
}

test('a peer that begins an answer and never ends it is given up in time', async () => {
  const response = await peerFetch(contextOf(server.url), 'DEBBB', '/peer/locations', { timeoutMs: 2_500 });
  await expect(peerJson(response, 'DEBBB')).rejects.toMatchObject({ name: 'TimeoutError' });
});

test('so it is where the caller may give it up too', async () => {
  const waiting = new AbortController();
  const response = await peerFetch(contextOf(server.url), 'DEBBB', '/peer/locations', {
    timeoutMs: 10_000,
    signal: waiting.signal,
  });
  setTimeout(() => waiting.abort(), 700);
  await expect(peerJson(response, 'DEBBB')).rejects.toMatchObject({ name: 'AbortError' });
});

test('a client gives such a provider up as well', async () => {
  const answer = await callProvider({ baseUrl: server.url, timeoutMs: 2_500 }, 'GET', '/points');
  expect(answer).toMatchObject({ ok: false, refusal: 'provider-unreachable' });
});
