import { createHash } from 'node:crypto';
import { connectChain, createRpc } from '@p2p-power/chain/ChainClient';
import { foundTestConsortium } from '@p2p-power/chain/testing/foundTestNetwork';
import { type Replicas, startReplicas } from '@p2p-power/chain/testing/startReplicas';
import { networkId } from '@p2p-power/protocol/testing/world';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { deliverEvidence } from '../peers/deliverEvidence.ts';
import { type MoneyWorld, openMoneyWorld } from '../testing/moneyWorld.ts';
import type { TestProvider } from '../testing/testProvider.ts';
import { clearOnce } from './closePeriod.ts';
import { followChain } from './followChain.ts';
import { openClearingChain } from './openClearingChain.ts';

// Three nodes that execute one ordered log, each provider with its own: replication, not consensus.

let replicas: Replicas;
let network: Awaited<ReturnType<typeof foundTestConsortium>>;
let world: MoneyWorld;
beforeEach(async () => {
  replicas = await startReplicas({ count: 3 });
  network = await foundTestConsortium(nodeOf(2).rpcUrl, networkId);
  world = await openMoneyWorld({ chains: { a: chainOf('DEAAA', 0), b: chainOf('DEBBB', 1) } });
});
afterEach(async () => {
  await world?.close();
  await replicas?.stop();
});

function nodeOf(index: number) {
  const node = replicas.nodes[index];
  if (node === undefined) throw new Error(`no replica ${index}`);
  return node;
}

/** A provider's port to the chain: its own node and no other. */
const chainOf = (providerId: 'DEAAA' | 'DEBBB', node: number) =>
  openClearingChain(
    connectChain({
      rpcUrl: nodeOf(node).rpcUrl,
      deployment: network.deployment,
      pollMs: 10,
      confirmTimeoutMs: 20_000,
    }),
    {
      providerId,
      accountKey: `0x${createHash('sha256').update(`test account ${providerId}`).digest('hex')}`,
    },
  );

async function chargeOne(name: string): Promise<number> {
  const charge = await world.charge(name);
  const segments = [await world.seal([charge])];
  expect((await world.b.call('POST', '/hand-in', { body: { segments } })).status).toBe(200);
  expect(await deliverEvidence(world.b.context)).toBe(1);
  return charge.cdr.value.chargeMicro;
}

const closePeriod = () =>
  world.b.call('POST', '/admin/periods/close', { as: 'staff', body: { periodEnd: world.clock.nowS() } });

async function batchesOf(provider: TestProvider) {
  const rows = await provider.database.db
    .selectFrom('batch')
    .select(['sequence', 'state'])
    .orderBy('sequence')
    .execute();
  return rows.map(({ sequence, state }) => `${sequence} ${state}`);
}

async function balanceOf(provider: TestProvider, kind: string): Promise<number> {
  const { body } = await provider.call('GET', '/admin/ledger', { as: 'staff' });
  expect(body.totalMicro).toBe(0);
  const ofKind = body.accounts.filter((account: { kind: string }) => account.kind === kind);
  return ofKind.reduce(
    (sum: number, { balanceMicro }: { balanceMicro: string }) => sum + Number(balanceMicro),
    0,
  );
}

const follow = (provider: TestProvider) => {
  const { chain } = provider.context;
  if (chain === undefined) throw new Error('no chain');
  return followChain(provider.context, chain);
};

test('a provider’s node is killed during settlement and brought back: settled and booked once', async () => {
  const first = await chargeOne('one');
  replicas.hold();
  const closing = closePeriod();
  const rpc = createRpc(nodeOf(2).rpcUrl);
  await expect
    .poll(() => rpc.getTransactionCount({ address: network.members[1].account, blockTag: 'pending' }))
    .toBe(2);
  await nodeOf(0).kill();
  replicas.release();
  expect((await closing).status).toBe(200);
  expect(await batchesOf(world.b)).toEqual(['1 settled']);
  await expect(follow(world.a)).rejects.toMatchObject({ reason: 'rpc-unreachable', retryIsSafe: true });
  expect(await batchesOf(world.a)).toEqual(['1 countersigned']);
  expect(await balanceOf(world.a, 'peer-payable')).toBe(-first);

  await nodeOf(0).bringBack();
  for (let time = 0; time < 2; time++) {
    await follow(world.a);
    expect(await batchesOf(world.a)).toEqual(['1 settled']);
    expect(await balanceOf(world.a, 'peer-payable')).toBe(0);
    expect(await balanceOf(world.a, 'chain-position')).toBe(-first);
  }

  // And on with the next period, now that both have a node again.
  world.clock.advance(86_400);
  const second = await chargeOne('two');
  expect((await closePeriod()).status).toBe(200);
  await clearOnce(world.b.context);
  await follow(world.a);
  expect(await batchesOf(world.a)).toEqual(['1 settled', '2 settled']);
  expect(await batchesOf(world.b)).toEqual(['1 settled', '2 settled']);
  expect(await balanceOf(world.a, 'chain-position')).toBe(-(first + second));
  const heads = await Promise.all([0, 1, 2].map((index) => createRpc(nodeOf(index).rpcUrl).getBlock()));
  expect(new Set(heads.map(({ hash }) => hash)).size).toBe(1);
});
