import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import {
  type Abi,
  type Address,
  BaseError,
  ContractFunctionRevertedError,
  encodeFunctionData,
  type Hex,
  type TransactionReceipt,
} from 'viem';
import { allErrorsAbi, type ChainClient, type ChainSigner } from './ChainClient.ts';
import { ChainFault, toChainFault, withChainFaults } from './ChainFault.ts';
import { type ChainRefusal, chainRefusals, isChainErrorName } from './ChainRefusal.ts';

export type TxCall = {
  readonly address: Address;
  readonly abi: Abi;
  readonly functionName: string;
  readonly args: readonly unknown[];
};

export type Mined = { readonly txHash: Hex; readonly blockNumber: number; readonly gasUsed: bigint };

/** `already-done`: an earlier call, or somebody else, had done exactly this. */
export type TxOutcome =
  | ({ readonly outcome: 'done' } & Mined)
  | {
      readonly outcome: 'already-done';
      readonly txHash: null;
      readonly blockNumber: null;
      readonly gasUsed: null;
    };

export const alreadyDone: TxOutcome = {
  outcome: 'already-done',
  txHash: null,
  blockNumber: null,
  gasUsed: null,
};

/**
 * Makes a call happen at most once. `isDone` reads from the chain whether it has happened; it is asked before anything
 * is sent, and again when the contract refuses, because then an earlier attempt may have come in between.
 *
 * Throws `ChainFault` if the chain cannot be reached or loses the transaction; calling again is then safe.
 */
export async function submitOnce(
  client: ChainClient,
  signer: ChainSigner,
  call: TxCall,
  isDone: () => Promise<boolean>,
): Promise<Result<TxOutcome, ChainRefusal>> {
  if (await withChainFaults(isDone)) return accept(alreadyDone);
  const sent = await submitTransaction(client, signer, call);
  if (sent.ok) return accept({ outcome: 'done', ...sent.value });
  return (await withChainFaults(isDone)) ? accept(alreadyDone) : sent;
}

/** Sends one transaction and waits until it is in a block. By itself it does not know about earlier attempts. */
export async function submitTransaction(
  client: ChainClient,
  signer: ChainSigner,
  call: TxCall,
): Promise<Result<Mined, ChainRefusal>> {
  const estimated = await estimate(client, signer.address, call);
  if (!estimated.ok) return estimated;
  const txHash = await send(client, signer, call, estimated.value);
  const receipt = await waitForReceipt(client, txHash);
  if (receipt.status === 'success') {
    return accept({ txHash, blockNumber: Number(receipt.blockNumber), gasUsed: receipt.gasUsed });
  }
  const again = await estimate(client, signer.address, call);
  if (!again.ok) return again;
  throw new ChainFault('tx-failed', `${call.functionName} failed in ${txHash} and would succeed now`);
}

/** The gas that the call needs, or the contract's refusal of it. */
async function estimate(
  client: ChainClient,
  from: Address,
  call: TxCall,
): Promise<Result<bigint, ChainRefusal>> {
  try {
    const gas = await client.rpc.estimateContractGas({
      ...call,
      abi: [...call.abi, ...allErrorsAbi],
      account: from,
      // Not what is pending: an earlier attempt of ours in the pool would look like somebody else's deed.
      blockTag: 'latest',
    });
    // What others do before it in the block may make it dearer.
    return accept(gas + gas / 4n + 20_000n);
  } catch (error) {
    return readRefusal(error);
  }
}

/** The refusal in what viem threw; throws a fault if there is none. */
export function readRefusal(error: unknown): Result<never, ChainRefusal> {
  if (error instanceof BaseError) {
    const reverted = error.walk((inner) => inner instanceof ContractFunctionRevertedError);
    if (reverted instanceof ContractFunctionRevertedError) {
      const name = reverted.data?.errorName;
      if (name !== undefined && isChainErrorName(name)) {
        const args = (reverted.data?.args ?? []).map(String).join(', ');
        return refuse(chainRefusals[name], `${name}(${args})`);
      }
      throw new ChainFault('rpc-error', reverted.shortMessage, { cause: error, retryIsSafe: false });
    }
  }
  throw toChainFault(error);
}

/** An account's transactions are numbered, so two of them must not be prepared at once. */
const sending = new Map<string, Promise<unknown>>();

async function inTurn<Value>(key: string, task: () => Promise<Value>): Promise<Value> {
  const before = sending.get(key) ?? Promise.resolve();
  const mine = before.then(task, task);
  const settled = mine.catch(() => undefined);
  sending.set(key, settled);
  try {
    return await mine;
  } finally {
    if (sending.get(key) === settled) sending.delete(key);
  }
}

async function send(client: ChainClient, signer: ChainSigner, call: TxCall, gas: bigint): Promise<Hex> {
  const data = encodeFunctionData({ abi: call.abi, functionName: call.functionName, args: call.args });
  const { chainId, clearing } = client.deployment;
  return inTurn(`${chainId} ${clearing} ${signer.address}`, () =>
    withChainFaults(async () => {
      for (let attempt = 1; ; attempt++) {
        const nonce = await client.rpc.getTransactionCount({ address: signer.address, blockTag: 'pending' });
        const serializedTransaction = await signer.signTransaction({
          type: 'eip1559',
          chainId,
          nonce,
          to: call.address,
          data,
          gas,
          maxFeePerGas: 0n,
          maxPriorityFeePerGas: 0n,
        });
        try {
          return await client.rpc.sendRawTransaction({ serializedTransaction });
        } catch (error) {
          if (attempt === 5 || !isNumberTaken(error)) throw error;
        }
      }
    }),
  );
}

/** Another process that sends from the same account was faster: this transaction went nowhere. */
function isNumberTaken(error: unknown): boolean {
  return (
    error instanceof BaseError && /nonce too low|replacement transaction underpriced/i.test(error.message)
  );
}

async function waitForReceipt(client: ChainClient, txHash: Hex): Promise<TransactionReceipt> {
  const deadline = performance.now() + client.confirmTimeoutMs;
  for (let missing = 0; ; ) {
    const receipt = await withChainFaults(() =>
      readOrNull(() => client.rpc.getTransactionReceipt({ hash: txHash })),
    );
    if (receipt !== null) return receipt;
    const known = await withChainFaults(() => readOrNull(() => client.rpc.getTransaction({ hash: txHash })));
    missing = known === null ? missing + 1 : 0;
    // Twice, because it may pass from the pool into a block between two questions.
    if (missing >= 2) throw new ChainFault('tx-dropped', txHash);
    if (performance.now() > deadline) throw new ChainFault('tx-not-mined', txHash);
    await new Promise((resolve) => setTimeout(resolve, client.pollMs));
  }
}

async function readOrNull<Value>(read: () => Promise<Value>): Promise<Value | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof BaseError && /NotFoundError$/.test(error.name)) return null;
    throw error;
  }
}
