import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Hex } from 'viem';
import { ChainFault } from './ChainFault.ts';

/** One call of JSON-RPC as it came in; nothing about it is certain. */
export type RpcQuestion = { readonly id?: unknown; readonly method?: unknown; readonly params?: unknown };

/** A server on 127.0.0.1 that lets through what any node of any chain answers, and nothing else. */
export type RpcDoor = { readonly url: string; readonly port: number; close(): Promise<void> };

const maxBodyBytes = 8_000_000;

/**
 * Opens a door before a development chain. `answer` gets the calls that may pass, `send` the raw transactions; what
 * they return is the whole answer of JSON-RPC. What they throw is told as HTTP 503.
 *
 * @param options.port 0 for any free one
 */
export async function openRpcDoor(options: {
  readonly port: number;
  readonly answer: (call: RpcQuestion) => Promise<unknown>;
  readonly send: (call: RpcQuestion, raw: Hex) => Promise<unknown>;
}): Promise<RpcDoor> {
  async function answer(call: RpcQuestion): Promise<unknown> {
    const method = String(call.method);
    if (!isPublicMethod(method)) return errorAnswer(call.id, -32601, `${method} is not for clients`);
    if (method !== 'eth_sendRawTransaction') return options.answer(call);
    const raw = (call.params as readonly unknown[] | undefined)?.[0];
    if (typeof raw !== 'string' || !/^0x([0-9a-f]{2})+$/i.test(raw)) {
      return errorAnswer(call.id, -32602, 'not a raw transaction');
    }
    return options.send(call, raw as Hex);
  }
  const server = createServer((request, response) => {
    serve(request, response, answer).catch(() => response.destroy());
  });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.port, '127.0.0.1', resolve);
    });
  } catch (error) {
    throw new ChainFault('rpc-unreachable', `cannot listen on port ${options.port}`, { cause: error });
  }
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What any node of any chain answers; not what only this one would do, and not what signs with a node's keys. */
function isPublicMethod(method: string): boolean {
  if (/^eth_(sendTransaction|sendUnsigned.*|sign.*)$/.test(method)) return false;
  return /^(eth|net|web3)_/.test(method);
}

function errorAnswer(id: unknown, code: number, message: string): unknown {
  return { jsonrpc: '2.0', id: id ?? null, error: { code, message } };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (call: RpcQuestion) => Promise<unknown>,
): Promise<void> {
  const reply = (status: number, body: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  const text = await readBody(request);
  if (text === null) return reply(413, errorAnswer(null, -32600, 'too large'));
  let calls: unknown;
  try {
    calls = JSON.parse(text);
  } catch {
    return reply(400, errorAnswer(null, -32700, 'not JSON'));
  }
  if (typeof calls !== 'object' || calls === null)
    return reply(400, errorAnswer(null, -32600, 'not a request'));
  try {
    reply(200, Array.isArray(calls) ? await Promise.all(calls.map(answer)) : await answer(calls));
  } catch (error) {
    reply(503, { title: error instanceof Error ? error.message : 'the chain is down' });
  }
}

async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
