import type { Hex } from 'viem';
import { type ChainClient, contractAt } from '../ChainClient.ts';
import { withChainFaults } from '../ChainFault.ts';
import { clearingAbi } from '../generated/Clearing.ts';

/** By which transaction, when and as what a batch was settled. */
export type Settlement = {
  readonly batchHash: Hex;
  readonly cdrRoot: Hex;
  readonly txHash: Hex;
  readonly blockNumber: number;
  /** Epoch seconds, of its block. */
  readonly settledAt: number;
};

/** How the batch of that number was settled in a channel; null if none was. */
export async function readSettlement(
  client: ChainClient,
  channelId: Hex,
  sequence: bigint,
): Promise<Settlement | null> {
  return withChainFaults(async () => {
    const [event] = await client.rpc.getContractEvents({
      ...contractAt(client.deployment.clearing, clearingAbi),
      eventName: 'BatchSettled',
      args: { channelId, sequence },
      fromBlock: BigInt(client.deployment.block),
      strict: true,
    });
    if (event === undefined) return null;
    const block = await client.rpc.getBlock({ blockHash: event.blockHash });
    return {
      batchHash: event.args.batchHash,
      cdrRoot: event.args.batch.cdrRoot,
      txHash: event.transactionHash,
      blockNumber: Number(event.blockNumber),
      settledAt: Number(block.timestamp),
    };
  });
}
