import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type DevelopmentIdentity,
  startDevelopmentIdentity,
} from '@p2p-power/provider/identity/DevelopmentIdentity';
import { openTestDatabase, type TestDatabase } from '@p2p-power/provider/testing/testDatabase';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { memoryStore, type Store } from '../store/Store.ts';
import {
  type AccountSession,
  beginSignIn,
  dropSession,
  finishSignIn,
  freshSession,
  isSignInReturn,
  keptSession,
  type SignInIssuer,
} from './SignIn.ts';

/** At the development identity provider itself, on a real database; what a browser would do is done by hand. */
const audience = 'http://127.0.0.1:1';
const redirectUri = `${audience}/`;
const nowS = () => Math.floor(Date.now() / 1000);

let folder: string;
let database: TestDatabase;
let identity: DevelopmentIdentity;
let issuer: SignInIssuer;
let store: Store;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'p2p-power-sign-in-'));
  database = await openTestDatabase();
  identity = await startDevelopmentIdentity(
    {
      host: '127.0.0.1',
      port: 0,
      providerName: 'Stadtwerke Alster',
      audience,
      redirectUris: [],
      people: [{ name: 'Anna', email: 'anna@example.com' }],
      password: 'demo',
      keyFolder: folder,
    },
    { db: database.db, nowS, log: pino({ level: 'silent' }) },
  );
  issuer = { issuer: identity.issuer, clientId: identity.clientId, audience };
});
afterAll(async () => {
  await identity?.close();
  await database?.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  store = memoryStore();
});

/** Goes where a browser would be sent and fills in the form; answers the address of the return. */
async function fillIn(address: string): Promise<string> {
  const cookies = new Map<string, string>();
  let next: { url: string; body?: URLSearchParams } = { url: address };
  for (let step = 0; step < 10; step += 1) {
    const response = await fetch(next.url, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(next.body !== undefined && { method: 'POST', body: next.body }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location !== null) {
      const url = new URL(location, next.url).href;
      if (url.startsWith(redirectUri)) return url;
      next = { url };
      continue;
    }
    const action = /action="([^"]+)"/.exec(await response.text())?.[1];
    if (action === undefined) throw new Error(`no form, and no way on: ${response.status}`);
    const body = new URLSearchParams({ email: 'anna@example.com', password: 'demo' });
    next = { url: new URL(action, next.url).href, body };
  }
  throw new Error('sent in circles');
}

async function begin(): Promise<string> {
  const address = await beginSignIn(store, issuer, redirectUri);
  if (!address.ok) throw new Error(address.detail);
  return address.value;
}

async function signIn(): Promise<AccountSession> {
  const finished = await finishSignIn(store, await fillIn(await begin()), nowS());
  if (!finished.ok) throw new Error(`${finished.refusal}: ${finished.detail}`);
  return finished.value;
}

const after = (session: AccountSession) => session.expiresAt + 1;

describe('a sign-in', () => {
  test('ends with a session of who signed in, which outlives the page', async () => {
    const session = await signIn();
    expect(session).toMatchObject({ name: 'Anna', subject: expect.stringMatching(/^[0-9a-f]{24}$/) });
    expect(session.expiresAt - nowS()).toBeGreaterThan(3_500);
    expect(await keptSession(store)).toEqual(session);
    await dropSession(store);
    expect(await keptSession(store)).toBeUndefined();
  });

  test('sends a challenge, never its secret, and each time other ones', async () => {
    const [one, other] = [new URL(await begin()).searchParams, new URL(await begin()).searchParams];
    expect(Object.fromEntries(one)).toMatchObject({ code_challenge_method: 'S256', resource: audience });
    const pending = (await store.get('account/sign-in')) as { codeVerifier: string; state: string };
    expect(other.get('state')).toBe(pending.state);
    expect(other.toString()).not.toContain(pending.codeVerifier);
    for (const name of ['state', 'nonce', 'code_challenge']) expect(one.get(name)).not.toBe(other.get(name));
  });

  test('is finished once: the return cannot be used again, nor where none was begun', async () => {
    const address = await fillIn(await begin());
    expect(isSignInReturn(address)).toBe(true);
    expect(await finishSignIn(memoryStore(), address, nowS())).toMatchObject({ refusal: 'sign-in-failed' });
    expect(await finishSignIn(store, address, nowS())).toMatchObject({ ok: true });
    expect(await finishSignIn(store, address, nowS())).toMatchObject({ refusal: 'sign-in-failed' });
  });

  test('that somebody else began is not taken', async () => {
    const forged = new URL(await fillIn(await begin()));
    forged.searchParams.set('state', 'another');
    expect(await finishSignIn(store, forged.href, nowS())).toMatchObject({ refusal: 'sign-in-failed' });
    expect(await keptSession(store)).toBeUndefined();
  });

  test('that was broken off is told as such', async () => {
    const state = new URL(await begin()).searchParams.get('state') ?? '';
    const back = new URL(redirectUri);
    for (const [name, value] of Object.entries({ error: 'access_denied', state, iss: issuer.issuer }))
      back.searchParams.set(name, value);
    expect(await finishSignIn(store, back.href, nowS())).toMatchObject({ refusal: 'sign-in-refused' });
  });

  test('cannot begin where the issuer is away', async () => {
    const away = { ...issuer, issuer: 'http://127.0.0.1:9' };
    expect(await beginSignIn(store, away, redirectUri)).toMatchObject({ refusal: 'sign-in-unreachable' });
  });

  test('has not returned at an ordinary address', () => {
    for (const address of [redirectUri, `${redirectUri}?code=1`, `${redirectUri}?state=1`])
      expect(isSignInReturn(address)).toBe(false);
  });
});

describe('a session', () => {
  test('is used as it is while it holds, without asking anybody', async () => {
    const session = await signIn();
    const away = { ...issuer, issuer: 'http://127.0.0.1:9' };
    expect(await freshSession(store, session, away, session.expiresAt - 31)).toEqual({
      ok: true,
      value: session,
    });
  });

  test('is renewed when it runs out, and the new one is kept', async () => {
    const session = await signIn();
    const fresh = await freshSession(store, session, issuer, after(session));
    if (!fresh.ok) throw new Error(fresh.detail);
    expect(fresh.value).toMatchObject({ name: 'Anna', subject: session.subject });
    expect(fresh.value.accessToken).not.toBe(session.accessToken);
    expect(fresh.value.refreshToken).not.toBe(session.refreshToken);
    expect(fresh.value.expiresAt).toBeGreaterThan(after(session));
    expect(await keptSession(store)).toEqual(fresh.value);
  });

  test('whose refresh token was used before is over, and forgotten', async () => {
    const session = await signIn();
    expect(await freshSession(store, session, issuer, after(session))).toMatchObject({ ok: true });
    expect(await freshSession(store, session, issuer, after(session))).toMatchObject({
      refusal: 'not-signed-in',
    });
    expect(await keptSession(store)).toBeUndefined();
  });

  test('without a refresh token ends with its access token', async () => {
    const { refreshToken: _, ...session } = await signIn();
    expect(await freshSession(store, session, issuer, after(session))).toMatchObject({
      refusal: 'not-signed-in',
    });
  });

  test('is not lost because the issuer is away', async () => {
    const session = await signIn();
    const away = { ...issuer, issuer: 'http://127.0.0.1:9' };
    expect(await freshSession(store, session, away, after(session))).toMatchObject({
      refusal: 'sign-in-unreachable',
    });
    expect(await keptSession(store)).toEqual(session);
  });
});
