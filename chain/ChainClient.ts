import { type Abi, type Address, createPublicClient, http, type LocalAccount, type PublicClient } from 'viem';
import { ChainFault, withChainFaults } from './ChainFault.ts';
import type { Deployment } from './Deployment.ts';
import { chargeTokenAbi } from './generated/ChargeToken.ts';
import { clearingAbi } from './generated/Clearing.ts';
import { consortiumAbi } from './generated/Consortium.ts';
import { peeringAbi } from './generated/Peering.ts';

/** Who signs transactions and batches: a viem account made from a key, or one that asks a card or a vault. */
export type ChainSigner = LocalAccount;

export type ChainClient = {
  readonly rpc: PublicClient;
  readonly deployment: Deployment;
  /** How long to wait for a block with a transaction that was sent. */
  readonly confirmTimeoutMs: number;
  /** How often to look for it. */
  readonly pollMs: number;
};

/** Every error that any of the contracts can raise through another one. */
export const allErrorsAbi: Abi = [...consortiumAbi, ...chargeTokenAbi, ...peeringAbi, ...clearingAbi].filter(
  (entry) => entry.type === 'error',
);

/** Opens the way to a chain by HTTP; nothing is sent yet. */
export function connectChain(options: {
  readonly rpcUrl: string;
  readonly deployment: Deployment;
  readonly timeoutMs?: number;
  readonly confirmTimeoutMs?: number;
  readonly pollMs?: number;
}): ChainClient {
  return {
    rpc: createRpc(options.rpcUrl, options.timeoutMs),
    deployment: options.deployment,
    confirmTimeoutMs: options.confirmTimeoutMs ?? 30_000,
    pollMs: options.pollMs ?? 100,
  };
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
  return withChainFaults(async () => {
    const chainId = await client.rpc.getChainId();
    if (chainId !== client.deployment.chainId) {
      throw new ChainFault('wrong-chain', `${chainId} instead of ${client.deployment.chainId}`, {
        retryIsSafe: false,
      });
    }
    const code = await client.rpc.getCode({ address: client.deployment.clearing });
    if (code === undefined) {
      throw new ChainFault('wrong-chain', 'the contracts are not there', { retryIsSafe: false });
    }
    return { blockNumber: Number(await client.rpc.getBlockNumber()) };
  });
}

/** A contract's address and ABI, spread into viem's calls. */
export function contractAt<const ContractAbi extends Abi>(address: Address, abi: ContractAbi) {
  return { address, abi } as const;
}
