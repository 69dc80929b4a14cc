import type { LinkAnswer, LinkRequest } from '@p2p-power/protocol/LocalLink';
import { parseLinkAnswer } from '@p2p-power/protocol/parseLinkMessage';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';

/** An answer that is not a refusal. */
export type GivenAnswer = Exclude<LinkAnswer, { readonly type: 'refused' }>;

/**
 * A connection to one station. `ask` answers what the station said; its refusals come by the name it
 * gave, those of the link itself are `no-connection`, `no-answer` and `malformed-answer`.
 */
export interface Link {
  readonly url: string;
  ask<Type extends GivenAnswer['type']>(
    request: LinkRequest,
    expected: Type,
  ): Promise<Result<Extract<GivenAnswer, { readonly type: Type }>, string>>;
  close(): void;
}

/** How long a station may think about one message. */
export const answerTimeoutMs = 12_000;

/** Whether the text is an address that a link can be opened to. */
export function isLinkUrl(text: string): boolean {
  try {
    const { protocol, hostname } = new URL(text);
    return (protocol === 'ws:' || protocol === 'wss:') && hostname !== '';
  } catch {
    return false;
  }
}

/** The link address for what a person typed from a station's label: `10.0.0.7:8081` or a whole address. */
export function linkUrlOf(typed: string): Result<string, 'not-an-address'> {
  const text = typed.trim();
  const withScheme = /^[a-z]+:\/\//i.test(text) ? text.replace(/^http/i, 'ws') : `ws://${text}`;
  if (text === '' || !isLinkUrl(withScheme)) return refuse('not-an-address', text);
  const url = new URL(withScheme);
  if (url.pathname === '/') url.pathname = '/link';
  return accept(url.href);
}

/**
 * A link over WebSocket: each text frame one message with a number, answered under the same number.
 * It opens at the first message and again after a break; messages that waited during a break are
 * answered `no-connection`, and it is for the caller to ask again.
 */
export function webSocketLink(
  url: string,
  openSocket: (url: string) => WebSocket = (address) => new WebSocket(address),
  timeoutMs: number = answerTimeoutMs,
): Link {
  let socket: WebSocket | undefined;
  let lastId = 0;
  const waiting = new Map<number, (answer: Result<unknown, string>) => void>();

  const giveUp = (of: WebSocket) => {
    if (of !== socket) return;
    socket = undefined;
    for (const answer of waiting.values()) answer(refuse('no-connection', url));
    waiting.clear();
  };

  const connected = (): Promise<WebSocket | undefined> => {
    if (socket?.readyState === WebSocket.OPEN) return Promise.resolve(socket);
    if (socket === undefined || socket.readyState > WebSocket.OPEN) {
      try {
        socket = openSocket(url);
      } catch {
        return Promise.resolve(undefined);
      }
      const opened = socket;
      opened.addEventListener('message', ({ data }) => receive(data));
      opened.addEventListener('close', () => giveUp(opened));
      opened.addEventListener('error', () => giveUp(opened));
    }
    const opening = socket;
    return new Promise((resolve) => {
      opening.addEventListener('open', () => resolve(opening), { once: true });
      opening.addEventListener('close', () => resolve(undefined), { once: true });
      opening.addEventListener('error', () => resolve(undefined), { once: true });
    });
  };

  const receive = (data: unknown) => {
    const frame = parseFrame(data);
    if (frame === undefined) return;
    waiting.get(frame.id)?.(accept(frame.message));
    waiting.delete(frame.id);
  };

  const send = async (message: LinkRequest): Promise<Result<unknown, string>> => {
    const open = await Promise.race([connected(), after(timeoutMs)]);
    if (open === undefined) return refuse('no-connection', url);
    lastId += 1;
    const id = lastId;
    const answer = new Promise<Result<unknown, string>>((resolve) => waiting.set(id, resolve));
    open.send(JSON.stringify({ id, message }));
    const answered = await Promise.race([answer, after(timeoutMs)]);
    waiting.delete(id);
    return answered ?? refuse('no-answer', url);
  };

  return {
    url,
    async ask(request, expected) {
      const answered = await send(request);
      if (!answered.ok) return answered;
      const answer = parseLinkAnswer(answered.value);
      if (!answer.ok) return refuse('malformed-answer', `${answer.refusal}: ${answer.detail}`);
      if (answer.value.type === 'refused') return refuse(answer.value.refusal, answer.value.words);
      if (answer.value.type !== expected)
        return refuse('malformed-answer', `${answer.value.type} instead of ${expected}`);
      return accept(answer.value as Extract<GivenAnswer, { readonly type: typeof expected }>);
    },
    close() {
      const closing = socket;
      if (closing === undefined) return;
      giveUp(closing);
      closing.close();
    },
  };
}

function parseFrame(data: unknown): { readonly id: number; readonly message: unknown } | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    const frame: unknown = JSON.parse(data);
    if (typeof frame !== 'object' || frame === null) return undefined;
    const { id, message } = frame as { id?: unknown; message?: unknown };
    return typeof id === 'number' ? { id, message } : undefined;
  } catch {
    return undefined;
  }
}

function after(timeoutMs: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), timeoutMs));
}
