import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publicKeyFromSpki } from '@p2p-power/protocol/nodeCryptoSigner';
import * as oidc from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { providerClient } from './client/ProviderClient.ts';
import { type RunningProvider, runProvider } from './runProvider.ts';
import { discover, signIn } from './testing/signIn.ts';
import { createTestDatabase } from './testing/testDatabase.ts';
import { testConfig, testStaffToken } from './testing/testProvider.ts';

let folder: string;
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let running: RunningProvider;

const configOf = () =>
  testConfig({
    dataDir: folder,
    databaseUrl: database.url,
    // So few that the background jobs, each of which holds one, would leave none for requests if they took of these.
    databasePoolSize: 2,
    listen: { host: '127.0.0.1', port: 0 },
    publicUrl: 'http://127.0.0.1:0',
  });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'p2p-power-provider-'));
  database = await createTestDatabase();
  running = await runProvider(configOf());
});
afterAll(async () => {
  await running.close();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

const anna = { email: 'anna@example.com', password: 'demo' };
const signInOf = (person: { email: string; password: string }, scope?: string) => {
  const { oidc: settings } = running.provider.context.config;
  if (settings === undefined) throw new Error('no identity provider');
  return signIn({ ...settings, ...person, redirectUri: `${running.url}/`, ...(scope && { scope }) });
};

function newPublicKey() {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return publicKeyFromSpki(new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })));
}

test('requests are answered while all background jobs begin', async () => {
  const began = Date.now();
  expect((await fetch(`${running.url}/provider`)).status).toBe(200);
  // A pool whose connections the jobs hold makes whoever asks wait for 10 s.
  expect(Date.now() - began).toBeLessThan(9_000);
});

describe('signing in over HTTP', () => {
  test('a driver signs in, is known from then on, and has a key certified', async () => {
    const tokens = await signInOf(anna);
    const client = providerClient({ baseUrl: running.url, token: () => tokens.access_token });
    const me = await client.me();
    expect(me).toMatchObject({
      ok: true,
      value: { name: 'Anna', email: 'anna@example.com', certificates: [] },
    });
    const publicKey = newPublicKey();
    const certificate = await client.requestCertificate(publicKey);
    expect(certificate).toMatchObject({ ok: true, value: { value: { providerId: 'DEAAA', publicKey } } });
    expect(tokens.claims()).toMatchObject({ name: 'Anna' });
  });

  test('a session is refreshed with its refresh token, and each of those is good for once', async () => {
    const tokens = await signInOf(anna, 'openid profile email offline_access');
    const settings = await discover(running.provider.context.config.oidc as never);
    const first = tokens.refresh_token as string;
    const refreshed = await oidc.refreshTokenGrant(settings, first);
    const client = providerClient({ baseUrl: running.url, token: () => refreshed.access_token });
    expect((await client.me()).ok).toBe(true);
    await expect(oidc.refreshTokenGrant(settings, first)).rejects.toThrow();
  });

  test('a wrong password, a stranger and a foreign token do not get in', async () => {
    await expect(signInOf({ ...anna, password: 'guess' })).rejects.toThrow(/do not go together/);
    await expect(signInOf({ email: 'eve@example.com', password: 'demo' })).rejects.toThrow(
      /do not go together/,
    );
    const tokens = await signInOf(anna);
    const { access_token } = tokens;
    const asked = async (token: string) => providerClient({ baseUrl: running.url, token: () => token }).me();
    expect(await asked('abc')).toMatchObject({ ok: false, refusal: 'access-token-invalid' });
    expect(await asked(tokens.id_token as string)).toMatchObject({
      ok: false,
      refusal: 'access-token-invalid',
    });
    expect(await asked(`${access_token.slice(0, -4)}AAAA`)).toMatchObject({
      refusal: 'access-token-invalid',
    });
    expect(await providerClient({ baseUrl: running.url }).me()).toMatchObject({ refusal: 'not-signed-in' });
  });

  test('an operator is who signs in with the address that the staff entered', async () => {
    const staff = providerClient({ baseUrl: running.url, token: () => testStaffToken });
    const entered = await staff.addOperator({ name: 'Bert', email: 'Bert@example.com' });
    const { access_token } = await signInOf({ email: 'bert@example.com', password: 'demo' });
    const bert = providerClient({ baseUrl: running.url, token: () => access_token });
    expect(await bert.operatorPoints()).toEqual({ ok: true, value: { points: [] } });
    const me = await bert.me();
    expect(me.ok && me.value.operator?.operatorId).toBe(entered.ok && entered.value.operatorId);
    const { access_token: annas } = await signInOf(anna);
    const other = providerClient({ baseUrl: running.url, token: () => annas });
    expect(await other.operatorPoints()).toMatchObject({ ok: false, refusal: 'not-an-operator' });
  });
});

describe('starting and stopping', () => {
  test('what was signed in and certified is there after a restart', async () => {
    const tokens = await signInOf(anna, 'openid profile email offline_access');
    const settings = running.provider.context.config.oidc;
    const { port } = new URL(running.url);
    const identityPort = Number(new URL(settings?.issuer ?? '').port);
    await running.close();
    running = await runProvider({
      ...configOf(),
      listen: { host: '127.0.0.1', port: Number(port) },
      publicUrl: `http://127.0.0.1:${port}`,
      developmentIdentity: { host: '127.0.0.1', port: identityPort, redirectUris: [], password: 'demo' },
    });
    const again = providerClient({ baseUrl: running.url, token: () => tokens.access_token });
    const me = await again.me();
    expect(me.ok && me.value.certificates.length).toBe(1);
    const refreshed = await oidc.refreshTokenGrant(
      await discover(settings as never),
      tokens.refresh_token as string,
    );
    expect(refreshed.access_token).toBeTruthy();
  });

  test('two processes share one database', async () => {
    const second = await runProvider({ ...configOf(), oidc: running.provider.context.config.oidc });
    try {
      const { access_token } = await signInOf(anna);
      const token = () => access_token;
      // The second one has the same drivers; its own address is no audience of the token, the configured one is.
      const [here, there] = await Promise.all([
        providerClient({ baseUrl: running.url, token }).me(),
        providerClient({ baseUrl: second.url, token }).me(),
      ]);
      expect(here).toEqual(there);
      expect(here.ok).toBe(true);
    } finally {
      await second.close();
    }
  });

  test('a port in use is said in words, and nothing stays behind', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    await expect(runProvider({ ...configOf(), listen: { host: '127.0.0.1', port } })).rejects.toThrow(
      `port ${port} on 127.0.0.1 is in use by another program`,
    );
    await expect(
      runProvider({
        ...configOf(),
        developmentIdentity: { host: '127.0.0.1', port, redirectUris: [], password: 'demo' },
      }),
    ).rejects.toThrow(`port ${port} on 127.0.0.1 is in use by another program`);
    taken.close();
  });

  test('a deployment file that is not there is said in words', async () => {
    const chain = { rpcUrl: ['http://127.0.0.1:1'], deploymentFile: join(folder, 'missing.json') };
    await expect(runProvider({ ...configOf(), chain })).rejects.toThrow(/missing\.json cannot be read/);
  });
});
