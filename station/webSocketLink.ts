import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { LinkAnswer } from '@p2p-power/protocol/LocalLink';
import { isRecord } from '@p2p-power/protocol/SignedObject';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { Log } from './Ports.ts';
import { refusalWords } from './refusalWords.ts';

/** What every way to a station is made of: it carries messages in and answers out. */
export interface LinkTransport {
  close(): Promise<void>;
}

/** Answers one message; throws only where the station itself fails. */
export type AnswerMessage = (message: unknown) => Promise<LinkAnswer>;

export interface WebSocketLinkOptions {
  readonly path: string;
  readonly maxConnections: number;
  readonly maxMessageBytes: number;
  /** Messages a second that one connection may send for long, and at once. */
  readonly messagesPerS: number;
  readonly burst: number;
  /** A connection without a message is closed after this, ms. */
  readonly idleMs: number;
}

const defaults: WebSocketLinkOptions = {
  path: '/link',
  maxConnections: 64,
  maxMessageBytes: 4_000_000,
  messagesPerS: 20,
  burst: 60,
  idleMs: 600_000,
};

/**
 * The local link over WebSocket (RFC 6455) on an HTTP server: each text frame is one message
 * `{"id": n, "message": …}`, answered by `{"id": n, "message": …}`; a frame whose id cannot be read is
 * answered with id null. Any origin may connect: it is a local link, and all that counts is signed.
 * Other transports (Bluetooth, a card reader, the car's module) are files beside this one, over the
 * same `answer`.
 */
export function webSocketLink(
  server: Server,
  answer: AnswerMessage,
  log: Log,
  given: Partial<WebSocketLinkOptions> = {},
): LinkTransport {
  const options = { ...defaults, ...given };
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: options.maxMessageBytes,
    perMessageDeflate: false,
  });
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const { pathname } = new URL(request.url ?? '/', 'http://station');
    if (pathname !== options.path) refuseUpgrade(socket, '404 Not Found');
    else if (sockets.clients.size >= options.maxConnections) refuseUpgrade(socket, '503 Service Unavailable');
    else sockets.handleUpgrade(request, socket, head, (webSocket) => serve(webSocket, answer, log, options));
  };
  server.on('upgrade', upgrade);
  return {
    close: () =>
      new Promise((resolve) => {
        server.off('upgrade', upgrade);
        for (const client of sockets.clients) client.terminate();
        sockets.close(() => resolve());
      }),
  };
}

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
}

function serve(webSocket: WebSocket, answer: AnswerMessage, log: Log, options: WebSocketLinkOptions): void {
  const mayPass = tokenBucket(options.messagesPerS, options.burst);
  let idle = setTimeout(() => webSocket.terminate(), options.idleMs);
  idle.unref();
  const send = (id: unknown, message: LinkAnswer) => {
    if (webSocket.readyState === webSocket.OPEN) webSocket.send(JSON.stringify({ id, message }));
  };
  webSocket.on('error', () => webSocket.terminate());
  webSocket.on('close', () => clearTimeout(idle));
  webSocket.on('message', (data, isBinary) => {
    idle = idle.refresh();
    const frame = isBinary ? undefined : readFrame(data);
    if (frame === undefined) return send(null, refusedBy('not-a-message'));
    if (!mayPass(performance.now())) return send(frame.id, refusedBy('too-many-requests'));
    answer(frame.message).then(
      (message) => send(frame.id, message),
      (error: unknown) => {
        log.error({ fault: error instanceof Error ? error.message : String(error) }, 'link failed');
        send(frame.id, refusedBy('station-out-of-order'));
      },
    );
  });
}

function readFrame(data: RawData): { readonly id: number | string; readonly message: unknown } | undefined {
  try {
    const frame: unknown = JSON.parse(data.toString());
    if (!isRecord(frame)) return undefined;
    const { id, message } = frame;
    const isId = typeof id === 'number' || (typeof id === 'string' && id.length <= 64);
    return isId ? { id, message } : undefined;
  } catch {
    return undefined;
  }
}

const refusedBy = (refusal: 'not-a-message' | 'too-many-requests' | 'station-out-of-order'): LinkAnswer => ({
  type: 'refused',
  refusal,
  words: refusalWords[refusal].en,
});

/** Lets `burst` through at once and `perS` a second for long. */
function tokenBucket(perS: number, burst: number): (nowMs: number) => boolean {
  let tokens = burst;
  let lastMs = 0;
  return (nowMs) => {
    tokens = Math.min(burst, tokens + ((nowMs - lastMs) * perS) / 1000);
    lastMs = nowMs;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
