import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type WebSocket as PeerSocket, WebSocketServer } from 'ws';
import { isLinkUrl, type Link, linkUrlOf, webSocketLink } from './Link.ts';

let server: Server;
let sockets: WebSocketServer;
let url: string;
let link: Link;
let answer: (frame: { id: number; message: { type: string } }, peer: PeerSocket) => void;

beforeEach(async () => {
  server = createServer();
  sockets = new WebSocketServer({ server });
  sockets.on('connection', (peer) => peer.on('message', (data) => answer(JSON.parse(String(data)), peer)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/link`;
  link = webSocketLink(url, undefined, 300);
});

afterEach(async () => {
  link.close();
  for (const peer of sockets.clients) peer.terminate();
  server.close();
  await once(server, 'close');
});

const say = (peer: PeerSocket, id: number, message: unknown) => peer.send(JSON.stringify({ id, message }));
const collect = () => link.ask({ type: 'collect' }, 'sealed');

describe('a link to a station', () => {
  test('answers come to who asked, in whatever order', async () => {
    const held: (() => void)[] = [];
    answer = ({ id, message }, peer) =>
      held.push(() =>
        say(
          peer,
          id,
          message.type === 'collect'
            ? { type: 'sealed', segments: [] }
            : { type: 'taken', acknowledged: 2, trustListIssuedAt: 7 },
        ),
      );
    const asked = [collect(), link.ask({ type: 'deliver', acknowledgements: [] }, 'taken')];
    await expect.poll(() => held.length).toBe(2);
    for (const release of held.reverse()) release();
    expect(await Promise.all(asked)).toEqual([
      { ok: true, value: { type: 'sealed', segments: [] } },
      { ok: true, value: { type: 'taken', acknowledged: 2, trustListIssuedAt: 7 } },
    ]);
  });

  test('a refusal keeps the station’s name and words', async () => {
    answer = ({ id }, peer) => say(peer, id, { type: 'refused', refusal: 'session-running', words: 'Busy.' });
    expect(await collect()).toEqual({ ok: false, refusal: 'session-running', detail: 'Busy.' });
  });

  test('nonsense is malformed, silence is no answer, a closed door no connection', async () => {
    answer = ({ id }, peer) => say(peer, id, { type: 'sealed', segments: 'many' });
    expect(await collect()).toMatchObject({ ok: false, refusal: 'malformed-answer' });
    answer = ({ id }, peer) => say(peer, id, { type: 'taken', acknowledged: 0, trustListIssuedAt: 0 });
    expect(await collect()).toMatchObject({ ok: false, refusal: 'malformed-answer' });
    answer = (_frame, peer) => peer.send('{"id": "no number"');
    expect(await collect()).toMatchObject({ ok: false, refusal: 'no-answer' });
    answer = (_frame, peer) => peer.terminate();
    expect(await collect()).toMatchObject({ ok: false, refusal: 'no-connection' });
    const nobody = webSocketLink('ws://127.0.0.1:9/link', undefined, 300);
    expect(await nobody.ask({ type: 'collect' }, 'sealed')).toMatchObject({ refusal: 'no-connection' });
  });

  test('after a break the next message opens it again', async () => {
    answer = (_frame, peer) => peer.terminate();
    await collect();
    answer = ({ id }, peer) => say(peer, id, { type: 'sealed', segments: [] });
    expect(await collect()).toMatchObject({ ok: true });
  });
});

describe('addresses that people type', () => {
  test.each([
    ['192.168.4.1:8090', 'ws://192.168.4.1:8090/link'],
    [' ws://station.local/link ', 'ws://station.local/link'],
    ['https://station.example', 'wss://station.example/link'],
    ['ws://10.0.0.7:81/other', 'ws://10.0.0.7:81/other'],
  ])('%s', (typed, expected) => {
    expect(linkUrlOf(typed)).toEqual({ ok: true, value: expected });
  });

  test.each(['', '   ', 'ftp://x', 'javascript:alert(1)', 'a b c'])('%j is none', (typed) => {
    expect(linkUrlOf(typed)).toMatchObject({ ok: false, refusal: 'not-an-address' });
  });

  test('whatever is typed, what comes out is a link address', () => {
    fc.assert(
      fc.property(fc.string(), (typed) => {
        const url = linkUrlOf(typed);
        expect(!url.ok || isLinkUrl(url.value)).toBe(true);
      }),
    );
  });
});
