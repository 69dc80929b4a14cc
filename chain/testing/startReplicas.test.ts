import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectChain, createRpc } from '../ChainClient.ts';
import { readPosition } from '../ChargeToken.ts';
import { readChannel, settleBatch } from '../Clearing.ts';
import { type ChainCursor, type ChainEvent, readEvents } from '../followEvents.ts';
import { foundTestConsortium, testAccount } from './foundTestNetwork.ts';
import { makeBatch, testCharges } from './makeBatch.ts';
import { type Replica, type Replicas, startReplicas } from './startReplicas.ts';

// Replication, not consensus: what is shown here is what a provider sees of its own node, and no more.

let replicas: Replicas;
let network: Awaited<ReturnType<typeof foundTestConsortium>>;
beforeEach(async () => {
  replicas = await startReplicas({ count: 3 });
  network = await foundTestConsortium(nodeOf(0).rpcUrl);
});
afterEach(() => replicas?.stop());

function nodeOf(index: number): Replica {
  const node = replicas.nodes[index];
  if (node === undefined) throw new Error(`no replica ${index}`);
  return node;
}

/** Member `index`, who knows its own node only. */
const clientOf = (index: number) =>
  connectChain({
    rpcUrl: nodeOf(index).rpcUrl,
    deployment: network.deployment,
    pollMs: 10,
    confirmTimeoutMs: 20_000,
  });

const makeNext = async (sequence: bigint) => {
  const [debtor, creditor] = network.members;
  const charges = testCharges(2, `charge ${sequence}`);
  const payouts = [{ account: testAccount('Bert').address, cumulativeMicro: sequence }];
  return makeBatch(
    network.deployment,
    { debtor, creditor },
    { sequence, agreementId: network.agreementId, charges, payouts },
  );
};

async function readHashes(index: number): Promise<readonly string[]> {
  const rpc = createRpc(nodeOf(index).rpcUrl);
  const head = Number(await rpc.getBlockNumber());
  const blocks = await Promise.all(
    Array.from({ length: head + 1 }, (_, number) => rpc.getBlock({ blockNumber: BigInt(number) })),
  );
  return blocks.map(({ hash, stateRoot }) => `${hash} ${stateRoot}`);
}

async function readAll(index: number, from: ChainCursor | null) {
  const events: ChainEvent[] = [];
  const client = clientOf(index);
  for (let cursor = from; ; ) {
    const page = await readEvents(client, cursor);
    expect(page.rolledBackTo).toBeNull();
    if (page.cursor[0]?.blockHash === cursor?.[0]?.blockHash) return { events, cursor: page.cursor };
    events.push(...page.events);
    cursor = page.cursor;
  }
}

const settledSequences = (events: readonly ChainEvent[]) =>
  events.flatMap((event) => (event.name === 'BatchSettled' ? [event.args.sequence] : []));

test('one log makes one chain at every node, whichever took the transaction', async () => {
  for (const [index, sequence] of [1n, 2n, 3n].entries()) {
    const made = await makeNext(sequence);
    const settled = await settleBatch(clientOf(index), network.members[0].signer, made.signed);
    expect(settled).toMatchObject({ ok: true, value: { outcome: 'settled' } });
  }
  const hashes = await readHashes(0);
  expect(hashes.length).toBeGreaterThan(8);
  expect(await readHashes(1)).toEqual(hashes);
  expect(await readHashes(2)).toEqual(hashes);
});

test('one is killed during settlement; the others go on; brought back it is the same chain', async () => {
  const [debtor, creditor] = network.members;
  const before = await readAll(0, null);
  const first = await makeNext(1n);
  replicas.hold();
  const settling = settleBatch(clientOf(1), creditor.signer, first.signed);
  const rpc = createRpc(nodeOf(0).rpcUrl);
  await expect
    .poll(() => rpc.getTransactionCount({ address: creditor.account, blockTag: 'pending' }))
    .toBe(2);
  // The transaction is in every pool and in no block; now the debtor's node dies.
  await nodeOf(0).kill();
  replicas.release();
  expect(await settling).toMatchObject({ ok: true, value: { outcome: 'settled' } });
  const second = await makeNext(2n);
  expect(await settleBatch(clientOf(1), creditor.signer, second.signed)).toMatchObject({ ok: true });
  await expect(readEvents(clientOf(0), before.cursor)).rejects.toMatchObject({
    reason: 'rpc-unreachable',
    retryIsSafe: true,
  });

  await nodeOf(0).bringBack();
  const hashes = await readHashes(0);
  expect(await readHashes(1)).toEqual(hashes);
  expect(await readHashes(2)).toEqual(hashes);

  const after = await readAll(0, before.cursor);
  expect(settledSequences(after.events)).toEqual([1n, 2n]);
  expect(settledSequences((await readAll(2, before.cursor)).events)).toEqual([1n, 2n]);
  const position = await readPosition(clientOf(0), debtor.memberId);
  expect(position.issuedMicro).toBe(first.signed.batch.totalMicro + second.signed.batch.totalMicro);
  expect(await settleBatch(clientOf(0), debtor.signer, second.signed)).toMatchObject({
    ok: true,
    value: { outcome: 'already-settled' },
  });
});

test('the node that took the transaction dies with it: a fault, and the retry finds it settled', async () => {
  const [debtor, creditor] = network.members;
  const made = await makeNext(1n);
  replicas.hold();
  const settling = settleBatch(clientOf(1), creditor.signer, made.signed);
  const rpc = createRpc(nodeOf(0).rpcUrl);
  await expect
    .poll(() => rpc.getTransactionCount({ address: creditor.account, blockTag: 'pending' }))
    .toBe(2);
  const [, failed] = await Promise.allSettled([nodeOf(1).kill(), settling]);
  expect(failed).toMatchObject({ status: 'rejected', reason: { retryIsSafe: true } });
  expect(nodeOf(1).isUp()).toBe(false);
  replicas.release();

  // A client that may ask another member's node too does not wait for its own.
  const withNeighbour = connectChain({
    rpcUrl: [nodeOf(1).rpcUrl, nodeOf(2).rpcUrl],
    deployment: network.deployment,
    pollMs: 10,
  });
  await expect
    .poll(async () => (await readChannel(clientOf(2), debtor.memberId, creditor.memberId)).sequence)
    .toBe(1n);
  expect(await settleBatch(withNeighbour, creditor.signer, made.signed)).toMatchObject({
    ok: true,
    value: { outcome: 'already-settled' },
  });
  await nodeOf(1).bringBack();
  expect(await readHashes(1)).toEqual(await readHashes(0));
  expect(settledSequences((await readAll(1, null)).events)).toEqual([1n]);
});
