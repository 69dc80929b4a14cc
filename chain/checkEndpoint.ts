import { type Address, isAddress, type PublicClient } from 'viem';
import { ChainFault, withChainFaults } from './ChainFault.ts';
import type { Deployment } from './Deployment.ts';
import { consortiumAbi } from './generated/Consortium.ts';

/** The addresses of all contracts of a deployment. */
export function contractAddresses(deployment: Deployment): readonly Address[] {
  return Object.values(deployment).filter(
    (value): value is Address => typeof value === 'string' && isAddress(value, { strict: false }),
  );
}

/**
 * Looks whether a node has the deployment's chain: its id, code at every contract's address, and the consortium's
 * network id, which another chain of the same id would not have. Answers its newest block's number. Throws
 * `ChainFault` `wrong-chain`; so is a node that has not yet come as far as the deployment, which is asked again later.
 */
export async function checkEndpoint(
  rpc: PublicClient,
  deployment: Deployment,
  name: string,
): Promise<number> {
  return withChainFaults(async () => {
    const wrong = (detail: string) =>
      new ChainFault('wrong-chain', `${name}: ${detail}`, { retryIsSafe: false });
    const chainId = await rpc.getChainId();
    if (chainId !== deployment.chainId) throw wrong(`${chainId} instead of ${deployment.chainId}`);
    const head = Number(await rpc.getBlockNumber());
    const behind = head < deployment.block ? `, it has ${head} blocks of at least ${deployment.block}` : '';
    for (const address of contractAddresses(deployment))
      if ((await rpc.getCode({ address })) === undefined)
        throw wrong(`the contracts are not there: no ${address}${behind}`);
    const networkId = await rpc.readContract({
      address: deployment.consortium,
      abi: consortiumAbi,
      functionName: 'networkId',
    });
    if (networkId.toLowerCase() !== deployment.networkId.toLowerCase())
      throw wrong(`the contracts are of network ${networkId}`);
    return head;
  });
}
