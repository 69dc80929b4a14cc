import { setTimeout as delay } from 'node:timers/promises';
import { checkClaimProof } from '@p2p-power/chain/audit/checkClaimProof';
import { checkDeployment, compareWithContracts } from '@p2p-power/chain/audit/compareWithContracts';
import type { ChainClient } from '@p2p-power/chain/ChainClient';
import { ChainFault, withChainFaults } from '@p2p-power/chain/ChainFault';
import { type ChainCursor, type ChainEvent, readEvents } from '@p2p-power/chain/followEvents';
import { applyEvent, checkLedger } from '@p2p-power/chain/model/LedgerModel';
import type { Hex } from '@p2p-power/protocol/Hex';
import { accept, type Result } from '@p2p-power/tariff/Result';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database/Database.ts';
import { type AuditFinding, openFindingList } from './AuditFinding.ts';
import {
  type AuditState,
  openState,
  readState,
  type StateRefusal,
  subjectOf,
  writeState,
} from './AuditState.ts';
import { type Books, type BooksAudit, openBooksAudit } from './auditBooks.ts';
import { closeBooks } from './closeBooks.ts';

/** Where an audit is; heard after each page of blocks and of charges. */
export interface AuditProgress {
  readonly block: number;
  /** The block that the audit goes to. */
  readonly toBlock: number;
  readonly batches: number;
  /** Checked in this run. */
  readonly charges: number;
  /** In the settled batches of the books that this run has still to check, those checked included; 0 without books. */
  readonly chargesInAll: number;
  readonly findings: number;
}

export interface AuditOptions {
  readonly client: ChainClient;
  /** The books of a provider; without them the chain is checked by itself. */
  readonly books?: Books;
  /** Where the audit keeps how far it is; without it nothing is kept. */
  readonly stateFile?: string;
  /** Begin anew, whatever the state file says. */
  readonly fresh?: boolean;
  readonly onProgress?: (progress: AuditProgress) => void;
  /** Blocks of one question to the node. */
  readonly maxBlocks?: number;
  /** How often the state is written, at most. */
  readonly stateEveryMs?: number;
}

export interface AuditReport {
  readonly findings: readonly AuditFinding[];
  /** Also of those that are not listed, because they are too many. */
  readonly findingCount: number;
  /** The block at which chain and books were compared. */
  readonly block: number;
  /** The block at which an earlier run had stopped; null where this one began at the beginning. */
  readonly resumedAt: number | null;
  readonly events: number;
  readonly batches: number;
  readonly ownBatches: number;
  /** Checked against their evidence, in all runs. */
  readonly charges: number;
  readonly seconds: number;
}

/**
 * Replays a chain from the deployment on and checks that it adds up; with a provider's books, checks every
 * batch, payout, claim, redemption and position in them too. Stops at the block to which the books have
 * followed the chain, so that both are compared at one moment; without books at the chain's newest block.
 *
 * Goes on where an earlier run with the same state file stopped, however it stopped. Memory grows with
 * members, accounts and channels, not with charges. Throws `ChainFault` where the chain cannot be read, and
 * what PostgreSQL throws; running again is safe.
 */
export async function runAudit(options: AuditOptions): Promise<Result<AuditReport, StateRefusal>> {
  const { client, books, stateFile } = options;
  const began = performance.now();
  const subject = subjectOf(client.deployment, books?.providerId ?? null);
  const stored =
    stateFile === undefined || options.fresh === true ? undefined : readState(stateFile, subject);
  if (stored !== undefined && !stored.ok) return stored;
  let state = stored?.value ?? openState(client.deployment, subject);
  const resumedAt = stored === undefined ? null : (state.done?.blockNumber ?? blockOf(state.cursor));

  const run: Run = { ...options, charges: 0, chargesInAll: 0, writtenAt: 0, toBlock: 0 };
  const reorganised: AuditFinding[] = [];
  // What is said of the end is judged anew in each run, and kept in no state.
  let closing = openFindingList({ kept: [], count: 0 });
  for (let attempt = 1; ; attempt++) {
    closing = openFindingList({ kept: [], count: 0 });
    const findings = openFindingList(state.findings);
    const say = (finding: AuditFinding) => {
      findings.add(finding);
      state.findings = findings;
    };
    for (const finding of reorganised.splice(0)) say(finding);
    if (state.cursor === null)
      for (const { what, expected, found } of await patiently(() => checkDeployment(client)))
        say({ name: 'deployment-differs', detail: `${what} is another`, expected, found });
    const lost = await runOnce(run, state, say, closing.add);
    if (lost === null) break;
    if (attempt === 5) throw new ChainFault('chain-moved', 'the chain changed five times while it was read');
    // What was said of the past that is no more is void, but for this.
    reorganised.push({
      name: 'chain-reorganised',
      detail: `what an earlier run read above block ${lost} is not the chain’s any more; all is read anew`,
      blockNumber: lost,
    });
    state = openState(client.deployment, subject);
  }
  return accept({
    findings: [...state.findings.kept, ...closing.kept],
    findingCount: state.findings.count + closing.count,
    block: blockOf(state.cursor),
    resumedAt,
    ...state.counts,
    seconds: (performance.now() - began) / 1000,
  });
}

interface Run extends AuditOptions {
  charges: number;
  chargesInAll: number;
  writtenAt: number;
  toBlock: number;
}

type Say = (finding: AuditFinding) => void;

/** Reads to the end and compares; answers null, or the block above which the chain has changed meanwhile. */
async function runOnce(run: Run, state: AuditState, say: Say, sayAtEnd: Say): Promise<number | null> {
  const { client, books } = run;
  const audit =
    books === undefined
      ? undefined
      : openBooksAudit(books, say, (count) => {
          run.charges += count;
          state.counts.charges += count;
          tell(run, state);
        });
  if (books !== undefined) run.chargesInAll = await countCharges(books, state);
  const seen = books === undefined ? null : await readBooksCursor(books.db);
  run.toBlock = await findEnd(client, seen);
  const lost = await replayTo(run, state, say, audit, run.toBlock);
  if (lost !== null) return lost;
  if (books === undefined) {
    run.toBlock = Math.max(run.toBlock, await headOf(client));
    const moved = await replayTo(run, state, say, audit, run.toBlock);
    if (moved !== null) return moved;
    await compareChain(client, state, sayAtEnd);
  } else {
    const moved = await books.db
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(async (snapshot) => {
        // The books as they are now, at the block that they have followed to by now.
        const cursor = await readBooksCursor(snapshot);
        run.toBlock = Math.max(run.toBlock, await findEnd(client, cursor));
        const again = await replayTo(run, state, say, audit, run.toBlock);
        if (again !== null) return again;
        await compareChain(client, state, sayAtEnd);
        const newest = cursor?.[0];
        if (newest !== undefined && (await hashAt(client, newest.blockNumber)) !== newest.blockHash)
          sayAtEnd({
            name: 'books-of-another-chain',
            detail: `the books have followed the chain to block ${newest.blockNumber}, which this chain does not have`,
            found: newest.blockHash,
            blockNumber: newest.blockNumber,
          });
        await closeBooks(books, snapshot, state, sayAtEnd);
        return null;
      });
    if (moved !== null) return moved;
  }
  save(run, state, true);
  tell(run, state);
  return null;
}

/** The block to compare at: what the books have followed to, as far as this chain has it. */
async function findEnd(client: ChainClient, seen: ChainCursor | null): Promise<number> {
  const head = await headOf(client);
  for (const { blockNumber, blockHash } of seen ?? [])
    if (blockNumber <= head && (await hashAt(client, blockNumber)) === blockHash) return blockNumber;
  return head;
}

async function replayTo(
  run: Run,
  state: AuditState,
  say: Say,
  audit: BooksAudit | undefined,
  toBlock: number,
): Promise<number | null> {
  const { client } = run;
  if (state.done !== null && (await hashAt(client, state.done.blockNumber)) !== state.done.blockHash)
    return Math.max(state.done.blockNumber - 1, 0);
  const beforeAll = Math.max(client.deployment.block - 1, 0);
  while ((state.cursor?.[0]?.blockNumber ?? beforeAll) < toBlock) {
    const from = state.cursor?.[0]?.blockNumber ?? beforeAll;
    const maxBlocks = Math.min(run.maxBlocks ?? 500, toBlock - from);
    const page = await patiently(() => readEvents(client, state.cursor, { maxBlocks }));
    if (page.rolledBackTo !== null) return page.rolledBackTo;
    for (const event of page.events) {
      if (state.done !== null && isDone(event, state.done)) continue;
      await applyOne(run, state, say, audit, event);
      state.done = {
        blockNumber: event.blockNumber,
        blockHash: event.blockHash,
        logIndex: event.logIndex,
      };
      if (event.name === 'BatchSettled') save(run, state);
    }
    if (page.cursor[0]?.blockNumber === from) return null;
    state.cursor = page.cursor;
    state.done = null;
    save(run, state);
    tell(run, state);
  }
  return null;
}

const isDone = (event: ChainEvent, done: NonNullable<AuditState['done']>) =>
  event.blockNumber < done.blockNumber ||
  (event.blockNumber === done.blockNumber && event.logIndex <= done.logIndex);

async function applyOne(
  run: Run,
  state: AuditState,
  say: Say,
  audit: BooksAudit | undefined,
  event: ChainEvent,
): Promise<void> {
  for (const { name, detail, txHash } of applyEvent(state.ledger, event))
    say({
      name: 'events-contradict',
      detail: `${name}: ${detail}`,
      ...(txHash !== null && { txHash }),
      blockNumber: event.blockNumber,
    });
  state.counts.events += 1;
  if (event.name === 'BatchSettled') state.counts.batches += 1;
  if (event.name === 'Claimed') {
    const { channelId, account } = event.args;
    const payoutsRoot = state.ledger.channels.get(channelId)?.payoutsRoot ?? '0x';
    const claim = { txHash: event.txHash, channelId, account, payoutsRoot };
    if (!(await patiently(() => checkClaimProof(run.client, claim))))
      say({
        name: 'claim-proof-invalid',
        detail: 'paid on a proof that does not lead to the payouts’ root of its time',
        channelId,
        account,
        txHash: event.txHash,
        blockNumber: event.blockNumber,
      });
  }
  await audit?.apply(event, state);
}

async function compareChain(client: ChainClient, state: AuditState, say: Say): Promise<void> {
  const block = blockOf(state.cursor);
  for (const { name, detail, txHash } of checkLedger(state.ledger))
    say({
      name: 'events-contradict',
      detail: `${name}: ${detail}`,
      ...(txHash !== null && { txHash }),
      blockNumber: block,
    });
  for (const difference of await patiently(() => compareWithContracts(client, state.ledger, block)))
    say({
      name: 'contract-differs',
      detail: `${difference.what} is not what the events come to`,
      expected: difference.expected,
      found: difference.found,
      blockNumber: block,
    });
}

function save(run: Run, state: AuditState, now = false): void {
  if (run.stateFile === undefined) return;
  if (!now && performance.now() - run.writtenAt < (run.stateEveryMs ?? 1_000)) return;
  writeState(run.stateFile, state);
  run.writtenAt = performance.now();
}

function tell(run: Run, state: AuditState): void {
  run.onProgress?.({
    block: state.done?.blockNumber ?? blockOf(state.cursor),
    toBlock: run.toBlock,
    batches: state.counts.batches,
    charges: run.charges,
    chargesInAll: run.chargesInAll,
    findings: state.findings.count,
  });
}

const blockOf = (cursor: ChainCursor | null): number => cursor?.[0]?.blockNumber ?? 0;

async function readBooksCursor(db: Kysely<Database>): Promise<ChainCursor | null> {
  const stored = await db.selectFrom('chain_cursor').select('cursor').executeTakeFirst();
  return stored === undefined ? null : (JSON.parse(stored.cursor) as ChainCursor);
}

/** Charges in the settled batches of the books that the state has not checked yet. */
async function countCharges(books: Books, state: AuditState): Promise<number> {
  const { rows } = await sql<{ count: string | null }>`
    select sum(count) as count from batch where state = 'settled'`.execute(books.db);
  return Math.max(Number(rows[0]?.count ?? 0) - state.counts.charges, 0);
}

const headOf = async (client: ChainClient): Promise<number> =>
  Number(await patiently(() => withChainFaults(() => client.rpc.getBlockNumber())));

async function hashAt(client: ChainClient, blockNumber: number): Promise<Hex | null> {
  if (blockNumber > (await headOf(client))) return null;
  const block = await patiently(() =>
    withChainFaults(() => client.rpc.getBlock({ blockNumber: BigInt(blockNumber) })),
  );
  return block.hash;
}

/** Asks a node that is away or moves on again, for some seconds; what else goes wrong is thrown. */
async function patiently<Value>(ask: () => Promise<Value>): Promise<Value> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (attempt === 6 || !(error instanceof ChainFault) || !error.retryIsSafe) throw error;
      await delay(100 * 2 ** attempt);
    }
  }
}
