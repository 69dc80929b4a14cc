import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { environmentEntries, parseProviderConfig, readProviderConfig } from './ProviderConfig.ts';

const least = {
  providerId: 'DEAAA',
  name: 'Provider A',
  listen: { host: '127.0.0.1', port: 7400 },
  publicUrl: 'https://a.example/',
  dataDir: 'data',
  chain: { rpcUrl: 'http://127.0.0.1:8545', deploymentFile: 'deployment.json' },
  staffToken: 'sixteen characters',
};

test('the least configuration has the defaults of docs/provider.md', () => {
  expect(parseProviderConfig(least)).toMatchObject({
    ok: true,
    value: {
      publicUrl: 'https://a.example',
      currency: 'EUR',
      timeZone: 'Europe/Berlin',
      peers: [],
      databasePoolSize: 10,
      driverCertificate: {
        validityS: 28 * 86_400,
        maxEnergyWh: 100_000,
        maxAmountMicro: 100_000_000,
        mayDischarge: true,
      },
      stationCertificate: { validityS: 365 * 86_400 },
    },
  });
});

test.each([
  [{ providerId: 'Stadtwerke' }, 'providerId'],
  [{ staffToken: 'short' }, 'staffToken'],
  [{ listen: { host: '127.0.0.1', port: 70_000 } }, 'listen.port'],
  [{ oidc: { issuer: 'nowhere', clientId: 'app', audience: 'x' } }, 'oidc.issuer'],
  [{ colour: 'green' }, 'colour'],
  [{ chain: undefined }, 'chain'],
])('%j is refused, and the detail names the entry', (change, named) => {
  const parsed = parseProviderConfig({ ...least, ...change });
  expect(parsed).toMatchObject({ ok: false, refusal: 'config-malformed' });
  expect(!parsed.ok && parsed.detail).toContain(named);
});

test('the environment overrides single entries, whole groups too', () => {
  const parsed = parseProviderConfig(least, {
    P2P_POWER_PORT: '8080',
    P2P_POWER_DATABASE_URL: 'postgresql://db.example/p2p',
    P2P_POWER_OIDC_ISSUER: 'https://id.example',
    P2P_POWER_OIDC_CLIENT_ID: 'app',
    P2P_POWER_OIDC_AUDIENCE: 'https://a.example',
    P2P_POWER_NAME: '',
  });
  expect(parsed).toMatchObject({
    ok: true,
    value: {
      name: 'Provider A',
      listen: { host: '127.0.0.1', port: 8080 },
      databaseUrl: 'postgresql://db.example/p2p',
      oidc: { issuer: 'https://id.example', clientId: 'app', audience: 'https://a.example' },
    },
  });
  expect(new Set(environmentEntries.map(({ name }) => name)).size).toBe(environmentEntries.length);
});

test('the chain may be reached by several nodes: a list, or a text with commas', () => {
  const urls = ['http://127.0.0.1:8545', 'https://user:word@peer.example/rpc'];
  const read = (rpcUrl: unknown, environment = {}) => {
    const parsed = parseProviderConfig({ ...least, chain: { ...least.chain, rpcUrl } }, environment);
    return parsed.ok ? parsed.value.chain?.rpcUrl : parsed.detail;
  };
  expect(read(urls[0])).toEqual([urls[0]]);
  expect(read(urls)).toEqual(urls);
  expect(read(urls.join(', '))).toEqual(urls);
  expect(read('http://x.example', { P2P_POWER_CHAIN_RPC_URL: urls.join(',') })).toEqual(urls);
  for (const wrong of [[], '', 'nowhere', 'ftp://x.example', [urls[0], 'nowhere'], Array(9).fill(urls[0])])
    expect(read(wrong)).toContain('chain.rpcUrl');
});

test('a bank account is read as banks write it, and none is refused', () => {
  const base = { ...least, bankAccount: { name: 'Stadtwerke Köln', iban: 'de87 1234 5678 1234 5678 90' } };
  expect(parseProviderConfig(base)).toMatchObject({
    ok: true,
    value: { bankAccount: { name: 'Stadtwerke Koeln', iban: 'DE87123456781234567890' } },
  });
  const wrong = parseProviderConfig({ ...base, bankAccount: { name: 'X', iban: 'DE88123456781234567890' } });
  expect(wrong).toMatchObject({ ok: false, refusal: 'config-malformed' });
  expect(!wrong.ok && wrong.detail).toContain('bankAccount');
});

test('a file that is not there or no JSON is refused with its name', () => {
  const folder = mkdtempSync(join(tmpdir(), 'p2p-power-config-'));
  const file = join(folder, 'provider.json');
  expect(readProviderConfig(file, {})).toMatchObject({ ok: false, refusal: 'config-unreadable' });
  writeFileSync(file, '{');
  expect(readProviderConfig(file, {})).toMatchObject({ ok: false, refusal: 'config-unreadable' });
  writeFileSync(file, JSON.stringify(least));
  expect(readProviderConfig(file, {})).toMatchObject({ ok: true });
  rmSync(folder, { recursive: true });
});

test('nothing makes it throw', () => {
  fc.assert(
    fc.property(
      fc.anything(),
      fc.dictionary(fc.constantFrom(...environmentEntries.map(({ name }) => name)), fc.string()),
      (json, environment) => {
        parseProviderConfig(json, environment);
      },
    ),
  );
});
