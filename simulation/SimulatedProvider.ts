import type { ChainCallFate, ScriptedChain } from '@p2p-power/chain/testing/openScriptedChain';
import { toBytes } from '@p2p-power/protocol/Hex';
import { keyId } from '@p2p-power/protocol/KeyId';
import { networkId } from '@p2p-power/protocol/testing/world';
import { openClearingChain } from '@p2p-power/provider/clearing/openClearingChain';
import type { Database } from '@p2p-power/provider/database/Database';
import { openDatabase } from '@p2p-power/provider/database/openDatabase';
import { allJobs } from '@p2p-power/provider/jobs/allJobs';
import { runOnce } from '@p2p-power/provider/jobs/startJobs';
import { openProvider, type Provider } from '@p2p-power/provider/openProvider';
import { testConfig, testStaffToken, testTokens } from '@p2p-power/provider/testing/testProvider';
import type { Kysely, KyselyPlugin } from 'kysely';
import { pino } from 'pino';
import type { ProviderIdentity } from './House.ts';
import { type Market, marketUrl } from './Market.ts';
import { LinkFault, type Network } from './Network.ts';
import type { SeededRandom } from './SeededRandom.ts';
import { indexArea } from './tariffs.ts';
import type { ClockView } from './VirtualClock.ts';

/** What a dead provider's ports answer. */
class Crashed extends Error {
  override readonly name = 'Crashed';
}

export interface Answered {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers of all shapes, judged by whoever asked
  readonly body: any;
}

/** A provider with its real logic on a real database, reached without sockets; it can die at any query or call. */
export interface SimulatedProvider {
  readonly identity: ProviderIdentity;
  readonly providerId: string;
  /** For those who look on from outside: it does not die with the provider. */
  readonly db: Kysely<Database>;
  isRunning(): boolean;
  /** How often somebody or something has had it do anything: where it has not grown, the books are the same. */
  touches(): number;
  /** Answers a request; throws LinkFault where nobody runs, or what runs dies at it. */
  receive(request: Request): Promise<Response>;
  /** JSON to its interface and back; `as` is a person's name or `staff`. */
  call(method: string, path: string, options?: CallOptions): Promise<Answered>;
  /** Runs its background work once, or of it what has this name; answers what went wrong, for the trace. */
  runJobs(only?: string): Promise<readonly string[]>;
  /** It dies at the `count`-th query, call of a peer or call of the chain from now. */
  armCrash(count: number): void;
  reopen(): Promise<void>;
  close(): Promise<void>;
}

export interface CallOptions {
  readonly as?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ProviderSurroundings {
  readonly clock: ClockView;
  readonly random: SeededRandom;
  readonly network: Network;
  readonly chain: ScriptedChain;
  readonly market: Market;
  readonly databaseUrl: string;
  readonly peers: readonly ProviderIdentity[];
  /** The provider at a URL's origin. */
  readonly providerAt: (origin: string) => SimulatedProvider | undefined;
  /** What becomes of a call to the chain. */
  readonly chainFate: (method: string) => ChainCallFate;
}

interface Life {
  readonly provider: Provider;
  readonly db: Kysely<Database>;
  isDead: boolean;
  left: number;
}

export async function openSimulatedProvider(
  identity: ProviderIdentity,
  around: ProviderSurroundings,
): Promise<SimulatedProvider> {
  const { providerId, url } = identity;
  const outside = openDatabase(around.databaseUrl, { poolSize: 2 });
  const config = testConfig({
    providerId,
    name: `Provider ${providerId}`,
    publicUrl: url,
    networkId,
    checkThreads: 0,
    peers: around.peers.map((peer) => ({ providerId: peer.providerId, url: peer.url })),
    signals: [{ kind: 'price', area: indexArea, source: { type: 'awattar', country: 'at', url: marketUrl } }],
  });
  let running: Life | undefined;
  let buried: Promise<unknown> = Promise.resolve();

  const start = async (): Promise<void> => {
    await buried;
    const life = { isDead: false, left: Number.POSITIVE_INFINITY } as Life;
    const point = (): void => {
      if (life.isDead) throw new Crashed();
      life.left -= 1;
      if (life.left > 0) return;
      life.isDead = true;
      throw new Crashed();
    };
    const dies: KyselyPlugin = {
      transformQuery({ node }) {
        point();
        return node;
      },
      transformResult: async ({ result }) => result,
    };
    const pool = openDatabase(around.databaseUrl, { poolSize: 4 });
    const client = around.chain.connect((method) => {
      point();
      return around.chainFate(method);
    });
    const fetch = (async (input: Request) => {
      point();
      const { origin } = new URL(input.url);
      if (origin === marketUrl)
        return around.network.carry(providerId, 'market', () => around.market.answer(input));
      const to = around.providerAt(origin);
      if (to === undefined) throw new TypeError('fetch failed');
      const answer = await around.network.carry(providerId, to.providerId, () => to.receive(input.clone()));
      point();
      return answer.clone();
    }) as unknown as typeof globalThis.fetch;
    const provider = await openProvider(config, {
      db: pool.withPlugin(dies),
      clock: around.clock,
      random: around.random,
      log: pino({ level: 'silent' }),
      certificateSigner: identity.certificateKey,
      courierKey: {
        publicKey: identity.courierKey.publicKey,
        keyId: keyId(identity.courierKey.publicKey),
        privateKey: toBytes(identity.courierKey.privateKey),
      },
      sealingKey: new Uint8Array(32).fill(7),
      tokens: testTokens,
      fetch,
      chain: openClearingChain(client, { providerId, accountKey: identity.accountKey }),
    });
    running = Object.assign(life, { provider, db: pool });
  };
  /** Its connections go with it: what they held, they let go. */
  const bury = async (life: Life): Promise<void> => {
    if (running === life) running = undefined;
    buried = life.db.destroy();
    await buried;
  };
  let touches = 0;
  const alive = async <Value>(act: (life: Life) => Promise<Value>): Promise<Value> => {
    const life = running;
    touches += 1;
    if (life === undefined || life.isDead) throw new LinkFault(`${providerId} is down`);
    try {
      const value = await act(life);
      if (!life.isDead) return value;
    } catch (error) {
      if (!life.isDead) throw error;
    }
    await bury(life);
    throw new LinkFault(`${providerId} died`);
  };
  const receive = (request: Request): Promise<Response> =>
    alive(async ({ provider }) => provider.app.fetch(request));

  await start();
  return {
    identity,
    providerId,
    db: outside,
    isRunning: () => running !== undefined,
    touches: () => touches,
    receive,
    async call(method, path, { as, body, headers: more = {} } = {}) {
      const headers = {
        ...more,
        ...(as !== undefined && { authorization: `Bearer ${as === 'staff' ? testStaffToken : as}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      };
      const response = await receive(
        new Request(`${url}${path}`, {
          method,
          headers,
          ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        }),
      );
      const text = await response.text();
      const isJson = (response.headers.get('content-type') ?? '').includes('json');
      return { status: response.status, body: isJson ? JSON.parse(text) : text };
    },
    async runJobs(only) {
      const faults: string[] = [];
      const { signal } = new AbortController();
      for (const job of allJobs.filter(({ name }) => only === undefined || name === only))
        await alive(({ provider }) => runOnce(provider.context, job, signal)).catch((error: unknown) =>
          faults.push(`${job.name}: ${error instanceof Error ? error.message : String(error)}`),
        );
      return faults;
    },
    armCrash(count) {
      if (running !== undefined) running.left = count;
    },
    async reopen() {
      if (running === undefined) await start();
    },
    async close() {
      if (running !== undefined) {
        const life = running;
        await life.provider.close();
        await bury(life);
      }
      await buried;
      await outside.destroy();
    },
  };
}
