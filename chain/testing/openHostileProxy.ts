import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Hex, keccak256 } from 'viem';

/**
 * What a proxy makes of one call:
 * - `honest`: passes it on
 * - `hang-up`: cuts the connection, nothing reaches the node
 * - `lose-answer`: the node does it, the answer is lost
 * - `silent`: never answers
 * - `late`: passes it on when nobody waits for the answer any more, 2 s later
 * - `garbage`, `web-page`, `no-result`, `other-id`: answers what is no answer
 * - `internal-error`: answers that the node is in trouble
 * - `wrong-chain`: says that its chain has another id
 * - `swallow`: says that a transaction was taken, and throws it away
 * - `double`: passes it on twice
 * - `besu-known`, `besu-nonce`: passes it on and says in Besu's words that it was there before, or its number taken
 */
export type ProxyDeed =
  | 'honest'
  | 'hang-up'
  | 'lose-answer'
  | 'silent'
  | 'late'
  | 'garbage'
  | 'web-page'
  | 'no-result'
  | 'other-id'
  | 'internal-error'
  | 'wrong-chain'
  | 'swallow'
  | 'double'
  | 'besu-known'
  | 'besu-nonce';

export type HostileProxy = {
  readonly url: string;
  /** The methods that were asked, in order. */
  readonly asked: string[];
  /** How many calls it has passed on late. */
  passedLate(): number;
  /** What it does with each call from now on. */
  behave(decide: ProxyDeed | ((method: string) => ProxyDeed)): void;
  /** Whose messages it passes on from now on. */
  turnTo(upstreamUrl: string): void;
  close(): Promise<void>;
};

type Question = { readonly id: number; readonly method: string; readonly params: readonly unknown[] };

/** A way to a node that does with the calls what a test tells it. Listens on 127.0.0.1 only. */
export async function openHostileProxy(upstreamUrl: string): Promise<HostileProxy> {
  let upstream = upstreamUrl;
  let decide: (method: string) => ProxyDeed = () => 'honest';
  const asked: string[] = [];
  let passedLate = 0;
  const passOn = async (body: string) => (await fetch(upstream, { method: 'POST', body })).text();

  const server = createServer((request, response) => {
    const reply = (text: string, type = 'application/json') =>
      response.writeHead(200, { 'content-type': type }).end(text);
    const replyJson = (value: unknown) => reply(JSON.stringify(value));
    const act = async (): Promise<unknown> => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      const { id, method, params } = JSON.parse(body) as Question;
      asked.push(method);
      const deed = decide(method);
      switch (deed) {
        case 'honest':
          return reply(await passOn(body));
        case 'double':
          await passOn(body);
          return reply(await passOn(body));
        case 'besu-known':
          await passOn(body);
          return replyJson({ jsonrpc: '2.0', id, error: { code: -32000, message: 'Known transaction' } });
        case 'besu-nonce':
          await passOn(body);
          return replyJson({ jsonrpc: '2.0', id, error: { code: -32001, message: 'Nonce too low' } });
        case 'lose-answer':
          await passOn(body);
          return response.destroy();
        case 'hang-up':
          return response.destroy();
        case 'silent':
          return undefined;
        case 'late':
          await new Promise((resolve) => setTimeout(resolve, 2_000));
          await passOn(body);
          passedLate += 1;
          return response.destroy();
        case 'garbage':
          return reply('{"jsonrpc":"2.0","id":');
        case 'web-page':
          return reply('<!doctype html><title>Sign in</title>', 'text/html');
        case 'no-result':
          return replyJson({ jsonrpc: '2.0', id });
        case 'other-id':
          return replyJson({ ...JSON.parse(await passOn(body)), id: id + 1 });
        case 'internal-error':
          return replyJson({ jsonrpc: '2.0', id, error: { code: -32603, message: 'Internal error' } });
        case 'wrong-chain':
          return method === 'eth_chainId'
            ? replyJson({ jsonrpc: '2.0', id, result: '0x1' })
            : reply(await passOn(body));
        case 'swallow':
          return method === 'eth_sendRawTransaction'
            ? replyJson({ jsonrpc: '2.0', id, result: keccak256(params[0] as Hex) })
            : reply(await passOn(body));
      }
    };
    act().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    passedLate: () => passedLate,
    behave(next) {
      decide = typeof next === 'string' ? () => next : next;
    },
    turnTo(url) {
      upstream = url;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
