import { verifyPayout } from '@p2p-power/protocol/MerkleTree';
import { type Address, decodeFunctionData, type Hex, isAddressEqual } from 'viem';
import { channelId as channelIdOf } from '../BatchSigning.ts';
import type { ChainClient } from '../ChainClient.ts';
import { withChainFaults } from '../ChainFault.ts';
import { clearingAbi } from '../generated/Clearing.ts';

/**
 * Whether the claim that a transaction made leads by its proof to the root that the channel had then. A claim that another
 * contract made on somebody's behalf shows no proof of its own here and counts as right: Clearing has checked it.
 * Throws `ChainFault`; asking again is safe.
 */
export async function checkClaimProof(
  client: ChainClient,
  claim: {
    readonly txHash: Hex;
    readonly channelId: Hex;
    readonly account: Address;
    readonly payoutsRoot: Hex;
  },
): Promise<boolean> {
  const tx = await withChainFaults(() => client.rpc.getTransaction({ hash: claim.txHash }));
  if (tx.to === null || !isAddressEqual(tx.to, client.deployment.clearing)) return true;
  const call = decodeFunctionData({ abi: clearingAbi, data: tx.input });
  if (call.functionName !== 'claim') return true;
  const [debtor, creditor, account, cumulativeMicro, proof] = call.args;
  return (
    channelIdOf(debtor, creditor).toLowerCase() === claim.channelId.toLowerCase() &&
    isAddressEqual(account, claim.account) &&
    cumulativeMicro <= BigInt(Number.MAX_SAFE_INTEGER) &&
    verifyPayout(
      claim.channelId,
      claim.payoutsRoot,
      { account: account.toLowerCase() as Hex, cumulativeMicro: Number(cumulativeMicro) },
      proof,
    )
  );
}
