import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Hex } from 'viem';
import { type AnvilJournal, forgetfulJournal, openAnvilJournal } from './AnvilJournal.ts';
import { type AnvilProcess, spawnAnvil } from './AnvilProcess.ts';
import { ChainFault } from './ChainFault.ts';

/**
 * A development chain: Anvil behind a small door of ours. The door lets through what a provider may ask of any chain
 * (`eth_`, `net_`, `web3_`), writes every transaction and every block to a journal before they take effect, and makes
 * blocks when there is something to put into them. Killed at any moment, by whomever, it comes back from the journal
 * as the same chain, hash for hash.
 */
export type Anvil = {
  /** Where clients reach it; stays the same while this runs. */
  readonly rpcUrl: string;
  readonly port: number;
  /** The process behind the door; another one after a crash. */
  pid(): number;
  /** Makes one block now. */
  mine(): Promise<void>;
  /** Takes a transaction out of the pool, as a node that restarts or is full may do. */
  dropTransaction(txHash: Hex): Promise<void>;
  stop(): Promise<void>;
};

type Json = { readonly id?: unknown; readonly method?: unknown; readonly params?: unknown };

const maxBodyBytes = 8_000_000;

/**
 * @param options.folder where the journal is kept; without one the chain is forgotten at the end
 * @param options.port 0 or nothing for any free one
 * @param options.blockDelayMs how long a block waits for more transactions after the first; null makes blocks only on `mine`
 */
export async function startAnvil(
  options: {
    readonly folder?: string;
    readonly port?: number;
    readonly chainId?: number;
    readonly blockDelayMs?: number | null;
    readonly now?: () => number;
  } = {},
): Promise<Anvil> {
  const now = options.now ?? (() => Math.floor(Date.now() / 1000));
  const blockDelayMs = options.blockDelayMs === undefined ? 100 : options.blockDelayMs;
  const journal = options.folder === undefined ? forgetfulJournal() : openAnvilJournal(options.folder);
  const genesis = beginJournal(journal, options.chainId, now);
  let anvil = await launch(journal, genesis);
  let stopping = false;
  let blockAt = journal.entries.reduce(
    (latest, entry) => ('at' in entry ? Math.max(latest, entry.at) : latest),
    0,
  );

  // Whatever changes the chain goes one by one, in the journal's order.
  let lastChange: Promise<unknown> = Promise.resolve();
  function inOrder<Value>(change: () => Promise<Value>): Promise<Value> {
    const mine = lastChange.then(change, change);
    lastChange = mine.catch(() => undefined);
    return mine;
  }

  async function mineBlock(): Promise<void> {
    blockAt = Math.max(blockAt, now());
    journal.append({ kind: 'mine', at: blockAt });
    await mineAt(anvil, blockAt);
  }

  let timer: NodeJS.Timeout | undefined;
  function scheduleBlock(): void {
    if (blockDelayMs === null || timer !== undefined || stopping) return;
    timer = setTimeout(() => {
      timer = undefined;
      inOrder(async () => {
        if ((await countPending(anvil)) === 0) return;
        await mineBlock();
        scheduleBlock();
      }).catch(scheduleBlock);
    }, blockDelayMs);
  }

  async function superviseForever(): Promise<void> {
    while (!stopping) {
      await anvil.ended;
      if (stopping) return;
      await inOrder(async () => {
        anvil = await launch(journal, genesis);
      }).catch(() => new Promise((resolve) => setTimeout(resolve, 500)));
      scheduleBlock();
    }
  }

  async function answer(call: Json): Promise<unknown> {
    const method = String(call.method);
    if (!isPublicMethod(method)) return errorAnswer(call.id, -32601, `${method} is not for clients`);
    if (method !== 'eth_sendRawTransaction') return forward(anvil, call);
    const raw = (call.params as readonly unknown[] | undefined)?.[0];
    if (typeof raw !== 'string' || !/^0x([0-9a-f]{2})+$/i.test(raw)) {
      return errorAnswer(call.id, -32602, 'not a raw transaction');
    }
    return inOrder(async () => {
      journal.append({ kind: 'tx', raw: raw as Hex });
      const result = await forward(anvil, call);
      scheduleBlock();
      return result;
    });
  }

  const server = createServer((request, response) => {
    serve(request, response, answer).catch(() => response.destroy());
  });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.port ?? 0, '127.0.0.1', resolve);
    });
  } catch (error) {
    stopping = true;
    await anvil.kill();
    journal.close();
    throw new ChainFault('rpc-unreachable', `cannot listen on port ${options.port ?? 0}`, { cause: error });
  }
  const { port } = server.address() as AddressInfo;
  const supervised = superviseForever();
  scheduleBlock();

  return {
    rpcUrl: `http://127.0.0.1:${port}`,
    port,
    pid: () => anvil.pid,
    mine: () => inOrder(mineBlock),
    dropTransaction: (txHash) =>
      inOrder(async () => {
        journal.append({ kind: 'drop', txHash });
        await call(anvil, 'anvil_dropTransaction', [txHash]);
      }),
    async stop() {
      if (stopping) return;
      stopping = true;
      clearTimeout(timer);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await lastChange;
      await anvil.kill();
      await supervised;
      journal.close();
    },
  };
}

type Genesis = { readonly chainId: number; readonly at: number };

function beginJournal(journal: AnvilJournal, chainId: number | undefined, now: () => number): Genesis {
  const first = journal.entries[0];
  if (first === undefined) {
    const genesis = { kind: 'genesis', chainId: chainId ?? 20_160, at: now() } as const;
    journal.append(genesis);
    return genesis;
  }
  if (first.kind !== 'genesis') throw new Error('chain.log does not begin with its genesis');
  if (chainId !== undefined && chainId !== first.chainId) {
    throw new ChainFault('wrong-chain', `the journal is of chain ${first.chainId}, not ${chainId}`, {
      retryIsSafe: false,
    });
  }
  return first;
}

/** Starts anvil and makes the journal's chain in it again. */
async function launch(journal: AnvilJournal, genesis: Genesis): Promise<AnvilProcess> {
  const anvil = await spawnAnvil({ chainId: genesis.chainId, genesisAt: genesis.at });
  try {
    for (const entry of journal.entries) {
      // A transaction that the pool refuses now it refused then: that is part of what happened.
      if (entry.kind === 'tx')
        await forward(anvil, { method: 'eth_sendRawTransaction', params: [entry.raw] });
      if (entry.kind === 'drop') await call(anvil, 'anvil_dropTransaction', [entry.txHash]);
      if (entry.kind === 'mine') await mineAt(anvil, entry.at);
    }
    return anvil;
  } catch (error) {
    await anvil.kill();
    throw error;
  }
}

async function mineAt(anvil: AnvilProcess, at: number): Promise<void> {
  // A block more than half full would raise the next one's base fee above nothing.
  await call(anvil, 'anvil_setNextBlockBaseFeePerGas', ['0x0']);
  await call(anvil, 'evm_setNextBlockTimestamp', [at]);
  await call(anvil, 'evm_mine', []);
}

async function countPending(anvil: AnvilProcess): Promise<number> {
  const { pending } = (await call(anvil, 'txpool_status', [])) as { readonly pending: Hex };
  return Number(pending);
}

async function call(anvil: AnvilProcess, method: string, params: readonly unknown[]): Promise<unknown> {
  const answered = (await forward(anvil, { id: 1, method, params })) as { result?: unknown; error?: unknown };
  if (answered.error !== undefined)
    throw new ChainFault('rpc-error', `${method}: ${JSON.stringify(answered.error)}`);
  return answered.result;
}

async function forward(anvil: AnvilProcess, request: Json): Promise<unknown> {
  try {
    const response = await fetch(anvil.rpcUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 0, ...request }),
    });
    return await response.json();
  } catch (error) {
    throw new ChainFault('rpc-unreachable', 'anvil is down', { cause: error });
  }
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
  answer: (call: Json) => Promise<unknown>,
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
