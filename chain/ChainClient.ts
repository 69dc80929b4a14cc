import {
  type Abi,
  type Address,
  createPublicClient,
  custom,
  http,
  type LocalAccount,
  type PublicClient,
} from 'viem';
import type { RpcCall } from './askRpc.ts';
import { withChainFaults } from './ChainFault.ts';
import { checkEndpoint } from './checkEndpoint.ts';
import type { Deployment } from './Deployment.ts';
import { chargeTokenAbi } from './generated/ChargeToken.ts';
import { clearingAbi } from './generated/Clearing.ts';
import { consortiumAbi } from './generated/Consortium.ts';
import { dayAheadShareAbi } from './generated/DayAheadShare.ts';
import { forcedClaimsAbi } from './generated/ForcedClaims.ts';
import { peeringAbi } from './generated/Peering.ts';
import { pricingAbi } from './generated/Pricing.ts';
import { volumeDiscountAbi } from './generated/VolumeDiscount.ts';
import { openEndpoints, type RpcEndpoints } from './RpcEndpoints.ts';

/** Who signs transactions and batches: a viem account made from a key, or one that asks a card or a vault. */
export type ChainSigner = LocalAccount;

export type ChainClient = {
  /** Asks whichever endpoint is sound; two questions may go to two of them. */
  readonly rpc: PublicClient;
  /** The endpoints behind `rpc`; without them `rpc` is the only one. */
  readonly endpoints?: RpcEndpoints;
  readonly deployment: Deployment;
  /** How long to wait for a block with a transaction that was sent. */
  readonly confirmTimeoutMs: number;
  /** How often to look for it. */
  readonly pollMs: number;
};

/** Every error that any of the contracts can raise through another one. */
export const allErrorsAbi: Abi = [
  ...consortiumAbi,
  ...chargeTokenAbi,
  ...peeringAbi,
  ...clearingAbi,
  ...forcedClaimsAbi,
  ...pricingAbi,
  ...volumeDiscountAbi,
  ...dayAheadShareAbi,
].filter((entry) => entry.type === 'error');

/** How far behind the foremost endpoint one may be and still be followed, in blocks. */
export const defaultMaxLagBlocks = 10;

/**
 * Opens the way to a chain by HTTP; nothing is sent yet. Of several endpoints the first sound one is asked, so the
 * provider's own node comes first; the rules are those of `openEndpoints`.
 */
export function connectChain(options: {
  /** One address or several, in order of preference. */
  readonly rpcUrl: string | readonly string[];
  readonly deployment: Deployment;
  readonly timeoutMs?: number;
  readonly confirmTimeoutMs?: number;
  readonly pollMs?: number;
  readonly maxLagBlocks?: number;
  /** How often all endpoints are looked at. */
  readonly checkEveryMs?: number;
}): ChainClient {
  const endpoints = openEndpoints({
    urls: typeof options.rpcUrl === 'string' ? [options.rpcUrl] : options.rpcUrl,
    deployment: options.deployment,
    timeoutMs: options.timeoutMs ?? 10_000,
    maxLagBlocks: options.maxLagBlocks ?? defaultMaxLagBlocks,
    checkEveryMs: options.checkEveryMs ?? 10_000,
  });
  const request = (call: RpcCall) => endpoints.request(call);
  return {
    rpc: createPublicClient({ cacheTime: 0, transport: custom({ request }, { retryCount: 0 }) }),
    endpoints,
    deployment: options.deployment,
    confirmTimeoutMs: options.confirmTimeoutMs ?? 30_000,
    pollMs: options.pollMs ?? 100,
  };
}

/** Everything that the task reads, it reads from one and the same node; if that fails, all of it from another. */
export function readAtOne<Value>(
  client: ChainClient,
  task: (rpc: PublicClient) => Promise<Value>,
): Promise<Value> {
  return client.endpoints === undefined ? task(client.rpc) : client.endpoints.atOne(task);
}

/** The task at every node that answers; what those said that did not fail. */
export async function askEach<Value>(
  client: ChainClient,
  task: (rpc: PublicClient) => Promise<Value>,
): Promise<readonly Value[]> {
  return client.endpoints === undefined ? [await task(client.rpc)] : client.endpoints.atEach(task);
}

/** A viem client that asks once, caches nothing, and leaves retries to those who know what they do. */
export function createRpc(rpcUrl: string, timeoutMs = 10_000): PublicClient {
  return createPublicClient({
    transport: http(rpcUrl, { timeout: timeoutMs, retryCount: 0 }),
    cacheTime: 0,
  });
}

/** Is the chain there, and is it the right one? Throws `ChainFault` if not. */
export async function probeChain(client: ChainClient): Promise<{ readonly blockNumber: number }> {
  return withChainFaults(() =>
    readAtOne(client, async (rpc) => ({
      blockNumber: await checkEndpoint(rpc, client.deployment, 'the chain'),
    })),
  );
}

/** A contract's address and ABI, spread into viem's calls. */
export function contractAt<const ContractAbi extends Abi>(address: Address, abi: ContractAbi) {
  return { address, abi } as const;
}
