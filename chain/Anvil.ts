import type { Hex } from 'viem';
import { type AnvilJournal, forgetfulJournal, type JournalEntry, openAnvilJournal } from './AnvilJournal.ts';
import { ChainFault } from './ChainFault.ts';
import { openRpcDoor, type RpcDoor, type RpcQuestion } from './RpcDoor.ts';
import { applyEntry, countPending, forwardToAnvil, type Genesis, replayJournal } from './replayJournal.ts';

/**
 * A development chain: Anvil behind a small door of ours. The door lets through what a provider may ask of any chain
 * (`eth_`, `net_`, `web3_`), writes every transaction and every block to a journal before they take effect, and makes
 * blocks when there is something to put into them. Killed at any moment, by whomever, it comes back from the journal
 * as the same chain, hash for hash. Asked after a minute without a block it makes an empty one first, as other chains do
 * all the time: what a contract answers may depend on the time.
 */
export type Anvil = {
  /** Where clients reach it; stays the same while this runs. */
  readonly rpcUrl: string;
  readonly port: number;
  /** The process behind the door; another one after a crash. */
  pid(): number;
  /** Makes one block now. */
  mine(): Promise<void>;
  /** Takes a transaction out of the pool, as a node that restarts or is full may do. */
  dropTransaction(txHash: Hex): Promise<void>;
  stop(): Promise<void>;
};

/**
 * @param options.folder where the journal is kept; without one the chain is forgotten at the end
 * @param options.port 0 or nothing for any free one
 * @param options.blockDelayMs how long a block waits for more transactions after the first; null makes blocks only on `mine`
 */
export async function startAnvil(
  options: {
    readonly folder?: string;
    readonly port?: number;
    readonly chainId?: number;
    readonly blockDelayMs?: number | null;
    readonly now?: () => number;
  } = {},
): Promise<Anvil> {
  const now = options.now ?? (() => Math.floor(Date.now() / 1000));
  const blockDelayMs = options.blockDelayMs === undefined ? 100 : options.blockDelayMs;
  const journal = options.folder === undefined ? forgetfulJournal() : openAnvilJournal(options.folder);
  const genesis = beginJournal(journal, options.chainId, now);
  let anvil = await replayJournal(genesis, journal.entries);
  let stopping = false;
  let blockAt = journal.entries.reduce(
    (latest, entry) => ('at' in entry ? Math.max(latest, entry.at) : latest),
    0,
  );

  // Whatever changes the chain goes one by one, in the journal's order.
  let lastChange: Promise<unknown> = Promise.resolve();
  function inOrder<Value>(change: () => Promise<Value>): Promise<Value> {
    const mine = lastChange.then(change, change);
    lastChange = mine.catch(() => undefined);
    return mine;
  }

  async function record(entry: JournalEntry): Promise<unknown> {
    journal.append(entry);
    return applyEntry(anvil, entry);
  }

  async function mineBlock(): Promise<void> {
    blockAt = Math.max(blockAt, now());
    await record({ kind: 'mine', at: blockAt });
  }

  /** A chain without transactions would stand still in time, and refuse what its time has come for. */
  async function keepTime(): Promise<void> {
    if (blockDelayMs !== null && now() - blockAt >= stillForS && !stopping) await mineBlock();
  }

  let timer: NodeJS.Timeout | undefined;
  function scheduleBlock(): void {
    if (blockDelayMs === null || timer !== undefined || stopping) return;
    timer = setTimeout(() => {
      timer = undefined;
      inOrder(async () => {
        if ((await countPending(anvil)) === 0) return;
        await mineBlock();
        scheduleBlock();
      }).catch(scheduleBlock);
    }, blockDelayMs);
  }

  async function superviseForever(): Promise<void> {
    while (!stopping) {
      await anvil.ended;
      if (stopping) return;
      await inOrder(async () => {
        anvil = await replayJournal(genesis, journal.entries);
      }).catch(() => new Promise((resolve) => setTimeout(resolve, 500)));
      scheduleBlock();
    }
  }

  let door: RpcDoor;
  try {
    door = await openRpcDoor({
      port: options.port ?? 0,
      answer: async (call) => {
        if (isOfNow(call)) await inOrder(keepTime);
        return forwardToAnvil(anvil, call);
      },
      send: ({ id }, raw) =>
        inOrder(async () => {
          const answered = (await record({ kind: 'tx', raw })) as object;
          scheduleBlock();
          return { ...answered, id: id ?? null };
        }),
    });
  } catch (error) {
    stopping = true;
    await anvil.kill();
    journal.close();
    throw error;
  }
  const supervised = superviseForever();
  scheduleBlock();

  return {
    rpcUrl: door.url,
    port: door.port,
    pid: () => anvil.pid,
    mine: () => inOrder(mineBlock),
    dropTransaction: (txHash) =>
      inOrder(async () => {
        await record({ kind: 'drop', txHash });
      }),
    async stop() {
      if (stopping) return;
      stopping = true;
      clearTimeout(timer);
      await door.close();
      await lastChange;
      await anvil.kill();
      await supervised;
      journal.close();
    },
  };
}

/** Seconds for which the newest block may lie back when a contract is asked. */
const stillForS = 60;

/** Whether an answer depends on the newest block's time. */
const isOfNow = ({ method }: RpcQuestion) => method === 'eth_call' || method === 'eth_estimateGas';

function beginJournal(journal: AnvilJournal, chainId: number | undefined, now: () => number): Genesis {
  const first = journal.entries[0];
  if (first === undefined) {
    const genesis = { kind: 'genesis', chainId: chainId ?? 20_160, at: now() } as const;
    journal.append(genesis);
    return genesis;
  }
  if (first.kind !== 'genesis') throw new Error('chain.log does not begin with its genesis');
  if (chainId !== undefined && chainId !== first.chainId) {
    throw new ChainFault('wrong-chain', `the journal is of chain ${first.chainId}, not ${chainId}`, {
      retryIsSafe: false,
    });
  }
  return first;
}
