import { expect, test } from 'vitest';
import { faultsBorne, parseBesuNetwork } from './BesuNetwork.ts';
import { testProviders } from './testing/testProviders.ts';

const four = testProviders(4);

test('a list of four providers, with all that is left out', () => {
  const parsed = parseBesuNetwork({ chainId: 7_400, providers: four });
  expect(parsed.ok && parsed.value).toMatchObject({ chainId: 7_400, blockPeriodS: 5, balances: {} });
  expect(parsed.ok && parsed.value.providers[0]).toEqual({
    providerId: 'DEAA0',
    p2pHost: '192.0.2.10',
    p2pPort: 30_303,
    rpcHost: '127.0.0.1',
    rpcPort: 8_545,
    publicKey: null,
  });
  expect(parseBesuNetwork(four, { chainId: 9 })).toMatchObject({ ok: true, value: { chainId: 9 } });
});

const refusals: readonly [string, string, unknown][] = [
  ['network-malformed', 'neither a list nor an object', 'DEAAA'],
  ['network-malformed', 'chainId', four],
  ['network-malformed', 'chainId', { chainId: 0, providers: four }],
  ['network-malformed', 'chainIdd is no entry', { chainIdd: 7, providers: four }],
  ['network-malformed', 'blockPeriodS: 1 to 60', { chainId: 7, blockPeriodS: 0, providers: four }],
  ['network-malformed', 'balances', { chainId: 7, balances: { a: '1' }, providers: four }],
  [
    'network-malformed',
    'balances',
    { chainId: 7, balances: { [`0x${'1'.repeat(40)}`]: 1 }, providers: four },
  ],
  ['network-malformed', 'providers', { chainId: 7 }],
  ['network-malformed', 'providers[0].not an object', { chainId: 7, providers: [1] }],
  [
    'network-malformed',
    'providers[0].providerId: such as DEAAA',
    { chainId: 7, providers: [{ ...four[0], providerId: 'x' }] },
  ],
  [
    'network-malformed',
    'providers[0].p2pHost: an IP address',
    { chainId: 7, providers: [{ ...four[0], p2pHost: 'node.example' }] },
  ],
  ['network-malformed', 'providers[0].p2pPort', { chainId: 7, providers: [{ ...four[0], p2pPort: 70_000 }] }],
  [
    'network-malformed',
    'providers[0].rpcHost: one IP address of this machine',
    { chainId: 7, providers: [{ ...four[0], rpcHost: '0.0.0.0' }] },
  ],
  [
    'network-malformed',
    'providers[0].publicKey: 1 bytes',
    { chainId: 7, providers: [{ ...four[0], publicKey: '0x01' }] },
  ],
  [
    'network-malformed',
    'providers[0].key is no entry',
    { chainId: 7, providers: [{ ...four[0], key: '0x' }] },
  ],
  ['provider-twice', 'DEAA0', { chainId: 7, providers: [...four, { ...four[0], p2pHost: '192.0.2.99' }] }],
  [
    'node-twice',
    '192.0.2.10 30303',
    { chainId: 7, providers: [...four, { ...four[0], providerId: 'DEZZZ' }] },
  ],
  ['too-few-validators', '3 of at least 4', { chainId: 7, providers: four.slice(1) }],
];

test.each(refusals)('%s: %s', (refusal, detail, untrusted) => {
  expect(parseBesuNetwork(untrusted)).toEqual({ ok: false, refusal, detail });
});

test('fewer than four only when that is wished; the same key twice never', () => {
  expect(parseBesuNetwork({ chainId: 7, providers: four.slice(1) }, { allowFew: true }).ok).toBe(true);
  expect(parseBesuNetwork({ chainId: 7, providers: [] }, { allowFew: true })).toMatchObject({
    refusal: 'too-few-validators',
  });
  const [one, ...others] = testProviders(4, { withKeys: true });
  const copied = others.map((other) => ({ ...other, publicKey: one?.publicKey }));
  expect(parseBesuNetwork({ chainId: 7, providers: [one, ...copied] })).toMatchObject({
    refusal: 'node-twice',
    detail: one?.publicKey,
  });
});

test('how many may be down: fewer than a third', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 10].map(faultsBorne)).toEqual([0, 0, 0, 1, 1, 1, 2, 3]);
});
