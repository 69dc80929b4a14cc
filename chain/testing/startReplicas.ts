import { forgetfulJournal, type JournalEntry } from '../AnvilJournal.ts';
import type { AnvilProcess } from '../AnvilProcess.ts';
import { ChainFault } from '../ChainFault.ts';
import { openRpcDoor, type RpcDoor } from '../RpcDoor.ts';
import { applyEntry, countPending, forwardToAnvil, replayJournal } from '../replayJournal.ts';

/** One node among replicas: a process of its own behind an address of its own. */
export type Replica = {
  /** Stays the same over kills. */
  readonly rpcUrl: string;
  isUp(): boolean;
  /** Kills the process (-9) and shuts its door; the others go on. */
  kill(): Promise<void>;
  /** Starts it anew with nothing but the log, which it executes from the beginning until it has caught up. */
  bringBack(): Promise<void>;
};

export type Replicas = {
  readonly nodes: readonly Replica[];
  /** No block is made until `release`. */
  hold(): void;
  release(): void;
  stop(): Promise<void>;
};

/** What is up has executed the whole log. */
type Node = { anvil: AnvilProcess | null; door: RpcDoor | null };

/**
 * Several nodes that each execute one ordered log of transactions and blocks, and so come to the same blocks, hash for
 * hash. This is replication, not consensus: the order is given by one sequencer, here, which nobody checks and which
 * does not outlive this program. What it lets one try is what providers see of a network: each its own node, nodes that
 * die and come back, the same chain at each of them.
 *
 * A transaction that any node takes is put into the log and goes to all; a block is made a while after the first one.
 */
export async function startReplicas(options: {
  readonly count: number;
  readonly chainId?: number;
  readonly blockDelayMs?: number;
  readonly now?: () => number;
}): Promise<Replicas> {
  const now = options.now ?? (() => Math.floor(Date.now() / 1000));
  const genesis = { kind: 'genesis', chainId: options.chainId ?? 20_160, at: now() } as const;
  const log = forgetfulJournal();
  log.append(genesis);
  const nodes: Node[] = Array.from({ length: options.count }, () => ({ anvil: null, door: null }));
  let blockAt = genesis.at;
  let stopping = false;
  let held = false;

  // The sequencer: one change after the other.
  let lastChange: Promise<unknown> = Promise.resolve();
  function inOrder<Value>(change: () => Promise<Value>): Promise<Value> {
    const mine = lastChange.then(change, change);
    lastChange = mine.catch(() => undefined);
    return mine;
  }

  /** Puts an entry into the log and has it executed by all that are up; answers what the asked node said to it. */
  async function execute(entry: JournalEntry, asked?: Node): Promise<unknown> {
    log.append(entry);
    let answer: unknown;
    for (const node of nodes) {
      if (node.anvil === null) continue;
      try {
        const said = await applyEntry(node.anvil, entry);
        if (node === asked) answer = said;
      } catch (error) {
        // It died in the middle: it is down until it is brought back.
        await shut(node);
        if (node === asked) throw error;
      }
    }
    return answer;
  }

  let timer: NodeJS.Timeout | undefined;
  function scheduleBlock(): void {
    if (timer !== undefined || stopping || held) return;
    timer = setTimeout(() => {
      timer = undefined;
      void inOrder(async () => {
        const node = nodes.find(({ anvil }) => anvil !== null);
        if (node?.anvil == null || (await countPending(node.anvil)) === 0) return;
        blockAt = Math.max(blockAt, now());
        await execute({ kind: 'mine', at: blockAt });
      }).catch(scheduleBlock);
    }, options.blockDelayMs ?? 20);
  }

  async function shut(node: Node): Promise<void> {
    const { anvil, door } = node;
    node.anvil = null;
    node.door = null;
    await anvil?.kill();
    await door?.close();
  }

  async function open(node: Node, port: number): Promise<RpcDoor> {
    node.anvil = await replayJournal(genesis, log.entries);
    const anvilOf = () => {
      if (node.anvil === null) throw new ChainFault('rpc-unreachable', 'the replica is down');
      return node.anvil;
    };
    node.door = await openRpcDoor({
      port,
      answer: async (call) => forwardToAnvil(anvilOf(), call),
      send: ({ id }, raw) =>
        inOrder(async () => {
          anvilOf();
          const answered = (await execute({ kind: 'tx', raw }, node)) as object;
          scheduleBlock();
          return { ...answered, id: id ?? null };
        }),
    });
    return node.door;
  }

  const hold = () => {
    held = true;
    clearTimeout(timer);
    timer = undefined;
  };
  const release = () => {
    held = false;
    scheduleBlock();
  };
  const stop = async () => {
    stopping = true;
    clearTimeout(timer);
    await lastChange;
    await Promise.all(nodes.map(shut));
  };
  try {
    const replicas = await Promise.all(
      nodes.map(async (node): Promise<Replica> => {
        const { url, port } = await open(node, 0);
        return {
          rpcUrl: url,
          isUp: () => node.anvil !== null,
          kill: () => shut(node),
          bringBack: () =>
            inOrder(async () => {
              if (node.anvil === null) await open(node, port);
            }),
        };
      }),
    );
    return { nodes: replicas, hold, release, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
