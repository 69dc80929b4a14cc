import { expect, test } from 'vitest';
import { type BesuNetwork, parseBesuNetwork } from './BesuNetwork.ts';
import { planFiles } from './planFiles.ts';
import { documentedGenesis, documentedOptions } from './testing/documentedOptions.ts';
import { testProviders, testValidatorKey } from './testing/testProviders.ts';

function networkOf(entries: readonly object[], rest: object = {}): BesuNetwork {
  const parsed = parseBesuNetwork({ chainId: 7_400, ...rest, providers: entries });
  if (!parsed.ok) throw new Error(parsed.detail);
  return parsed.value;
}

function plan(entries: readonly object[], options: Parameters<typeof planFiles>[1] = {}) {
  let made = 0;
  const planned = planFiles(networkOf(entries), { newKey: () => testValidatorKey(made++), ...options });
  const files = new Map(planned.files.map((file) => [file.path, file]));
  return { ...planned, files, text: (path: string) => files.get(path)?.text ?? '' };
}

/** The entries of a TOML file of ours: one a line, values that are JSON as well. */
function readToml(text: string): Readonly<Record<string, unknown>> {
  const entries = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    entries.map((line) => [line.slice(0, line.indexOf('=')), JSON.parse(line.slice(line.indexOf('=') + 1))]),
  );
}

test('each provider gets a folder with all that its node needs, and only its own key', () => {
  const { files, keysMade } = plan(testProviders(4));
  expect(keysMade).toEqual(['DEAA0', 'DEAA1', 'DEAA2', 'DEAA3']);
  const names = ['README.md', 'besu.service', 'compose.yaml', 'config.toml', 'genesis.json', 'key'];
  for (const providerId of keysMade) {
    const own = [...files.keys()].filter((path) => path.startsWith(`${providerId}/`)).toSorted();
    expect(own).toEqual([...names, 'permissions.toml', 'static-nodes.json'].map((n) => `${providerId}/${n}`));
    expect(files.get(`${providerId}/key`)).toMatchObject({
      mode: 0o600,
      text: expect.stringMatching(/^0x[0-9a-f]{64}\n$/),
    });
  }
  const secrets = [0, 1, 2, 3].map((index) => testValidatorKey(index).privateKey.slice(2));
  const open = [...files.values()].filter(({ mode }) => mode !== 0o600);
  expect(open).toHaveLength(files.size - 4);
  for (const { text } of open) for (const secret of secrets) expect(text).not.toContain(secret);
});

test('who brings a public key has no key here; all the same, everyone makes the same files', () => {
  const { files, keysMade, text } = plan(testProviders(4, { withKeys: true }));
  expect(keysMade).toEqual([]);
  expect([...files.values()].every(({ mode }) => mode === 0o644)).toBe(true);
  expect(text('DEAA0/README.md')).toContain('it never left its owner');
  const again = plan(JSON.parse(text('network.json')).providers);
  expect([...again.files]).toEqual([...files]);
  // The list with the keys that were made says the same as the list without them said.
  const made = plan(testProviders(4));
  expect(plan(JSON.parse(made.text('network.json')).providers).text('genesis.json')).toBe(
    made.text('genesis.json'),
  );
});

test('config.toml has documented options only, and its RPC is the provider’s own', () => {
  const { text } = plan([
    ...testProviders(3),
    { providerId: 'DEZZZ', p2pHost: '2001:db8::5', p2pPort: 30_304, rpcHost: '10.0.0.5', rpcPort: 9_545 },
  ]);
  for (const providerId of ['DEAA0', 'DEZZZ']) {
    const entries = readToml(text(`${providerId}/config.toml`));
    const unknown = Object.keys(entries).filter((name) => !documentedOptions.has(name));
    expect(unknown).toEqual([]);
    expect(entries).toMatchObject({
      'min-gas-price': 0,
      'discovery-enabled': false,
      'metrics-host': '127.0.0.1',
    });
  }
  expect(readToml(text('DEAA0/config.toml'))).toMatchObject({
    'rpc-http-host': '127.0.0.1',
    'rpc-http-api': ['ETH', 'NET', 'WEB3', 'QBFT'],
  });
  // Beyond the loopback nobody votes on validators.
  expect(readToml(text('DEZZZ/config.toml'))).toMatchObject({
    'rpc-http-host': '10.0.0.5',
    'rpc-http-port': 9_545,
    'rpc-http-api': ['ETH', 'NET', 'WEB3'],
    'host-allowlist': ['localhost', '127.0.0.1', '10.0.0.5'],
    'rpc-ws-host': '127.0.0.1',
    'rpc-ws-api': ['QBFT'],
    'p2p-host': '2001:db8::5',
    'p2p-port': 30_304,
  });
  expect(text('DEZZZ/compose.yaml')).toContain('BESU_RPC_HTTP_HOST: "10.0.0.5"');
});

test('everybody knows everybody, and nobody else', () => {
  const { text, network } = plan(testProviders(5));
  const enodes: readonly string[] = JSON.parse(text('DEAA3/static-nodes.json'));
  expect(enodes).toEqual(
    network.providers.map(({ publicKey, p2pHost }) => `enode://${publicKey.slice(2)}@${p2pHost}:30303`),
  );
  expect(readToml(text('DEAA3/permissions.toml'))).toEqual({ 'nodes-allowlist': enodes });
  expect(text('DEAA3/permissions.toml')).toBe(text('DEAA0/permissions.toml'));
});

test('the genesis has documented items only', () => {
  const genesis = JSON.parse(plan(testProviders(4)).text('DEAA2/genesis.json'));
  const unknown = (object: object, allowed: string) => {
    const names = allowed.toLowerCase().split(' ');
    return Object.keys(object).filter((name) => !names.includes(name.toLowerCase()));
  };
  expect(unknown(genesis, documentedGenesis.block)).toEqual([]);
  expect(unknown(genesis.config, documentedGenesis.config)).toEqual([]);
  expect(unknown(genesis.config.qbft, documentedGenesis.qbft)).toEqual([]);
});

test('who joins takes over the genesis; the lists name all', () => {
  const before = plan(testProviders(4, { withKeys: true }));
  const genesis = before.text('genesis.json');
  const after = plan(testProviders(5, { withKeys: true }), { genesis });
  for (const path of ['genesis.json', 'DEAA4/genesis.json']) expect(after.text(path)).toBe(genesis);
  expect(JSON.parse(after.text('DEAA0/static-nodes.json'))).toHaveLength(5);
  expect(after.text('DEAA4/README.md')).toContain('not among the validators of the genesis');
  expect(after.text('DEAA4/README.md')).toContain('4 validators in its genesis');
  expect(after.text('DEAA3/README.md')).not.toContain('not among the validators');
  for (const wrong of ['{}', '{"extraData":"0x00"}'])
    expect(() => plan(testProviders(5), { genesis: wrong })).toThrow('not the genesis of a QBFT network');
});

test('the guide says who bears what, and warns of too few', () => {
  const { text } = plan(testProviders(4));
  expect(text('DEAA1/README.md')).toContain('4 validators');
  expect(text('DEAA1/README.md')).toContain('1 of them may be down');
  expect(text('DEAA1/README.md')).not.toContain('bear no failure');
  const few = parseBesuNetwork({ chainId: 7, providers: testProviders(2) }, { allowFew: true });
  if (!few.ok) throw new Error(few.detail);
  const guide = planFiles(few.value).files.find(({ path }) => path === 'DEAA0/README.md');
  expect(guide?.text).toContain('2 validators bear no failure');
});
