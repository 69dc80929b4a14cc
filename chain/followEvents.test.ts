import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startAnvil } from './Anvil.ts';
import { type ChainClient, connectChain } from './ChainClient.ts';
import { setUrl } from './Consortium.ts';
import { type ChainCursor, type ChainEvent, followEvents, readEvents } from './followEvents.ts';
import { foundTestNetwork, type TestNetwork } from './testing/foundTestNetwork.ts';
import { openHostileProxy } from './testing/openHostileProxy.ts';

let folder: string;
let network: TestNetwork;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'p2p-power-events-'));
  network = await foundTestNetwork({ folder });
});
afterAll(async () => {
  await network?.anvil.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function readAll(client: ChainClient, from: ChainCursor | null, maxBlocks?: number) {
  const events: ChainEvent[] = [];
  for (let cursor = from; ; ) {
    const page = await readEvents(client, cursor, maxBlocks === undefined ? {} : { maxBlocks });
    if (page.cursor[0]?.blockHash === cursor?.[0]?.blockHash) return { events, cursor: page.cursor };
    events.push(...page.events);
    cursor = page.cursor;
  }
}

async function moveTo(url: string, client = network.client) {
  const set = await setUrl(client, network.members[0].signer, url);
  expect(set.ok).toBe(true);
}

test('from the beginning, in order, whatever the size of the pages', async () => {
  const whole = await readAll(network.client, null);
  expect(whole.events.map(({ name }) => name)).toEqual([
    ...['MemberAdmitted', 'KeyAdded', 'MemberAdmitted', 'KeyAdded', 'MemberAdmitted', 'KeyAdded'],
    ...['LimitSet', 'LimitSet', 'LimitSet', 'AgreementProposed', 'AgreementAccepted'],
  ]);
  const [first] = whole.events;
  if (first?.name !== 'MemberAdmitted') throw new Error('the first event is not an admission');
  expect(first.args).toEqual({
    memberId: network.members[0].memberId,
    account: network.members[0].account,
    url: network.members[0].url,
  });
  const byBlock = await readAll(network.client, null, 1);
  expect(byBlock.events).toEqual(whole.events);
});

test('only what is new after a cursor that was stored as JSON', async () => {
  const { cursor } = await readAll(network.client, null);
  const stored: ChainCursor = JSON.parse(JSON.stringify(cursor));
  expect(await readEvents(network.client, stored)).toEqual({ rolledBackTo: null, events: [], cursor });
  await moveTo('https://new.example');
  const page = await readEvents(network.client, stored);
  expect(page.rolledBackTo).toBeNull();
  expect(page.events).toMatchObject([{ name: 'UrlSet', args: { url: 'https://new.example' } }]);
});

test('following goes on over a restart of the chain', async () => {
  const { cursor } = await readAll(network.client, null);
  const stop = new AbortController();
  const seen: ChainEvent[] = [];
  let last = cursor;
  const follow = async (client: ChainClient) => {
    for await (const page of followEvents(client, last, { pollMs: 10, signal: stop.signal })) {
      expect(page.rolledBackTo).toBeNull();
      seen.push(...page.events);
      last = page.cursor;
      if (seen.length === 2) stop.abort();
    }
  };
  const before = follow(network.client).catch((error) => expect(error).toMatchObject({ name: 'ChainFault' }));
  await moveTo('https://before.example');
  while (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  const { port } = network.anvil;
  await network.anvil.stop();
  await before;

  const anvil = await startAnvil({ folder, port, blockDelayMs: 5 });
  network = { ...network, anvil };
  const after = follow(network.client);
  await moveTo('https://after.example');
  await after;
  expect(seen).toMatchObject([
    { name: 'UrlSet', args: { url: 'https://before.example' } },
    { name: 'UrlSet', args: { url: 'https://after.example' } },
  ]);
});

test('blocks that are no longer the chain are told, exactly as far as they go', async () => {
  const folderOfOther = mkdtempSync(join(tmpdir(), 'p2p-power-events-'));
  const now = () => 1_790_000_000;
  // Two chains with the same beginning that part when the second makes another block.
  const one = await foundTestNetwork({ now });
  const other = await foundTestNetwork({ now, folder: folderOfOther });
  try {
    const common = await readAll(one.client, null);
    expect((await readAll(other.client, null)).cursor).toEqual(common.cursor);
    expect((await setUrl(one.client, one.members[0].signer, 'https://lost.example')).ok).toBe(true);
    const lost = await readAll(one.client, common.cursor);
    expect((await setUrl(other.client, other.members[1].signer, 'https://kept.example')).ok).toBe(true);

    const page = await readEvents(other.client, lost.cursor);
    expect(page.rolledBackTo).toBe(common.cursor[0]?.blockNumber);
    expect(page.events).toMatchObject([{ name: 'UrlSet', args: { url: 'https://kept.example' } }]);

    const stranger = [{ blockNumber: 3, blockHash: `0x${'ab'.repeat(32)}` }] as const;
    const anew = await readEvents(other.client, stranger);
    expect(anew.rolledBackTo).toBe(other.deployment.block - 1);
    expect(anew.events.length).toBeGreaterThan(10);
  } finally {
    await Promise.all([one.anvil.stop(), other.anvil.stop()]);
    rmSync(folderOfOther, { recursive: true, force: true });
  }
});

test('a page is of one chain, even where its node dies in the middle and the next one has other blocks', async () => {
  const now = () => 1_790_000_000;
  const one = await foundTestNetwork({ now });
  const other = await foundTestNetwork({ now });
  const dying = await openHostileProxy(one.anvil.rpcUrl);
  try {
    const { cursor } = await readAll(one.client, null);
    expect((await setUrl(one.client, one.members[0].signer, 'https://one.example')).ok).toBe(true);
    expect((await setUrl(other.client, other.members[1].signer, 'https://other.example')).ok).toBe(true);
    const rpcUrl = [dying.url, other.anvil.rpcUrl];
    for (const deathAt of ['eth_blockNumber', 'eth_getBlockByNumber', 'eth_getLogs']) {
      dying.behave('honest');
      const client = connectChain({ rpcUrl, deployment: one.deployment });
      expect((await readEvents(client, cursor)).events).toMatchObject([
        { args: { url: 'https://one.example' } },
      ]);
      dying.behave((method) => (method === deathAt ? 'hang-up' : 'honest'));
      const page = await readEvents(client, cursor);
      expect(page).toEqual(await readEvents(other.client, cursor));
      expect(page.events).toMatchObject([{ args: { url: 'https://other.example' } }]);
    }
  } finally {
    await Promise.all([one.anvil.stop(), other.anvil.stop(), dying.close()]);
  }
});

test('a chain that is down is a fault', async () => {
  const dead = connectChain({ rpcUrl: 'http://127.0.0.1:9', deployment: network.deployment });
  await expect(readEvents(dead, null)).rejects.toMatchObject({ name: 'ChainFault', retryIsSafe: true });
});
