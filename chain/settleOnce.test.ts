import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { SignedBatch } from './BatchSigning.ts';
import { type ChainClient, connectChain } from './ChainClient.ts';
import { readPosition } from './ChargeToken.ts';
import { readChannel, readSettledRoot, settleBatch } from './Clearing.ts';
import { setUrl } from './Consortium.ts';
import { type ChainCursor, type ChainEvent, readEvents } from './followEvents.ts';
import { foundTestNetwork, type TestNetwork, testAccount } from './testing/foundTestNetwork.ts';
import { makeBatch, testCharges } from './testing/makeBatch.ts';
import { type HostileProxy, openHostileProxy, type ProxyDeed } from './testing/openHostileProxy.ts';

let network: TestNetwork;
let sequence = 0n;
let one: HostileProxy;
let other: HostileProxy;
let client: ChainClient;
beforeAll(async () => {
  network = await foundTestNetwork();
});
afterAll(() => network?.anvil.stop());
beforeEach(async () => {
  one = await openHostileProxy(network.anvil.rpcUrl);
  other = await openHostileProxy(network.anvil.rpcUrl);
  client = connect();
});
afterEach(() => Promise.all([one.close(), other.close()]));

const connect = (urls: readonly string[] = [one.url, other.url], timeoutMs = 10_000) =>
  connectChain({
    rpcUrl: urls,
    deployment: network.deployment,
    pollMs: 10,
    timeoutMs,
    confirmTimeoutMs: 20_000,
  });

async function makeNext(of: TestNetwork = network, next = sequence + 1n) {
  const [debtor, creditor] = of.members;
  const made = await makeBatch(
    of.deployment,
    { debtor, creditor },
    {
      sequence: next,
      agreementId: of.agreementId,
      charges: testCharges(2, `charge ${next}`),
      payouts: [{ account: testAccount('Bert').address, cumulativeMicro: 1n }],
    },
  );
  return { ...made, totalMicro: made.signed.batch.totalMicro };
}

const settle = (signed: SignedBatch, by = client) => settleBatch(by, network.members[1].signer, signed);

/** What `settle` moved: once a batch, whatever was sent how often. */
async function expectSettledOnce(made: Awaited<ReturnType<typeof makeNext>>, issuedBefore: bigint) {
  const honest = network.client;
  sequence += 1n;
  expect(await readSettledRoot(honest, made.channel, sequence)).toBe(made.signed.batch.cdrRoot);
  const [debtor, creditor] = network.members;
  expect((await readChannel(honest, debtor.memberId, creditor.memberId)).sequence).toBe(sequence);
  expect((await readPosition(honest, debtor.memberId)).issuedMicro).toBe(issuedBefore + made.totalMicro);
}

const readIssued = async () => (await readPosition(network.client, network.members[0].memberId)).issuedMicro;

const sending = (deed: ProxyDeed) => (method: string) =>
  method === 'eth_sendRawTransaction' ? deed : 'honest';

test('an endpoint that dies with the transaction in hand: the next one takes the same bytes', async () => {
  const [made, before] = [await makeNext(), await readIssued()];
  let isDead = false;
  one.behave((method) => {
    if (isDead) return 'hang-up';
    isDead = method === 'eth_sendRawTransaction';
    return isDead ? 'lose-answer' : 'honest';
  });
  expect(await settle(made.signed)).toMatchObject({ ok: true, value: { outcome: 'settled' } });
  await expectSettledOnce(made, before);
});

test('an endpoint that takes the transaction and throws it away: it is brought to the next', async () => {
  const [made, before] = [await makeNext(), await readIssued()];
  one.behave(sending('swallow'));
  expect(await settle(made.signed)).toMatchObject({ ok: true, value: { outcome: 'settled' } });
  expect(other.asked).toContain('eth_sendRawTransaction');
  await expectSettledOnce(made, before);
});

test('an endpoint that passes the transaction on when another has long done so: it is one', async () => {
  const [made, before] = [await makeNext(), await readIssued()];
  one.behave(sending('late'));
  // Given up before `late` passes it on, which is 2 s later.
  const impatient = connect([one.url, other.url], 1_500);
  expect(await settle(made.signed, impatient)).toMatchObject({ ok: true, value: { outcome: 'settled' } });
  await expect.poll(() => one.passedLate()).toBe(1);
  const next = await readChannel(network.client, network.members[0].memberId, network.members[1].memberId);
  expect(next.sequence).toBe(sequence + 1n);
  await expectSettledOnce(made, before);
});

test('all of them throw it away: a fault, and the retry settles', async () => {
  const [made, before] = [await makeNext(), await readIssued()];
  one.behave(sending('swallow'));
  other.behave(sending('swallow'));
  await expect(settle(made.signed)).rejects.toMatchObject({ reason: 'tx-dropped', retryIsSafe: true });
  one.behave('honest');
  expect(await settle(made.signed)).toMatchObject({ ok: true, value: { outcome: 'settled' } });
  await expectSettledOnce(made, before);
});

test('a transaction that arrives twice is one', async () => {
  const [made, before] = [await makeNext(), await readIssued()];
  one.behave('double');
  other.behave('double');
  expect(await settle(made.signed)).toMatchObject({ ok: true, value: { outcome: 'settled' } });
  await expectSettledOnce(made, before);
});

test.each(['besu-known', 'besu-nonce'] as const)(
  'a node that has the transaction already and says so as Besu does («%s»): it is not sent anew',
  async (deed) => {
    const [made, before] = [await makeNext(), await readIssued()];
    one.behave(sending(deed));
    expect(await settle(made.signed)).toMatchObject({ ok: true, value: { outcome: 'settled' } });
    expect(one.asked.filter((method) => method === 'eth_sendRawTransaction')).toHaveLength(1);
    await expectSettledOnce(made, before);
  },
);

test('two processes that settle the same batch at once, by two endpoints: one of them does', async () => {
  const [made, before] = [await makeNext(), await readIssued()];
  const [debtor, creditor] = network.members;
  const outcomes = await Promise.all([
    settleBatch(connect([one.url]), creditor.signer, made.signed),
    settleBatch(connect([other.url]), debtor.signer, made.signed),
  ]);
  const names = outcomes.map((outcome) => (outcome.ok ? outcome.value.outcome : outcome.refusal));
  expect(names.sort()).toEqual(['already-settled', 'settled']);
  await expectSettledOnce(made, before);
});

test('everything breaks in the middle; a new process with other endpoints finds what was done', async () => {
  const [made, before] = [await makeNext(), await readIssued()];
  let isSent = false;
  const breakDown = (method: string): ProxyDeed => {
    if (isSent) return 'hang-up';
    isSent = method === 'eth_sendRawTransaction';
    return isSent ? 'lose-answer' : 'honest';
  };
  one.behave(breakDown);
  other.behave(breakDown);
  await expect(settle(made.signed)).rejects.toMatchObject({ reason: 'rpc-unreachable', retryIsSafe: true });
  const restarted = connect([network.anvil.rpcUrl]);
  expect(await settle(made.signed, restarted)).toMatchObject({ ok: true });
  expect(await settle(made.signed, restarted)).toMatchObject({
    ok: true,
    value: { outcome: 'already-settled' },
  });
  await expectSettledOnce(made, before);
});

test('whatever two endpoints do with each call, retrying settles each batch once', async () => {
  const deed = fc.constantFrom<ProxyDeed>(
    ...(['honest', 'honest', 'honest', 'hang-up', 'lose-answer', 'garbage'] as const),
    ...(['internal-error', 'swallow', 'double', 'other-id'] as const),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(deed, { minLength: 5, maxLength: 40 }),
      fc.array(deed, { minLength: 5, maxLength: 40 }),
      async (ofOne, ofOther) => {
        const [made, before] = [await makeNext(), await readIssued()];
        const play = (deeds: readonly ProxyDeed[]) => {
          let index = 0;
          return () => deeds[index++] ?? 'honest';
        };
        one.behave(play(ofOne));
        other.behave(play(ofOther));
        const mine = connect();
        for (let attempt = 0; ; attempt++) {
          const settled = await settle(made.signed, mine).catch((error: unknown) => {
            if ((error as { retryIsSafe?: boolean }).retryIsSafe !== true || attempt === 80) throw error;
            return null;
          });
          if (settled === null) continue;
          expect(settled.ok).toBe(true);
          break;
        }
        await expectSettledOnce(made, before);
      },
    ),
    { numRuns: 12 },
  );
});

test('a reorganisation that takes the settlement back is told, and settled again it counts once', async () => {
  const now = () => 1_790_000_000;
  // Two chains with one beginning, which part: the second never saw the settlement.
  const first = await foundTestNetwork({ now });
  const second = await foundTestNetwork({ now });
  try {
    one.turnTo(first.anvil.rpcUrl);
    other.turnTo(second.anvil.rpcUrl);
    const { deployment } = first;
    const follower = connectChain({ rpcUrl: [one.url, other.url], deployment, pollMs: 10 });
    const made = await makeNext(first, 1n);
    const creditor = first.members[1].signer;
    expect(await settleBatch(follower, creditor, made.signed)).toMatchObject({ ok: true });
    const seen = await readAll(follower, null);
    expect(seen.events.map(({ name }) => name)).toContain('BatchSettled');

    // The first endpoint dies. The second is behind: that alone is no reorganisation.
    one.behave('hang-up');
    expect(await readEvents(follower, seen.cursor)).toEqual({
      rolledBackTo: null,
      events: [],
      cursor: seen.cursor,
    });
    const otherMember = second.members[2].signer;
    for (const url of ['https://a.example', 'https://b.example'])
      expect((await setUrl(second.client, otherMember, url)).ok).toBe(true);
    const page = await readEvents(follower, seen.cursor);
    expect(page.rolledBackTo).toBe(deployment.block - 1);
    expect(page.events.map(({ name }) => name)).not.toContain('BatchSettled');

    expect(await settleBatch(follower, creditor, made.signed)).toMatchObject({
      ok: true,
      value: { outcome: 'settled' },
    });
    const after = await readAll(follower, page.cursor);
    expect(after.events.map(({ name }) => name)).toContain('BatchSettled');
    const position = await readPosition(follower, first.members[0].memberId);
    expect(position.issuedMicro).toBe(made.totalMicro);
  } finally {
    await Promise.all([first.anvil.stop(), second.anvil.stop()]);
  }
});

test('a node that is far from what was read before is a fault, never a reorganisation', async () => {
  const now = () => 1_790_000_000;
  const ahead = await foundTestNetwork({ now });
  const behind = await foundTestNetwork({ now });
  try {
    for (let block = 0; block < 33; block++) await ahead.anvil.mine();
    const { cursor } = await readAll(ahead.client, null);
    await expect(readEvents(behind.client, cursor)).rejects.toMatchObject({
      reason: 'chain-behind',
      retryIsSafe: true,
    });
    await behind.anvil.mine();
    expect(await readEvents(behind.client, cursor)).toMatchObject({ rolledBackTo: null, events: [], cursor });
  } finally {
    await Promise.all([ahead.anvil.stop(), behind.anvil.stop()]);
  }
});

async function readAll(by: ChainClient, from: ChainCursor | null) {
  const events: ChainEvent[] = [];
  for (let cursor = from; ; ) {
    const page = await readEvents(by, cursor);
    if (page.cursor[0]?.blockHash === cursor?.[0]?.blockHash) return { events, cursor: page.cursor };
    events.push(...page.events);
    cursor = page.cursor;
  }
}
