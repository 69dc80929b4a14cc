import {
  batchesRoot,
  type WitnessedBatch,
  type WitnessFile,
  weekBegins,
  weekOf,
  witnessRecordId,
} from '@p2p-power/protocol/WitnessRecord';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { type Hex, zeroHash } from 'viem';
import { type ChainClient, contractAt } from '../ChainClient.ts';
import { withChainFaults } from '../ChainFault.ts';
import { clearingAbi } from '../generated/Clearing.ts';

/** Blocks of one question for events. */
const maxBlocks = 2_000n;

/**
 * The records of all weeks up to one, each naming the one before: from the week of the deployment on, or from the week
 * after `previous`, which is then taken as it is. Whoever asks whichever node gets the same. The last week must be over
 * on the chain: a block after its end is there. Throws `ChainFault`; asking again is safe.
 */
export async function buildWitnessRecords(
  client: ChainClient,
  toWeek: number,
  previous: Pick<WitnessFile, 'networkId' | 'record'> | null,
): Promise<Result<readonly WitnessFile[], 'week-not-over' | 'week-before-deployment'>> {
  const { deployment } = client;
  const blocks = openBlocks(client);
  const head = await blocks.head();
  if ((await blocks.timeOf(head)) < weekBegins(toWeek + 1))
    return refuse('week-not-over', `the newest block is of ${await blocks.timeOf(head)}`);
  const foundedIn = weekOf(await blocks.timeOf(BigInt(deployment.block)));
  if (toWeek < foundedIn)
    return refuse('week-before-deployment', `the contracts are there since week ${foundedIn}`);
  const networkId = deployment.networkId.toLowerCase() as Hex;
  const files: WitnessFile[] = [];
  let before = previous;
  for (let week = previous === null ? foundedIn : previous.record.week + 1; week <= toWeek; week++) {
    const from = before === null ? BigInt(deployment.block) : BigInt(before.record.blockNumber) + 1n;
    const last = await blocks.lastBefore(weekBegins(week + 1), head);
    const batches = await readBatches(client, from, last);
    const file: WitnessFile = {
      networkId,
      record: {
        week,
        previousId: before === null ? zeroHash : witnessRecordId(before),
        chainId: deployment.chainId,
        clearing: deployment.clearing.toLowerCase() as Hex,
        blockNumber: Number(last),
        blockHash: await blocks.hashOf(last),
        batchCount: batches.length,
        batchesRoot: batchesRoot(networkId, batches),
      },
      batches,
      witnesses: [],
    };
    files.push(file);
    before = file;
  }
  return accept(files);
}

async function readBatches(
  client: ChainClient,
  from: bigint,
  to: bigint,
): Promise<readonly WitnessedBatch[]> {
  const batches: WitnessedBatch[] = [];
  for (let at = from; at <= to; at += maxBlocks) {
    const until = at + maxBlocks - 1n < to ? at + maxBlocks - 1n : to;
    const events = await withChainFaults(() =>
      client.rpc.getContractEvents({
        ...contractAt(client.deployment.clearing, clearingAbi),
        eventName: 'BatchSettled',
        fromBlock: at,
        toBlock: until,
        strict: true,
      }),
    );
    for (const { args } of events)
      batches.push({
        channelId: args.channelId,
        sequence: Number(args.sequence),
        batchHash: args.batchHash,
        cdrRoot: args.batch.cdrRoot,
      });
  }
  return batches;
}

/** A chain's blocks by their times, each asked for once. */
function openBlocks({ rpc }: ChainClient) {
  const known = new Map<bigint, { readonly at: number; readonly hash: Hex }>();
  const read = async (blockNumber: bigint) => {
    let block = known.get(blockNumber);
    if (block === undefined) {
      const { timestamp, hash } = await withChainFaults(() => rpc.getBlock({ blockNumber }));
      block = { at: Number(timestamp), hash };
      known.set(blockNumber, block);
    }
    return block;
  };
  return {
    head: () => withChainFaults(() => rpc.getBlockNumber()),
    timeOf: async (blockNumber: bigint) => (await read(blockNumber)).at,
    hashOf: async (blockNumber: bigint) => (await read(blockNumber)).hash,
    /** The last block whose time is before one; times never fall. */
    async lastBefore(epochS: number, head: bigint): Promise<bigint> {
      let [low, high] = [0n, head];
      while (low < high) {
        const middle = (low + high + 1n) / 2n;
        if ((await read(middle)).at < epochS) low = middle;
        else high = middle - 1n;
      }
      return low;
    },
  };
}
