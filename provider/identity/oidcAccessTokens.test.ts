import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openTestProvider } from '../testing/testProvider.ts';
import type { AccessTokens } from './AccessTokens.ts';
import { oidcAccessTokens } from './oidcAccessTokens.ts';

const issuer = 'https://identity.example';
const audience = 'https://a.example';
const now = 1_790_000_000;
type Keys = Awaited<ReturnType<typeof generateKeyPair>>;

let keys: Keys;
let strangers: Keys;
beforeAll(async () => {
  [keys, strangers] = await Promise.all([generateKeyPair('ES256'), generateKeyPair('ES256')]);
});

/** The identity provider as it answers over HTTP; `isDown` makes it unreachable. */
let isDown = false;
const asked: string[] = [];
const fetch = (async (input: Request | string | URL) => {
  const url = new Request(input).url;
  asked.push(url);
  if (isDown) throw new TypeError('fetch failed');
  if (url.endsWith('/.well-known/openid-configuration'))
    return Response.json({ issuer, jwks_uri: `${issuer}/jwks` });
  return Response.json({ keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'ES256' }] });
}) as typeof globalThis.fetch;

let tokens: AccessTokens;
beforeEach(() => {
  isDown = false;
  asked.length = 0;
  tokens = oidcAccessTokens({ issuer, audience }, { fetch, nowS: () => now });
});

const sign = (claims: JWTPayload, key = keys.privateKey) =>
  new SignJWT({ iss: issuer, aud: audience, sub: 'anna', exp: now + 60, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'one', typ: 'at+jwt' })
    .sign(key);

describe('an access token', () => {
  test('says whom it speaks for; metadata and keys are fetched once', async () => {
    const token = await sign({ name: 'Anna', email: 'anna@example.org', email_verified: true });
    const subject = { issuer, subject: 'anna', name: 'Anna', email: 'anna@example.org', emailVerified: true };
    expect(await tokens.check(token)).toEqual(subject);
    expect(await tokens.check(token)).toEqual(subject);
    expect(asked).toHaveLength(2);
    expect(await tokens.check(await sign({}))).toEqual({
      issuer,
      subject: 'anna',
      name: null,
      email: null,
      emailVerified: false,
    });
  });

  test.each([
    ['of another issuer', { iss: 'https://evil.example' }],
    ['for another server', { aud: 'https://b.example' }],
    ['that has run out', { exp: now - 31 }],
    ['without an end', { exp: undefined as never }],
    ['of nobody', { sub: undefined as never }],
    ['of later', { nbf: now + 600 }],
  ])('%s does not count', async (_words, claims) => {
    expect(await tokens.check(await sign(claims))).toBeUndefined();
  });

  test('signed with another key, or not at all, does not count', async () => {
    expect(await tokens.check(await sign({}, strangers.privateKey))).toBeUndefined();
    const [, payload] = (await sign({})).split('.');
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
    expect(await tokens.check(none)).toBeUndefined();
    expect(await tokens.check('abc')).toBeUndefined();
  });

  test('cannot be checked while the issuer is away, which is no refusal, and can when it is back', async () => {
    isDown = true;
    const token = await sign({});
    await expect(tokens.check(token)).rejects.toThrow();
    const provider = await openTestProvider({}, { tokens });
    expect(
      await provider.call('GET', '/me', { headers: { authorization: `Bearer ${token}` } }),
    ).toMatchObject({
      status: 503,
      body: { refusal: 'identity-provider-unreachable' },
    });
    isDown = false;
    expect(
      (await provider.call('GET', '/me', { headers: { authorization: `Bearer ${token}` } })).status,
    ).toBe(200);
    await provider.close();
  });
});
