import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import {
  type Abi,
  type Address,
  BaseError,
  ContractFunctionRevertedError,
  encodeFunctionData,
  type Hex,
  keccak256,
  type TransactionReceipt,
} from 'viem';
import { allErrorsAbi, askEach, type ChainClient, type ChainSigner } from './ChainClient.ts';
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

/**
 * Sends one transaction and waits until it is in a block. A node that dies or loses it meanwhile is made up for: the
 * same bytes go to the others. By itself it does not know about earlier attempts.
 */
export async function submitTransaction(
  client: ChainClient,
  signer: ChainSigner,
  call: TxCall,
): Promise<Result<Mined, ChainRefusal>> {
  const estimated = await estimate(client, signer.address, call);
  if (!estimated.ok) return estimated;
  const sent = await send(client, signer, call, estimated.value);
  const { txHash } = sent;
  const receipt = await waitForReceipt(client, sent);
  if (receipt.status === 'success') {
    return accept({ txHash, blockNumber: Number(receipt.blockNumber), gasUsed: receipt.gasUsed });
  }
  const again = await estimate(client, signer.address, call);
  if (!again.ok) return again;
  throw new ChainFault('tx-failed', `${call.functionName} failed in ${txHash} and would succeed now`);
}

/** The most gas that a transaction may ask for (EIP-7825). */
const maxTxGas = 2n ** 24n;

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
    const ample = gas + gas / 4n + 20_000n;
    return accept(ample < maxTxGas ? ample : maxTxGas);
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

/** A transaction as it went out: the same bytes may be sent again, anywhere, and are the same transaction. */
type Sent = { readonly txHash: Hex; readonly serialized: Hex };

async function send(client: ChainClient, signer: ChainSigner, call: TxCall, gas: bigint): Promise<Sent> {
  const data = encodeFunctionData({ abi: call.abi, functionName: call.functionName, args: call.args });
  const { chainId, clearing } = client.deployment;
  return inTurn(`${chainId} ${clearing} ${signer.address}`, () =>
    withChainFaults(async () => {
      for (let attempt = 1; ; attempt++) {
        const nonce = await client.rpc.getTransactionCount({ address: signer.address, blockTag: 'pending' });
        const serialized = await signer.signTransaction({
          type: 'eip1559',
          chainId,
          nonce,
          to: call.address,
          data,
          gas,
          maxFeePerGas: 0n,
          maxPriorityFeePerGas: 0n,
        });
        const sent = { txHash: keccak256(serialized), serialized };
        try {
          await client.rpc.sendRawTransaction({ serializedTransaction: serialized });
          return sent;
        } catch (error) {
          if (isAlreadyThere(error)) return sent;
          // Its number may be taken by itself: a node that failed before it answered had passed it on.
          if (isNumberTaken(error) && (await isKnown(client, sent.txHash))) return sent;
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

/** The node has these very bytes already: Anvil, Geth and Besu each say it in their way. */
function isAlreadyThere(error: unknown): boolean {
  return (
    error instanceof BaseError && /already imported|already known|known transaction/i.test(error.message)
  );
}

async function isKnown(client: ChainClient, txHash: Hex): Promise<boolean> {
  const known = await askEach(client, (rpc) => readOrNull(() => rpc.getTransaction({ hash: txHash })));
  return known.some((tx) => tx !== null);
}

/** How often a transaction that no node knows any more is brought again before it is given up. */
const bringAgain = 3;

async function waitForReceipt(client: ChainClient, sent: Sent): Promise<TransactionReceipt> {
  const { txHash } = sent;
  const deadline = performance.now() + client.confirmTimeoutMs;
  for (let missing = 0, brought = 0; ; ) {
    const receipt = await withChainFaults(() =>
      readOrNull(() => client.rpc.getTransactionReceipt({ hash: txHash })),
    );
    if (receipt !== null) return receipt;
    const known = await withChainFaults(() => readOrNull(() => client.rpc.getTransaction({ hash: txHash })));
    missing = known === null ? missing + 1 : 0;
    // Twice, because it may pass from the pool into a block between two questions.
    if (missing >= 2) {
      const elsewhere = await findReceipt(client, txHash);
      if (elsewhere !== null) return elsewhere;
      if (brought === bringAgain) throw new ChainFault('tx-dropped', txHash);
      await broadcast(client, sent);
      brought += 1;
      missing = 0;
    }
    if (performance.now() > deadline) throw new ChainFault('tx-not-mined', txHash);
    await new Promise((resolve) => setTimeout(resolve, client.pollMs));
  }
}

/** The node that is asked may have lost the transaction, or may be behind one that has it in a block. */
async function findReceipt(client: ChainClient, txHash: Hex): Promise<TransactionReceipt | null> {
  const found = await withChainFaults(() =>
    askEach(client, (rpc) => readOrNull(() => rpc.getTransactionReceipt({ hash: txHash }))),
  );
  return found.find((receipt) => receipt !== null) ?? null;
}

/**
 * Sends the same bytes to every node. Whichever takes them, it is the one transaction, of one number and one hash; a
 * node that knows it or has its number taken refuses, and the receipt will tell.
 */
async function broadcast(client: ChainClient, { serialized }: Sent): Promise<void> {
  await askEach(client, (rpc) => rpc.sendRawTransaction({ serializedTransaction: serialized })).catch(
    () => undefined,
  );
}

async function readOrNull<Value>(read: () => Promise<Value>): Promise<Value | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof BaseError && /NotFoundError$/.test(error.name)) return null;
    throw error;
  }
}
