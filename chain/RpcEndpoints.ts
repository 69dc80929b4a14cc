import { createPublicClient, custom, type PublicClient } from 'viem';
import { askRpc, isNodesOwnError, nameEndpoint, type RpcCall } from './askRpc.ts';
import { ChainFault } from './ChainFault.ts';
import { checkEndpoint } from './checkEndpoint.ts';
import type { Deployment } from './Deployment.ts';

/**
 * - `untried`: nobody has asked it yet
 * - `sound`: it answers, and has the deployment's contracts
 * - `unreachable`: its last answer was none
 * - `wrong-chain`: it has another chain, or one without the contracts
 */
export type EndpointState = 'untried' | 'sound' | 'unreachable' | 'wrong-chain';

export type EndpointReport = {
  /** Host and port; the rest of an address may hold secrets. */
  readonly name: string;
  readonly state: EndpointState;
  /** The newest block that it is known to have. */
  readonly blockNumber: number | null;
  /** It is more blocks behind the foremost than is borne. */
  readonly isLagging: boolean;
  /** Why it is not sound. */
  readonly reason: string | null;
};

/** The nodes that a client may ask, in the order in which it likes to; the first should be the provider's own. */
export type RpcEndpoints = {
  /** One question, put to one sound endpoint after the other until one answers. */
  request(call: RpcCall): Promise<unknown>;
  /** Whatever the task asks is asked at one and the same endpoint; if that one fails, the task begins anew at another. */
  atOne<Value>(task: (rpc: PublicClient) => Promise<Value>): Promise<Value>;
  /** The task at every endpoint that did not fail just now, one after the other; what those answered that did not fail. */
  atEach<Value>(task: (rpc: PublicClient) => Promise<Value>): Promise<readonly Value[]>;
  report(): readonly EndpointReport[];
};

type Endpoint = {
  readonly url: string;
  readonly rpc: PublicClient;
  state: EndpointState;
  head: number | null;
  reason: string | null;
  failures: number;
  /** Not before this is it asked again of its own accord; milliseconds of the pool's clock. */
  retryAt: number;
};

const firstBackoffMs = 1_000;
const longestBackoffMs = 60_000;

/**
 * Watches over several nodes of one chain. A node is asked for chain id, contracts and network id before it is
 * believed, and anew after each failure. The first sound one in the given order is asked; one that is more than
 * `maxLagBlocks` behind the foremost is passed over while another is not. An endpoint must be a node, not a balancer
 * over several: what is read together must come from one chain.
 *
 * A node that answers falsely and consistently is not found out: whom one does not trust one must not name here.
 */
export function openEndpoints(options: {
  readonly urls: readonly string[];
  readonly deployment: Deployment;
  readonly timeoutMs: number;
  readonly maxLagBlocks: number;
  /** How often all are looked at, beside being asked; milliseconds. */
  readonly checkEveryMs: number;
  readonly now?: () => number;
}): RpcEndpoints {
  const now = options.now ?? (() => performance.now());
  const endpoints = options.urls.map((url) => openEndpoint(url, options.timeoutMs));
  if (endpoints.length === 0) throw new Error('a chain needs at least one endpoint');
  let nextLookAt = now() + options.checkEveryMs;

  const isLagging = (endpoint: Endpoint): boolean => {
    const foremost = Math.max(...endpoints.map(({ state, head }) => (state === 'sound' ? (head ?? 0) : 0)));
    return endpoint.head !== null && foremost - endpoint.head > options.maxLagBlocks;
  };

  function noteFailure(endpoint: Endpoint, error: ChainFault): void {
    endpoint.state = error.reason === 'wrong-chain' ? 'wrong-chain' : 'unreachable';
    endpoint.reason = error.message;
    endpoint.failures += 1;
    endpoint.retryAt = now() + Math.min(firstBackoffMs * 2 ** (endpoint.failures - 1), longestBackoffMs);
  }

  /** Makes sure that the endpoint may be believed; throws `ChainFault` if not. */
  async function ensureSound(endpoint: Endpoint): Promise<void> {
    if (endpoint.state === 'sound') return;
    try {
      endpoint.head = await checkEndpoint(endpoint.rpc, options.deployment, nameEndpoint(endpoint.url));
      endpoint.state = 'sound';
      endpoint.reason = null;
      endpoint.failures = 0;
      endpoint.retryAt = 0;
    } catch (error) {
      noteFailure(endpoint, error as ChainFault);
      throw error;
    }
  }

  /** Looks at all, in the background: who is back, who lags. */
  function lookAround(): void {
    if (endpoints.length === 1 || now() < nextLookAt) return;
    nextLookAt = now() + options.checkEveryMs;
    for (const endpoint of endpoints) {
      const look =
        endpoint.state === 'sound'
          ? endpoint.rpc.getBlockNumber()
          : now() < endpoint.retryAt
            ? Promise.resolve()
            : ensureSound(endpoint);
      look.catch((error: unknown) => {
        const fault = endpointFault(error);
        if (fault !== null && endpoint.state === 'sound') noteFailure(endpoint, fault);
      });
    }
  }

  /** In the order in which they are to be asked: sound ones, lagging ones, untried ones, failed ones. */
  function inOrder(): readonly Endpoint[] {
    const rank = (endpoint: Endpoint): number => {
      if (endpoint.state === 'sound') return isLagging(endpoint) ? 2 : 0;
      if (endpoint.state === 'untried') return 1;
      return now() >= endpoint.retryAt ? 3 : 4;
    };
    return endpoints
      .map((endpoint) => ({ endpoint, rank: rank(endpoint) }))
      .sort((one, other) => one.rank - other.rank)
      .map(({ endpoint }) => endpoint);
  }

  /** Tries the task at one after the other while they fail as nodes. */
  async function tryInOrder<Value>(task: (endpoint: Endpoint) => Promise<Value>): Promise<Value> {
    lookAround();
    const faults: ChainFault[] = [];
    let answered: { readonly error: unknown } | null = null;
    const tried = new Set<Endpoint>();
    for (;;) {
      const endpoint = inOrder().find((one) => !tried.has(one));
      if (endpoint === undefined) break;
      tried.add(endpoint);
      try {
        const wasSound = endpoint.state === 'sound';
        await ensureSound(endpoint);
        // Only now is its head known: if it lags, others come before it.
        if (!wasSound && isLagging(endpoint) && tried.size < endpoints.length) {
          const better = inOrder().find((one) => !tried.has(one) && one.state === 'sound' && !isLagging(one));
          if (better !== undefined) {
            tried.delete(endpoint);
            continue;
          }
        }
        return await task(endpoint);
      } catch (error) {
        const fault = endpointFault(error);
        if (fault !== null) {
          if (endpoint.state === 'sound') noteFailure(endpoint, fault);
          faults.push(fault);
        } else if (isNodesOwnError(error)) {
          answered ??= { error };
        } else {
          throw error;
        }
      }
    }
    if (answered !== null) throw answered.error;
    throw summarize(faults);
  }

  return {
    request: (call) =>
      tryInOrder(async (endpoint) => {
        const result = await askRpc(endpoint.url, call, options.timeoutMs);
        noteHead(endpoint, call, result);
        return result;
      }),
    atOne: (task) => tryInOrder((endpoint) => task(endpoint.rpc)),
    async atEach(task) {
      const values = [];
      for (const endpoint of inOrder()) {
        if (now() < endpoint.retryAt) continue;
        try {
          await ensureSound(endpoint);
          values.push(await task(endpoint.rpc));
        } catch (error) {
          const fault = endpointFault(error);
          if (fault !== null && endpoint.state === 'sound') noteFailure(endpoint, fault);
        }
      }
      return values;
    },
    report: () =>
      endpoints.map((endpoint) => ({
        name: nameEndpoint(endpoint.url),
        state: endpoint.state,
        blockNumber: endpoint.head,
        isLagging: isLagging(endpoint),
        reason: endpoint.reason,
      })),
  };
}

/** What passes by says how far the node is. */
function noteHead(endpoint: Endpoint, call: RpcCall, result: unknown): void {
  if (call.method === 'eth_blockNumber' && Number.isSafeInteger(Number(result)))
    endpoint.head = Number(result);
}

function openEndpoint(url: string, timeoutMs: number): Endpoint {
  const endpoint: Endpoint = {
    url,
    rpc: createPublicClient({
      cacheTime: 0,
      transport: custom(
        {
          async request(call: RpcCall) {
            const result = await askRpc(url, call, timeoutMs);
            noteHead(endpoint, call, result);
            return result;
          },
        },
        { retryCount: 0 },
      ),
    }),
    state: 'untried',
    head: null,
    reason: null,
    failures: 0,
    retryAt: 0,
  };
  return endpoint;
}

/** The fault of the endpoint itself in what was thrown, however deep viem has wrapped it; else null. */
function endpointFault(error: unknown): ChainFault | null {
  for (let inner = error; inner instanceof Error; inner = inner.cause) {
    if (!(inner instanceof ChainFault)) continue;
    return inner.reason === 'rpc-unreachable' || inner.reason === 'wrong-chain' ? inner : null;
  }
  return null;
}

function summarize(faults: readonly ChainFault[]): ChainFault {
  const [first] = faults;
  if (first === undefined) throw new Error('no endpoint was asked');
  if (faults.length === 1) return first;
  const isWrong = faults.every(({ reason }) => reason === 'wrong-chain');
  return new ChainFault(
    isWrong ? 'wrong-chain' : 'rpc-unreachable',
    faults.map(({ message }) => message).join('; '),
    { cause: first, retryIsSafe: !isWrong },
  );
}
