import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPublicClient, custom } from 'viem';
import { spawnAnvil } from '../AnvilProcess.ts';
import type { ChainClient } from '../ChainClient.ts';
import { type Deployment, deployContracts, type FoundingMember } from '../Deployment.ts';
import { acceptAgreement, proposeAgreement, type Terms } from '../Peering.ts';
import { type TestMember, testAccount } from './foundTestNetwork.ts';

/** What the way to the chain does with one call: lets it through, loses it, or loses the answer. */
export type ChainCallFate = 'arrives' | 'lost' | 'answer-lost';

/** A real chain on which every transaction is in a block at once, and which can be taken back to its beginning. */
export interface ScriptedChain {
  readonly deployment: Deployment;
  /** A client of its own; `fate` is asked before every call of it. */
  connect(fate?: (method: string) => ChainCallFate): ChainClient;
  /** Time of the next blocks, epoch seconds; it never runs back. */
  setTime(at: number): void;
  /** Makes an empty block of that time, so that what is asked of the newest block is asked at it. */
  passTo(at: number): Promise<void>;
  /** As it was when it was opened. */
  revert(): Promise<void>;
  stop(): Promise<void>;
}

interface RpcAnswer {
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

/**
 * Founds a consortium on a chain without blocks of its own accord, for the simulation: one call after
 * the other, a block after each transaction, so that a run is the same each time. Members agree in
 * pairs on the terms.
 */
export async function openScriptedChain(options: {
  readonly networkId: Deployment['networkId'];
  readonly members: readonly (FoundingMember & Pick<TestMember, 'signer'>)[];
  readonly terms: Terms;
  /** Epoch seconds. */
  readonly genesisAt: number;
}): Promise<ScriptedChain> {
  const anvil = await spawnAnvil({ chainId: 20_160, genesisAt: options.genesisAt });
  let at = options.genesisAt;
  let blockAt = at;
  let count = 0;
  const ask = async (method: string, params: unknown): Promise<unknown> => {
    count += 1;
    const body = JSON.stringify({ jsonrpc: '2.0', id: count, method, params: params ?? [] });
    const headers = { 'content-type': 'application/json' };
    const answer = (await (await fetch(anvil.rpcUrl, { method: 'POST', headers, body })).json()) as RpcAnswer;
    if (answer.error !== undefined)
      throw Object.assign(new Error(answer.error.message), {
        code: answer.error.code,
        data: answer.error.data,
      });
    return answer.result;
  };
  const mine = async (): Promise<void> => {
    blockAt = Math.max(at, blockAt);
    await ask('anvil_setNextBlockBaseFeePerGas', ['0x0']);
    await ask('evm_setNextBlockTimestamp', [blockAt]);
    await ask('evm_mine', []);
  };
  const request = async (method: string, params: unknown): Promise<unknown> => {
    const result = await ask(method, params);
    if (method === 'eth_sendRawTransaction') await mine();
    return result;
  };
  const connect = (deployment: Deployment, fate: (method: string) => ChainCallFate): ChainClient => ({
    rpc: createPublicClient({
      cacheTime: 0,
      transport: custom(
        {
          async request({ method, params }: { method: string; params?: unknown }) {
            const how = fate(method);
            if (how === 'lost') throw new TypeError('fetch failed');
            const result = await request(method, params);
            if (how === 'answer-lost') throw new TypeError('fetch failed');
            return result;
          },
        },
        { retryCount: 0 },
      ),
    }),
    deployment,
    confirmTimeoutMs: 5_000,
    pollMs: 1,
  });
  try {
    const door = await openDoor(request);
    const deployment = await deployContracts({
      rpcUrl: door.url,
      signer: testAccount('deployer'),
      networkId: options.networkId,
      members: options.members,
    });
    await door.close();
    const founders = connect(deployment, () => 'arrives');
    for (const [index, me] of options.members.entries())
      for (const other of options.members.slice(index + 1)) {
        const { terms } = options;
        const agreement = { me: me.memberId, other: other.memberId, version: 1, terms };
        const proposed = await proposeAgreement(founders, me.signer, agreement);
        if (!proposed.ok) throw new Error(proposed.detail);
        const accepted = await acceptAgreement(founders, other.signer, proposed.value.agreementId);
        if (!accepted.ok) throw new Error(accepted.detail);
      }
    let snapshot = await ask('evm_snapshot', []);
    const foundedAt = blockAt;
    return {
      deployment,
      connect: (fate = () => 'arrives') => connect(deployment, fate),
      setTime(nowS) {
        at = Math.max(at, nowS);
      },
      async passTo(nowS) {
        at = Math.max(at, nowS);
        await mine();
      },
      async revert() {
        await ask('evm_revert', [snapshot]);
        snapshot = await ask('evm_snapshot', []);
        at = foundedAt;
        blockAt = foundedAt;
      },
      stop: () => anvil.kill(),
    };
  } catch (error) {
    await anvil.kill();
    throw error;
  }
}

/** The contracts are deployed through an address: a server that asks the chain, and mines. */
async function openDoor(request: (method: string, params: unknown) => Promise<unknown>) {
  const server = createServer((incoming, response) => {
    const answer = async (): Promise<unknown> => {
      let body = '';
      for await (const chunk of incoming) body += String(chunk);
      const { id, method, params } = JSON.parse(body) as { id: number; method: string; params: unknown };
      try {
        return { jsonrpc: '2.0', id, result: await request(method, params) };
      } catch (error) {
        return { jsonrpc: '2.0', id, error: { code: -32_000, message: (error as Error).message } };
      }
    };
    answer().then(
      (json) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(json)),
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
