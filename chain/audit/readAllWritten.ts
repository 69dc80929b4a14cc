import type { ChainClient } from '../ChainClient.ts';
import { withChainFaults } from '../ChainFault.ts';

/** Something that somebody wrote on a chain for good. */
export type Written = {
  readonly what: 'calldata' | 'log' | 'extra data';
  readonly blockNumber: number;
  /** Of the transaction; of the block where it is no transaction's. */
  readonly hash: string;
  readonly bytes: Uint8Array;
};

/**
 * Everything that was ever written on a chain, of whichever contract, from the first block on: the data of every
 * transaction (a deployment's code too), topics and data of every log, what validators add to blocks. Contracts hold
 * nothing that did not come this way. Throws `ChainFault`; reading again is safe.
 */
export async function* readAllWritten(
  client: Pick<ChainClient, 'rpc'>,
  options: { readonly fromBlock?: number; readonly toBlock?: number } = {},
): AsyncGenerator<Written, void, undefined> {
  const { rpc } = client;
  const toBlock = options.toBlock ?? Number(await withChainFaults(() => rpc.getBlockNumber()));
  for (let blockNumber = options.fromBlock ?? 0; blockNumber <= toBlock; blockNumber += 1) {
    const at = BigInt(blockNumber);
    const block = await withChainFaults(() => rpc.getBlock({ blockNumber: at, includeTransactions: true }));
    yield { what: 'extra data', blockNumber, hash: block.hash, bytes: bytesOf(block.extraData) };
    for (const tx of block.transactions)
      yield { what: 'calldata', blockNumber, hash: tx.hash, bytes: bytesOf(tx.input) };
    if (block.transactions.length === 0) continue;
    const logs = await withChainFaults(() => rpc.getLogs({ fromBlock: at, toBlock: at }));
    for (const log of logs)
      yield {
        what: 'log',
        blockNumber,
        hash: log.transactionHash,
        bytes: bytesOf([...log.topics, log.data].map((part) => part.slice(2)).join('')),
      };
  }
}

const bytesOf = (hex: string): Uint8Array => Buffer.from(hex.startsWith('0x') ? hex.slice(2) : hex, 'hex');
