import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { type Address, type Hex, isAddressEqual, zeroAddress } from 'viem';
import { type ChainClient, type ChainSigner, contractAt } from './ChainClient.ts';
import { ChainFault, withChainFaults } from './ChainFault.ts';
import type { ChainRefusal } from './ChainRefusal.ts';
import type { CarryOver } from './Deployment.ts';
import { type ChainCursor, readEvents } from './followEvents.ts';
import { chargeTokenAbi } from './generated/ChargeToken.ts';
import { consortiumAbi } from './generated/Consortium.ts';
import { applyEvent, type Contradiction, checkLedger, type Ledger, openLedger } from './model/LedgerModel.ts';
import { submitOnce, type TxOutcome } from './submitTransaction.ts';
import { type Holding, type SnapshotRefusal, snapshotLedger, type TokenSnapshot } from './TokenSnapshot.ts';

/** Where a token stands between its predecessor and its successor. */
export type Succession = {
  /** Epoch seconds; null while no end is decided. */
  readonly closesAt: number | null;
  /** Whether nothing in it changes any more. */
  readonly isClosed: boolean;
  readonly successor: Address | null;
  readonly predecessor: Address | null;
  /** Of the tree of what each account had in the predecessor. */
  readonly carryOverRoot: Hex;
  readonly carriedMicro: bigint;
};

const tokenOf = (client: ChainClient) => contractAt(client.deployment.chargeToken, chargeTokenAbi);

export async function readSuccession(client: ChainClient): Promise<Succession> {
  const contract = tokenOf(client);
  return withChainFaults(async () => {
    const [closesAt, block, successor, predecessor, carryOverRoot, carriedMicro] = await Promise.all([
      client.rpc.readContract({ ...contract, functionName: 'closesAt' }),
      client.rpc.getBlock(),
      client.rpc.readContract({ ...contract, functionName: 'successor' }),
      client.rpc.readContract({ ...contract, functionName: 'predecessor' }),
      client.rpc.readContract({ ...contract, functionName: 'carryOverRoot' }),
      client.rpc.readContract({ ...contract, functionName: 'carriedMicro' }),
    ]);
    return {
      closesAt: closesAt === 0n ? null : Number(closesAt),
      isClosed: closesAt !== 0n && block.timestamp >= closesAt,
      successor: successor === zeroAddress ? null : successor,
      predecessor: predecessor === zeroAddress ? null : predecessor,
      carryOverRoot,
      carriedMicro,
    };
  });
}

/** A snapshot with what a successor's deployment takes of it. */
export type ClosedToken = TokenSnapshot & {
  /** Epoch seconds. */
  readonly closedAt: number;
  readonly carryOver: CarryOver;
};

/**
 * Replays the chain from any node up to the token's close, and computes what everybody had: the same at each node, at
 * any time after the close. `token-open`: it is not closed yet, so there is nothing final to say.
 *
 * @param pending whose tokens they are that wait to be carried over from the token before; see `readPending`
 */
export async function takeSnapshot(
  client: ChainClient,
  pending: readonly Holding[] = [],
): Promise<Result<ClosedToken, SnapshotRefusal | 'token-open'>> {
  const { closesAt, isClosed } = await readSuccession(client);
  if (closesAt === null || !isClosed) return refuse('token-open', 'the token is not closed');
  const lastBlock = await findLastBlockBefore(client, closesAt);
  const snapshot = snapshotLedger(await foldChain(client, lastBlock), pending);
  if (!snapshot.ok) return snapshot;
  const { positions, tree } = snapshot.value;
  const predecessor = client.deployment.chargeToken;
  return accept({
    ...snapshot.value,
    closedAt: closesAt,
    carryOver: { predecessor, root: tree.root, positions },
  });
}

/** The ledger after a block. Throws if the events contradict each other: then no snapshot of them is right. */
async function foldChain(client: ChainClient, lastBlock: number): Promise<Ledger> {
  const ledger = openLedger(client.deployment);
  let cursor: ChainCursor | null = null;
  let readTo = -1;
  while (readTo < lastBlock) {
    const page = await readEvents(client, cursor);
    if (page.rolledBackTo !== null)
      throw new ChainFault('chain-moved', `the chain changed above block ${page.rolledBackTo}`);
    for (const event of page.events)
      if (event.blockNumber <= lastBlock) requireSound(applyEvent(ledger, event));
    cursor = page.cursor;
    const newest = cursor[0]?.blockNumber ?? -1;
    if (newest === readTo) throw new ChainFault('chain-behind', `the node ends at block ${readTo}`);
    readTo = newest;
  }
  requireSound(checkLedger(ledger));
  return ledger;
}

function requireSound([first]: readonly Contradiction[]): void {
  if (first !== undefined) throw new Error(`the chain contradicts itself: ${first.name} ${first.detail}`);
}

/** The newest block that is older than a time. Times of blocks only rise, so it is found by halving. */
async function findLastBlockBefore(client: ChainClient, time: number): Promise<number> {
  return withChainFaults(async () => {
    let [low, high] = [client.deployment.block, Number(await client.rpc.getBlockNumber())];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const { timestamp } = await client.rpc.getBlock({ blockNumber: BigInt(middle) });
      if (Number(timestamp) < time) low = middle;
      else high = middle - 1;
    }
    return low;
  });
}

/** Of a predecessor's holdings those that nobody has carried over into this token yet. */
export async function readPending(
  client: ChainClient,
  holdings: readonly Holding[],
): Promise<readonly Holding[]> {
  const isCarried = await withChainFaults(() =>
    Promise.all(
      holdings.map(({ account }) =>
        client.rpc.readContract({ ...tokenOf(client), functionName: 'isCarriedOver', args: [account] }),
      ),
    ),
  );
  return holdings.filter((_, index) => isCarried[index] === false);
}

/** What may be wrong with a successor, by name. */
export type SuccessorFlaw =
  | 'another-predecessor'
  | 'another-network'
  | 'another-currency'
  | 'wrong-root'
  | 'wrong-positions'
  | 'wrong-supply'
  | 'not-named';

/**
 * Judges a successor by the closed token's own state; none found means that everybody gets what they had. Whoever votes
 * for it checks this before; `not-named` alone is then what is left to do.
 */
export async function checkSuccessor(
  client: ChainClient,
  snapshot: ClosedToken,
  next: ChainClient,
): Promise<readonly SuccessorFlaw[]> {
  const [before, after] = await Promise.all([readSuccession(client), readSuccession(next)]);
  const carried = await withChainFaults(() =>
    next.rpc.getContractEvents({
      ...tokenOf(next),
      eventName: 'PositionCarried',
      fromBlock: BigInt(next.deployment.block),
      strict: true,
    }),
  );
  const positions = new Map(carried.map(({ args }) => [args.memberId, args.positionMicro]));
  const isSame = snapshot.positions.every(
    ({ memberId, positionMicro }) => positions.get(memberId) === positionMicro,
  );
  const [[network, currency], [nextNetwork, nextCurrency]] = await Promise.all(
    [client, next].map(readTerms) as [ReturnType<typeof readTerms>, ReturnType<typeof readTerms>],
  );
  const own = client.deployment.chargeToken;
  const successor = next.deployment.chargeToken;
  const flaws: readonly (readonly [boolean, SuccessorFlaw])[] = [
    [after.predecessor === null || !isAddressEqual(after.predecessor, own), 'another-predecessor'],
    [network !== nextNetwork, 'another-network'],
    [currency !== nextCurrency, 'another-currency'],
    [after.carryOverRoot !== snapshot.tree.root, 'wrong-root'],
    [!isSame || positions.size !== snapshot.positions.length, 'wrong-positions'],
    [after.carriedMicro !== snapshot.supplyMicro, 'wrong-supply'],
    [before.successor === null || !isAddressEqual(before.successor, successor), 'not-named'],
  ];
  return flaws.filter(([isFlaw]) => isFlaw).map(([, flaw]) => flaw);
}

async function readTerms(client: ChainClient): Promise<readonly [Hex, Hex]> {
  return withChainFaults(() =>
    Promise.all([
      client.rpc.readContract({
        ...contractAt(client.deployment.consortium, consortiumAbi),
        functionName: 'networkId',
      }),
      client.rpc.readContract({ ...tokenOf(client), functionName: 'currency' }),
    ]),
  );
}

/** Pays an account what it had in the predecessor. Anyone may; the tokens go to the account, once. */
export function carryOver(
  client: ChainClient,
  signer: ChainSigner,
  share: Holding & { readonly proof: readonly Hex[] },
): Promise<Result<TxOutcome, ChainRefusal>> {
  const { account, amountMicro, proof } = share;
  return submitOnce(
    client,
    signer,
    { ...tokenOf(client), functionName: 'carryOver', args: [account, amountMicro, proof] },
    () =>
      withChainFaults(() =>
        client.rpc.readContract({ ...tokenOf(client), functionName: 'isCarriedOver', args: [account] }),
      ),
  );
}

/** Carries everybody over who has not been yet, and says how many that were. Safe to repeat after a fault. */
export async function carryOverAll(
  client: ChainClient,
  signer: ChainSigner,
  snapshot: TokenSnapshot,
): Promise<Result<number, ChainRefusal>> {
  let done = 0;
  for (const [index, holding] of snapshot.holdings.entries()) {
    const sent = await carryOver(client, signer, { ...holding, proof: snapshot.tree.proof(index) });
    if (!sent.ok) return sent;
    if (sent.value.outcome === 'done') done++;
  }
  return accept(done);
}
