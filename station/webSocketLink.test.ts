import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { closeServer, listen } from './stationHttp.ts';
import { connectLink, type LinkClient } from './testing/linkClient.ts';
import { makeStationWorld, type StationWorld } from './testing/stationWorld.ts';
import {
  type AnswerMessage,
  type LinkTransport,
  type WebSocketLinkOptions,
  webSocketLink,
} from './webSocketLink.ts';

const silent = { info() {}, warn() {}, error() {} };
let server: Server | undefined;
let link: LinkTransport | undefined;
const clients: LinkClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await link?.close();
  if (server) await closeServer(server);
});

async function serve(
  answer: AnswerMessage,
  options: Partial<WebSocketLinkOptions> = {},
): Promise<(path?: string, origin?: string) => Promise<LinkClient>> {
  server = createServer();
  link = webSocketLink(server, answer, silent, options);
  const port = await listen(server, { host: '127.0.0.1', port: 0 });
  return async (path = '/link', origin) => {
    const client = await connectLink(`ws://127.0.0.1:${port}${path}`, origin);
    clients.push(client);
    return client;
  };
}

const serveWorld = (world: StationWorld, options: Partial<WebSocketLinkOptions> = {}) =>
  serve(world.station().answer, options);

describe('the link over WebSocket', () => {
  test('carries a whole charge, and a phone that goes away and comes back', async () => {
    const world = await makeStationWorld();
    const connect = await serveWorld(world);
    const phone = await connect('/link', 'https://app.example');
    const conditions = await phone.ask({ type: 'hello', version: 1 });
    if (conditions.type !== 'conditions') throw new Error('no conditions');
    const started = await phone.ask(await world.authorization({}, undefined, conditions));
    if (started.type !== 'started') throw new Error(JSON.stringify(started));
    phone.close();
    await world.run(120);
    const again = await connect();
    const { authorizationId } = started;
    expect(await again.ask({ type: 'status', authorizationId })).toMatchObject({ state: 'charging' });
    expect(await again.ask(await world.stopRequest(authorizationId))).toMatchObject({ state: 'ended' });
    expect(await again.ask({ type: 'receipt', authorizationId })).toMatchObject({ type: 'receipt' });
  });

  test('answers what is no message, and goes on', async () => {
    const world = await makeStationWorld();
    const phone = await (await serveWorld(world))();
    const none = { id: null, message: { type: 'refused', refusal: 'not-a-message' } };
    expect(await phone.sendRaw('no JSON')).toMatchObject(none);
    expect(await phone.sendRaw('[]')).toMatchObject(none);
    expect(await phone.sendRaw('{"id":{},"message":{}}')).toMatchObject(none);
    expect(await phone.sendRaw(new Uint8Array([1, 2, 3]))).toMatchObject(none);
    expect(await phone.ask({ type: 'sing' })).toMatchObject({ refusal: 'unknown-message' });
    expect(await phone.ask(undefined)).toMatchObject({ refusal: 'not-a-message' });
    expect(await phone.ask({ type: 'hello', version: 2 })).toMatchObject({ refusal: 'unknown-version' });
    expect(await phone.ask({ type: 'hello', version: 1 })).toMatchObject({ type: 'conditions' });
  });

  test('limits size, rate and connections, and hurts nobody else', async () => {
    const world = await makeStationWorld();
    const connect = await serveWorld(world, {
      maxMessageBytes: 10_000,
      messagesPerS: 1,
      burst: 5,
      maxConnections: 3,
    });
    const calm = await connect();
    const hasty = await connect();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => hasty.ask({ type: 'hello', version: 1 })),
    );
    expect(answers.map(({ type }) => type)).toEqual([
      ...Array(5).fill('conditions'),
      ...Array(3).fill('refused'),
    ]);
    expect(answers.at(-1)).toMatchObject({ refusal: 'too-many-requests' });
    const long = await connect();
    await expect(connect()).rejects.toThrow('503');
    long.ask('x'.repeat(20_000)).catch(() => undefined);
    // 1009: message too big (RFC 6455 §7.4.1).
    expect([1006, 1009]).toContain(await long.closed);
    expect(await calm.ask({ type: 'hello', version: 1 })).toMatchObject({ type: 'conditions' });
  });

  test('is at its own path only, and closes who says nothing', async () => {
    const world = await makeStationWorld();
    const connect = await serveWorld(world, { idleMs: 100 });
    await expect(connect('/other')).rejects.toThrow('404');
    const mute = await connect();
    expect(await mute.closed).toBe(1006);
  });

  test('a station that fails says so', async () => {
    const connect = await serve(async () => {
      throw new Error('the disk is gone');
    });
    expect(await (await connect()).ask({ type: 'hello', version: 1 })).toMatchObject({
      refusal: 'station-out-of-order',
    });
  });
});
