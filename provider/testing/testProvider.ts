import * as crypto from 'node:crypto';
import { createHash } from 'node:crypto';
import type { Hex } from '@p2p-power/protocol/Hex';
import { keyId } from '@p2p-power/protocol/KeyId';
import { nodeCryptoSigner, publicKeyFromSpki } from '@p2p-power/protocol/nodeCryptoSigner';
import type { Signer } from '@p2p-power/protocol/Signer';
import { pino } from 'pino';
import type { AccessTokens, TokenSubject } from '../identity/AccessTokens.ts';
import type { CourierKey } from '../keys/CourierKey.ts';
import { openProvider, type Provider, type ProviderPorts } from '../openProvider.ts';
import { type ProviderConfig, type ProviderConfigInput, providerConfigSchema } from '../ProviderConfig.ts';
import type { Clock, Random } from '../ProviderContext.ts';
import { openTestDatabase, type TestDatabase } from './testDatabase.ts';

export const testNetworkId: Hex = `0x${'5e'.repeat(32)}`;
export const testStaffToken = 'staff-token-of-the-tests';

/** A clock under the test's hand, in epoch seconds. */
export function testClock(startS = 1_790_000_000): Clock & { advance(seconds: number): void } {
  let nowS = startS;
  return {
    nowS: () => nowS,
    advance: (seconds) => {
      nowS += seconds;
    },
  };
}

/** Bytes that are the same in every run: SHA-256 of a seed and a counter. */
export function testRandom(seed: string): Random {
  let counter = 0;
  return {
    bytes(count) {
      const bytes = new Uint8Array(count);
      for (let at = 0; at < count; at += 32)
        bytes.set(
          createHash('sha256')
            .update(`${seed} ${counter++}`)
            .digest()
            .subarray(0, count - at),
          at,
        );
      return bytes;
    },
  };
}

/** A P-256 key pair: as a signer, and as the scalar. */
export function testKey(): { signer: Signer; privateKey: Uint8Array } {
  const pair = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicKey = publicKeyFromSpki(new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' })));
  const scalar = Buffer.from(pair.privateKey.export({ format: 'jwk' }).d as string, 'base64url');
  return { signer: nodeCryptoSigner(crypto, pair.privateKey, publicKey), privateKey: new Uint8Array(scalar) };
}

export function testCourierKey(): CourierKey {
  const { signer, privateKey } = testKey();
  return { publicKey: signer.publicKey, keyId: keyId(signer.publicKey), privateKey };
}

/** Access tokens that are the subject's name: `Bearer anna` is Anna, with the address anna@example.org. */
export const testTokens: AccessTokens = {
  check: (token) =>
    Promise.resolve(
      /^[a-z-]+$/.test(token)
        ? ({
            issuer: 'https://identity.example',
            subject: token,
            name: token.charAt(0).toUpperCase() + token.slice(1),
            email: `${token}@example.org`,
            emailVerified: true,
          } satisfies TokenSubject)
        : undefined,
    ),
};

export interface TestProvider extends Provider {
  readonly database: TestDatabase;
  readonly clock: ReturnType<typeof testClock>;
  /** A request with JSON; `as` is a driver's or operator's name, or `staff`. */
  call(
    method: string,
    path: string,
    options?: { readonly as?: string; readonly body?: unknown; readonly headers?: Record<string, string> },
    // biome-ignore lint/suspicious/noExplicitAny: answers of all shapes, checked by the test
  ): Promise<{ readonly status: number; readonly body: any; readonly headers: Headers }>;
}

export function testConfig(config: Partial<ProviderConfigInput> = {}): ProviderConfig {
  return providerConfigSchema.parse({
    providerId: 'DEAAA',
    name: 'Provider A',
    listen: { host: '127.0.0.1', port: 0 },
    publicUrl: 'https://a.example',
    dataDir: '/nonexistent',
    networkId: testNetworkId,
    staffToken: testStaffToken,
    logLevel: 'silent',
    ...config,
  });
}

/** A provider on a fresh database, or the one given, with its own keys, a clock under the test's hand and {@link testTokens}. */
export async function openTestProvider(
  config: Partial<ProviderConfigInput> = {},
  ports: ProviderPorts = {},
  given?: TestDatabase,
): Promise<TestProvider> {
  const database = given ?? (await openTestDatabase());
  const clock = testClock();
  const provider = await openProvider(testConfig(config), {
    db: database.db,
    clock,
    random: testRandom(config.providerId ?? 'DEAAA'),
    log: pino({ level: process.env.TEST_LOG_LEVEL ?? 'silent' }),
    certificateSigner: testKey().signer,
    courierKey: testCourierKey(),
    sealingKey: new Uint8Array(32).fill(7),
    tokens: testTokens,
    ...ports,
  });
  return {
    ...provider,
    database,
    clock,
    async call(method, path, { as, body, headers = {} } = {}) {
      const response = await provider.app.fetch(
        new Request(`${provider.context.config.publicUrl}${path}`, {
          method,
          headers: {
            ...(as !== undefined && { authorization: `Bearer ${as === 'staff' ? testStaffToken : as}` }),
            ...(body !== undefined && { 'content-type': 'application/json' }),
            ...headers,
          },
          ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        }),
      );
      const text = await response.text();
      const isJson = (response.headers.get('content-type') ?? '').includes('json');
      return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers };
    },
    async close() {
      await provider.close();
      await database.close();
    },
  };
}
