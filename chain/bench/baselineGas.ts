import { erc20Abi, getContractAddress, type Hex, padHex, toHex } from 'viem';
import type { ChainClient, ChainSigner } from '../ChainClient.ts';
import { submitTransaction } from '../submitTransaction.ts';

/**
 * A contract that keeps one word for each call, and does nothing else: what any contract per charge writes at
 * the least. In the EVM's words: SSTORE(CALLDATALOAD(0), CALLDATALOAD(32)), STOP.
 */
const storeRuntime: Hex = '0x6020355f355500';
/** Puts those seven bytes on the chain: PUSH7 runtime, MSTORE, RETURN. */
const storeCreation: Hex = `0x66${storeRuntime.slice(2)}5f5260076019f3`;

/** What a charge costs where each has transactions of its own, on this chain. */
export type BaselineGas = {
  /** An ERC-20 transfer between two accounts that hold tokens already. */
  readonly erc20Transfer: bigint;
  /** One new storage slot written by a call of its own. */
  readonly storageWrite: bigint;
};

/** Measures what the plainest alternatives cost on the same chain: a token transfer, and a slot written, a charge. */
export async function measureBaselineGas(
  client: ChainClient,
  holder: ChainSigner,
  receiver: Hex,
): Promise<BaselineGas> {
  const transfer = async () => {
    const sent = await submitTransaction(client, holder, {
      address: client.deployment.chargeToken,
      abi: erc20Abi,
      functionName: 'transfer',
      args: [receiver, 1n],
    });
    if (!sent.ok) throw new Error(`${sent.refusal}: ${sent.detail}`);
    return sent.value.gasUsed;
  };
  await transfer();
  return { erc20Transfer: await transfer(), storageWrite: await measureStorageWrite(client, holder) };
}

async function measureStorageWrite(client: ChainClient, signer: ChainSigner): Promise<bigint> {
  const { rpc, deployment } = client;
  const firstNonce = await rpc.getTransactionCount({ address: signer.address });
  const send = async (nonce: number, tx: { readonly to?: Hex; readonly data: Hex }) => {
    const serializedTransaction = await signer.signTransaction({
      type: 'eip1559',
      chainId: deployment.chainId,
      nonce,
      gas: 200_000n,
      maxFeePerGas: 0n,
      maxPriorityFeePerGas: 0n,
      ...tx,
    });
    const hash = await rpc.sendRawTransaction({ serializedTransaction });
    const receipt = await rpc.waitForTransactionReceipt({ hash, pollingInterval: 10 });
    if (receipt.status !== 'success') throw new Error(`${hash} failed`);
    return receipt.gasUsed;
  };
  await send(firstNonce, { data: storeCreation });
  const to = getContractAddress({ from: signer.address, nonce: BigInt(firstNonce) });
  const charge = `0x${'5a'.repeat(32)}${padHex(toHex(7_250_000), { size: 32 }).slice(2)}` as const;
  const gasUsed = await send(firstNonce + 1, { to, data: charge });
  const kept = await rpc.getStorageAt({ address: to, slot: `0x${'5a'.repeat(32)}` });
  if (kept === undefined || BigInt(kept) !== 7_250_000n) throw new Error('the slot was not written');
  return gasUsed;
}
