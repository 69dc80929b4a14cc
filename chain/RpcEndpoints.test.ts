import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { isNodesOwnError, RpcAnswerError } from './askRpc.ts';
import { connectChain, probeChain } from './ChainClient.ts';
import { readMembers, setUrl } from './Consortium.ts';
import { readEvents } from './followEvents.ts';
import { openEndpoints, type RpcEndpoints } from './RpcEndpoints.ts';
import { foundTestNetwork, type TestNetwork, testAccount } from './testing/foundTestNetwork.ts';
import { type HostileProxy, openHostileProxy, type ProxyDeed } from './testing/openHostileProxy.ts';

let network: TestNetwork;
let one: HostileProxy;
let other: HostileProxy;
let clockMs = 0;
beforeAll(async () => {
  network = await foundTestNetwork();
});
afterAll(() => network?.anvil.stop());
beforeEach(async () => {
  clockMs = 0;
  one = await openHostileProxy(network.anvil.rpcUrl);
  other = await openHostileProxy(network.anvil.rpcUrl);
});
afterEach(() => Promise.all([one.close(), other.close()]));

function open(urls: readonly string[] = [one.url, other.url], timeoutMs = 10_000): RpcEndpoints {
  return openEndpoints({
    urls,
    deployment: network.deployment,
    timeoutMs,
    maxLagBlocks: 10,
    checkEveryMs: 10_000,
    now: () => clockMs,
  });
}

const askHead = (endpoints: RpcEndpoints) => endpoints.request({ method: 'eth_blockNumber' });
const states = (endpoints: RpcEndpoints) => endpoints.report().map(({ state }) => state);

test('the first endpoint is checked once, then asked; the second is left alone', async () => {
  const endpoints = open();
  expect(states(endpoints)).toEqual(['untried', 'untried']);
  const head = await askHead(endpoints);
  expect(await askHead(endpoints)).toBe(head);
  expect(one.asked).toEqual([
    ...['eth_chainId', 'eth_blockNumber'],
    ...one.asked.filter((method) => method === 'eth_getCode'),
    ...['eth_call', 'eth_blockNumber', 'eth_blockNumber'],
  ]);
  expect(one.asked.filter((method) => method === 'eth_getCode').length).toBeGreaterThanOrEqual(4);
  expect(other.asked).toEqual([]);
  expect(endpoints.report()[0]).toEqual({
    name: new URL(one.url).host,
    state: 'sound',
    blockNumber: Number(head),
    isLagging: false,
    reason: null,
  });
});

const failures: readonly ProxyDeed[] = [
  ...(['hang-up', 'lose-answer', 'silent', 'garbage', 'web-page', 'no-result', 'other-id'] as const),
];

test.each(failures)('an endpoint that does «%s» is passed over, then and later', async (deed) => {
  // Only what never answers is waited for; the other needs its time too, on a busy machine.
  const endpoints = open([one.url, other.url], deed === 'silent' ? 1_500 : 10_000);
  await askHead(endpoints);
  one.behave(deed);
  const askedBefore = one.asked.length;
  expect(await askHead(endpoints)).toBe(await askHead(endpoints));
  // A connection that was cut is opened anew once; nothing else is asked twice.
  const questions = deed === 'hang-up' || deed === 'lose-answer' ? 2 : 1;
  expect(one.asked.length).toBe(askedBefore + questions);
  expect(states(endpoints)).toEqual(['unreachable', 'sound']);
  expect(endpoints.report()[0]?.reason).toContain('rpc-unreachable');
});

test('a node in trouble is not asked for this again, but stays', async () => {
  const endpoints = open();
  await askHead(endpoints);
  one.behave((method) => (method === 'eth_blockNumber' ? 'internal-error' : 'honest'));
  expect(await askHead(endpoints)).toMatch(/^0x/);
  expect(states(endpoints)).toEqual(['sound', 'sound']);
  other.behave('internal-error');
  await expect(askHead(endpoints)).rejects.toSatisfy(isNodesOwnError);
});

test('one that is back is asked again after a while, and first as before', async () => {
  const endpoints = open();
  one.behave('hang-up');
  await askHead(endpoints);
  expect(states(endpoints)).toEqual(['unreachable', 'sound']);
  one.behave('honest');
  clockMs = 9_999;
  await askHead(endpoints);
  expect(states(endpoints)).toEqual(['unreachable', 'sound']);
  clockMs = 10_000;
  await askHead(endpoints);
  await expect.poll(() => states(endpoints)).toEqual(['sound', 'sound']);
  const [askedOne, askedOther] = [one.asked.length, other.asked.length];
  await askHead(endpoints);
  expect([one.asked.length, other.asked.length]).toEqual([askedOne + 1, askedOther]);
});

test('what every endpoint is to hear, those hear that did not fail just now', async () => {
  const endpoints = open();
  const heads = () => endpoints.atEach((rpc) => rpc.getBlockNumber());
  expect(await heads()).toHaveLength(2);
  one.behave('hang-up');
  expect(await heads()).toHaveLength(1);
  const askedOne = one.asked.length;
  expect(await heads()).toHaveLength(1);
  expect(one.asked.length).toBe(askedOne);
  one.behave('honest');
  clockMs = 1_000;
  expect(await heads()).toHaveLength(2);
});

test('the only endpoint is asked each time, however often it failed', async () => {
  const endpoints = open([one.url]);
  one.behave('hang-up');
  for (let attempt = 0; attempt < 5; attempt++)
    await expect(askHead(endpoints)).rejects.toMatchObject({
      reason: 'rpc-unreachable',
      retryIsSafe: true,
    });
  one.behave('honest');
  expect(await askHead(endpoints)).toMatch(/^0x/);
});

test('a wrong chain is told by its id, its missing contracts, or the network of its consortium', async () => {
  one.behave('wrong-chain');
  const empty = await openHostileProxy(network.anvil.rpcUrl);
  const elsewhere = await foundTestNetwork({ chainId: 20_160, networkId: `0x${'ab'.repeat(32)}` });
  try {
    other.turnTo(elsewhere.anvil.rpcUrl);
    const endpoints = open();
    await expect(askHead(endpoints)).rejects.toMatchObject({ reason: 'wrong-chain', retryIsSafe: false });
    expect(states(endpoints)).toEqual(['wrong-chain', 'wrong-chain']);
    expect(endpoints.report().map(({ reason }) => reason)).toEqual([
      expect.stringContaining('1 instead of 20160'),
      expect.stringContaining(`of network 0x${'ab'.repeat(32)}`),
    ]);
    // Nothing was ever asked there but who they are.
    expect(new Set([...one.asked, ...other.asked])).toEqual(
      new Set(['eth_chainId', 'eth_blockNumber', 'eth_getCode', 'eth_call']),
    );

    const withGoodOne = open([one.url, other.url, empty.url]);
    expect(await askHead(withGoodOne)).toMatch(/^0x/);
    expect(states(withGoodOne)).toEqual(['wrong-chain', 'wrong-chain', 'sound']);

    const away = { ...network.deployment, clearing: `0x${'12'.repeat(20)}` as const };
    await expect(probeChain(connectChain({ rpcUrl: empty.url, deployment: away }))).rejects.toMatchObject({
      reason: 'wrong-chain',
      message: expect.stringContaining('not there'),
    });
  } finally {
    await Promise.all([empty.close(), elsewhere.anvil.stop()]);
  }
});

test('an endpoint that lags far behind is passed over while another does not', async () => {
  const now = () => 1_790_000_000;
  const slow = await foundTestNetwork({ now });
  const fast = await foundTestNetwork({ now });
  try {
    expect(slow.deployment).toEqual(fast.deployment);
    for (let block = 0; block < 11; block++) await fast.anvil.mine();
    one.turnTo(slow.anvil.rpcUrl);
    other.turnTo(fast.anvil.rpcUrl);
    const slowHead = await slow.client.rpc.getBlockNumber();
    const endpoints = open();
    expect(BigInt((await askHead(endpoints)) as string)).toBe(slowHead);
    // Nobody has looked at the other yet; when that is due, it is seen to be ahead.
    clockMs = 10_000;
    await askHead(endpoints);
    await expect.poll(() => endpoints.report()[0]?.isLagging).toBe(true);
    expect(BigInt((await askHead(endpoints)) as string)).toBe(slowHead + 11n);

    // Better late than never.
    other.behave('hang-up');
    expect(BigInt((await askHead(endpoints)) as string)).toBe(slowHead);

    const barely = openEndpoints({
      urls: [one.url, fast.anvil.rpcUrl],
      deployment: network.deployment,
      timeoutMs: 10_000,
      maxLagBlocks: 11,
      checkEveryMs: 0,
    });
    for (let attempt = 0; attempt < 3; attempt++)
      expect(BigInt((await askHead(barely)) as string)).toBe(slowHead);
  } finally {
    await Promise.all([slow.anvil.stop(), fast.anvil.stop()]);
  }
});

test('what is read together is read at one endpoint, anew at another when that one fails', async () => {
  const client = connectChain({ rpcUrl: [one.url, other.url], deployment: network.deployment });
  const whole = await readEvents(network.client, null);
  one.behave((method) => (method === 'eth_getLogs' ? 'hang-up' : 'honest'));
  expect(await readEvents(client, null)).toEqual(whole);
  const checks = other.asked.slice(0, other.asked.indexOf('eth_call') + 1);
  expect(other.asked.slice(checks.length)).toEqual([
    ...['eth_blockNumber', 'eth_getBlockByNumber', 'eth_getLogs', 'eth_getBlockByNumber'],
  ]);
});

test('a contract’s refusal and what it says pass through, and no other endpoint is asked', async () => {
  const client = connectChain({ rpcUrl: [one.url, other.url], deployment: network.deployment });
  expect(await readMembers(client)).toHaveLength(3);
  expect(await setUrl(client, testAccount('nobody'), 'https://nobody.example')).toMatchObject({
    ok: false,
    refusal: 'not-a-member',
  });
  expect(other.asked).toEqual([]);
  const revert = new RpcAnswerError({ code: 3, message: 'execution reverted', data: '0x12345678' });
  expect(isNodesOwnError(revert)).toBe(false);
});

test('what an address holds in secrets is sent, and is in no message', async () => {
  const { host } = new URL(one.url);
  one.behave('hang-up');
  const endpoints = open([`http://user:secret@${host}/key/abc`]);
  const fault = await askHead(endpoints).catch((error: Error) => error.message);
  expect(fault).toContain(host);
  expect(`${fault} ${JSON.stringify(endpoints.report())}`).not.toMatch(/secret|abc|user/);
});
