import {
  type Abi,
  type Address,
  decodeEventLog,
  type GetEventArgs,
  type Hex,
  isAddressEqual,
  type Log,
  type PublicClient,
} from 'viem';
import { type ChainClient, contractAt, readAtOne } from './ChainClient.ts';
import { ChainFault, withChainFaults } from './ChainFault.ts';
import { chargeTokenAbi } from './generated/ChargeToken.ts';
import { clearingAbi } from './generated/Clearing.ts';
import { consortiumAbi } from './generated/Consortium.ts';
import { forcedClaimsAbi } from './generated/ForcedClaims.ts';
import { peeringAbi } from './generated/Peering.ts';

/** Where a reader stands: the newest blocks it has read to, newest first. JSON; to be stored with what was done. */
export type ChainCursor = readonly { readonly blockNumber: number; readonly blockHash: Hex }[];

type Place = {
  readonly address: Address;
  readonly blockNumber: number;
  readonly blockHash: Hex;
  readonly txHash: Hex;
  readonly logIndex: number;
};

type EventNames<ContractAbi extends Abi> = Extract<ContractAbi[number], { type: 'event' }>['name'];

type EventsOf<ContractAbi extends Abi> = {
  [Name in EventNames<ContractAbi>]: {
    readonly name: Name;
    readonly args: GetEventArgs<
      ContractAbi,
      Name,
      { EnableUnion: false; IndexedOnly: false; Required: true }
    >;
  };
}[EventNames<ContractAbi>];

/** An event of one of the five contracts, told apart by `name`; `args` are as the contract's interface names them. */
export type ChainEvent = Place &
  (
    | EventsOf<typeof consortiumAbi>
    | EventsOf<typeof chargeTokenAbi>
    | EventsOf<typeof peeringAbi>
    | EventsOf<typeof clearingAbi>
    | EventsOf<typeof forcedClaimsAbi>
  );

export type EventPage = {
  /**
   * If not null, the chain has changed above this block: what was done for events above it is void. Those that still
   * hold come again.
   */
  readonly rolledBackTo: number | null;
  /** In the chain's order. */
  readonly events: readonly ChainEvent[];
  /** To be stored in one act with what the events led to, and handed in next time. */
  readonly cursor: ChainCursor;
};

/** How many blocks a cursor remembers: as deep a reorganisation is told exactly; a deeper one starts from the beginning. */
const cursorDepth = 64;

/** How many blocks a node may lack of those that were read before, and is still only late and not lost. */
const lateBlocks = 32;

/**
 * Reads the events after a cursor (null: from the deployment on), at most `maxBlocks` blocks of them. An empty page with
 * the same cursor means that there is nothing new. Throws `ChainFault`; reading again is safe.
 *
 * A page is read from one node. The cursor's hashes tell whether the blocks read before, maybe from another node, are
 * this one's too. Blocks that this node does not have yet are no reorganisation: it is behind and has nothing new, or,
 * far behind, the fault `chain-behind`.
 */
export async function readEvents(
  client: ChainClient,
  cursor: ChainCursor | null,
  options: { readonly maxBlocks?: number } = {},
): Promise<EventPage> {
  return withChainFaults(() =>
    readAtOne(client, async (rpc) => {
      const beforeAll = Math.max(client.deployment.block - 1, 0);
      const head = Number(await rpc.getBlockNumber());
      const missing = (cursor ?? []).filter(({ blockNumber }) => blockNumber > head).length;
      const kept = await dropLostBlocks(rpc, (cursor ?? []).slice(missing));
      const isLate = missing > 0 && missing + kept.length === (cursor?.length ?? 0);
      if (isLate) return waitForNode(cursor ?? [], head);

      const readTo = kept[0]?.blockNumber ?? beforeAll;
      const newestRead = cursor?.[0]?.blockNumber ?? beforeAll;
      const rolledBackTo = kept.length < (cursor?.length ?? 0) ? readTo : null;
      const to = Math.min(head, readTo + (options.maxBlocks ?? 2_000));
      if (to <= readTo) return { rolledBackTo, events: [], cursor: kept };
      const blockHash = await readBlockHash(rpc, to);
      const logs = await rpc.getLogs({
        address: contractsOf(client).map(({ address }) => address),
        fromBlock: BigInt(readTo + 1),
        toBlock: BigInt(to),
      });
      // If the last block stayed what it was, so did all before it.
      const isTorn = logs.some((log) => Number(log.blockNumber) === to && log.blockHash !== blockHash);
      if (blockHash === null || isTorn || (await readBlockHash(rpc, to)) !== blockHash) {
        throw new ChainFault('chain-moved', `block ${to} changed between ${newestRead} and ${head}`);
      }
      if (logs.some((log) => Number(log.blockNumber) <= readTo || Number(log.blockNumber) > to))
        throw new ChainFault('rpc-error', `the node answered with logs outside of ${readTo + 1} to ${to}`);
      const page = { blockNumber: to, blockHash };
      return {
        rolledBackTo,
        events: logs.map((log) => decodeEvent(client, log)),
        cursor: [page, ...kept].slice(0, cursorDepth),
      };
    }),
  );
}

/** What the node has is what was read, but it has not all of it. */
function waitForNode(cursor: ChainCursor, head: number): EventPage {
  const lack = (cursor[0]?.blockNumber ?? 0) - head;
  if (lack > lateBlocks)
    throw new ChainFault('chain-behind', `the node has ${head} blocks, ${head + lack} were read before`);
  return { rolledBackTo: null, events: [], cursor };
}

/**
 * Reads on for ever, from a cursor: yields a page whenever there is something new or something was rolled back. Ends
 * when the signal is aborted; throws `ChainFault`, after which it may be started anew with the last cursor.
 */
export async function* followEvents(
  client: ChainClient,
  cursor: ChainCursor | null,
  options: { readonly pollMs?: number; readonly signal: AbortSignal },
): AsyncGenerator<EventPage, void, undefined> {
  let from = cursor;
  while (!options.signal.aborted) {
    const page = await readEvents(client, from);
    const isNew = page.cursor[0]?.blockHash !== from?.[0]?.blockHash;
    if (isNew || page.rolledBackTo !== null) {
      from = page.cursor;
      yield page;
    } else {
      await sleep(options.pollMs ?? 500, options.signal);
    }
  }
}

/** The part of a cursor whose blocks are still the chain's. */
async function dropLostBlocks(rpc: PublicClient, cursor: ChainCursor): Promise<ChainCursor> {
  for (const [index, { blockNumber, blockHash }] of cursor.entries()) {
    if ((await readBlockHash(rpc, blockNumber)) === blockHash) return cursor.slice(index);
  }
  return [];
}

async function readBlockHash(rpc: PublicClient, blockNumber: number): Promise<Hex | null> {
  const block = await rpc.request({
    method: 'eth_getBlockByNumber',
    params: [`0x${blockNumber.toString(16)}`, false],
  });
  return block?.hash ?? null;
}

function contractsOf(client: ChainClient) {
  const { consortium, chargeToken, peering, clearing, forcedClaims } = client.deployment;
  return [
    contractAt(consortium, consortiumAbi),
    contractAt(chargeToken, chargeTokenAbi),
    contractAt(peering, peeringAbi),
    contractAt(clearing, clearingAbi),
    contractAt(forcedClaims, forcedClaimsAbi),
  ] as const;
}

function decodeEvent(client: ChainClient, log: Log<bigint, number, false>): ChainEvent {
  const contract = contractsOf(client).find(({ address }) => isAddressEqual(address, log.address));
  if (contract === undefined) throw new Error(`a log of ${log.address} was not asked for`);
  const { eventName, args } = decodeEventLog({
    abi: contract.abi as Abi,
    data: log.data,
    topics: log.topics,
  });
  return {
    name: eventName,
    args,
    address: log.address,
    blockNumber: Number(log.blockNumber),
    blockHash: log.blockHash,
    txHash: log.transactionHash,
    logIndex: log.logIndex,
  } as unknown as ChainEvent;
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
