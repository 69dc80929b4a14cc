import { type Hex, isHex } from 'viem';
import { type ChainClient, contractAt } from './ChainClient.ts';
import { ChainFault, withChainFaults } from './ChainFault.ts';
import { chargeTokenAbi } from './generated/ChargeToken.ts';
import { consortiumAbi } from './generated/Consortium.ts';
import { decodeMemberId } from './MemberId.ts';

/** What every member and former member owes or is owed, as one block has it. */
export type PositionsAtBlock = {
  readonly blockNumber: number;
  readonly blockHash: Hex;
  /** Epoch seconds. */
  readonly blockTime: number;
  readonly supplyMicro: bigint;
  /** In the order of the members' first admission. Positive is owed by the member, negative owed to it. */
  readonly positions: readonly {
    readonly memberId: Hex;
    readonly partyId: string;
    readonly positionMicro: bigint;
  }[];
};

/**
 * The positions of all members at a block, null: at the newest. Answers null where the chain has no such block yet.
 * Throws `ChainFault`: also where the node has forgotten the state of a block so old.
 */
export async function readPositions(
  client: ChainClient,
  blockNumber: number | null = null,
): Promise<PositionsAtBlock | null> {
  return withChainFaults(async () => {
    const { rpc, deployment } = client;
    const block = await rpc.request({
      method: 'eth_getBlockByNumber',
      params: [blockNumber === null ? 'latest' : `0x${blockNumber.toString(16)}`, false],
    });
    if (!isHex(block?.hash) || block.number === null) return null;
    const at = { blockNumber: BigInt(block.number) };
    const token = contractAt(deployment.chargeToken, chargeTokenAbi);
    const consortium = contractAt(deployment.consortium, consortiumAbi);
    const [memberIds, supplyMicro] = await Promise.all([
      rpc.readContract({ ...consortium, functionName: 'memberIds', ...at }),
      rpc.readContract({ ...token, functionName: 'totalSupply', ...at }),
    ]);
    const positions = await Promise.all(
      memberIds.map(async (memberId) => ({
        memberId,
        partyId: decodeMemberId(memberId),
        positionMicro: await rpc.readContract({
          ...token,
          functionName: 'position',
          args: [memberId],
          ...at,
        }),
      })),
    );
    const again = await rpc.request({ method: 'eth_getBlockByNumber', params: [block.number, false] });
    if (again?.hash !== block.hash)
      throw new ChainFault('chain-moved', `block ${at.blockNumber} changed while it was read`);
    return {
      blockNumber: Number(at.blockNumber),
      blockHash: block.hash,
      blockTime: Number(BigInt(block.timestamp)),
      supplyMicro,
      positions,
    };
  });
}
