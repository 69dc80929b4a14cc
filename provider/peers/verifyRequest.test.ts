import * as crypto from 'node:crypto';
import { keyId } from '@p2p-power/protocol/KeyId';
import { nodeCryptoVerifier } from '@p2p-power/protocol/nodeCryptoSigner';
import { nativeKey } from '@p2p-power/protocol/testing/nativeKey';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contentDigest, type SignedRequest, signRequest } from './signRequest.ts';
import { requestWindowS, verifyRequest } from './verifyRequest.ts';

const now = 1_790_000_000;
const url = 'https://a.example/peer/evidence?page=2';
const body = '{"evidence":[]}';

const peer = nativeKey();
const stranger = nativeKey();

function trust(options: { now?: number; nonces?: Set<string> } = {}) {
  const nonces = options.nonces ?? new Set();
  return {
    keyOf: async (id: string) =>
      id === keyId(peer.publicKey) ? { providerId: 'DEBBB', publicKey: peer.publicKey } : undefined,
    verifier: nodeCryptoVerifier(crypto),
    now: options.now ?? now,
    useNonce: async (providerId: string, nonce: string) => {
      const fresh = !nonces.has(providerId + nonce);
      nonces.add(providerId + nonce);
      return fresh;
    },
  };
}

function received(signed: SignedRequest) {
  return { method: signed.method, headers: new Headers(signed.headers), body: Buffer.from(signed.body) };
}

const judge = async (signed: SignedRequest, options: Parameters<typeof trust>[0] = {}, uri = url) => {
  const result = await verifyRequest(received(signed), [uri], trust(options));
  return result.ok ? result.value.providerId : result.refusal;
};

test('a request signed by a member is taken, also one without a body', async () => {
  expect(await judge(await signRequest({ url, method: 'post', body }, peer, now))).toBe('DEBBB');
  expect(await judge(await signRequest({ url, method: 'GET' }, peer, now))).toBe('DEBBB');
});

test('is verified under any of several addresses', async () => {
  const signed = await signRequest({ url, method: 'POST', body }, peer, now);
  const uris = ['http://127.0.0.1:8080/peer/evidence?page=2', url];
  expect((await verifyRequest(received(signed), uris, trust())).ok).toBe(true);
});

test('each way to be wrong has its name', async () => {
  const signed = await signRequest({ url, method: 'POST', body }, peer, now);
  const without = (name: string) => {
    const { [name]: _, ...headers } = signed.headers;
    return { ...signed, headers };
  };
  const names = Object.keys(signed.headers);
  const nameOf = (lower: string) => names.find((name) => name.toLowerCase() === lower) as string;
  expect(await judge(without(nameOf('signature')))).toBe('signature-missing');
  expect(await judge(without(nameOf('signature-input')))).toBe('signature-missing');
  expect(await judge(without('content-digest'))).toBe('signature-missing');
  expect(
    await judge({
      ...signed,
      headers: { ...signed.headers, [nameOf('signature-input')]: 'sig=("@method")' },
    }),
  ).toBe('signature-malformed');
  expect(await judge(await signRequest({ url, method: 'POST', body }, stranger, now))).toBe(
    'signature-key-unknown',
  );
  expect(await judge(signed, { now: now + requestWindowS })).toBe('DEBBB');
  expect(await judge(signed, { now: now + requestWindowS + 1 })).toBe('signature-out-of-window');
  expect(await judge(signed, { now: now - requestWindowS - 1 })).toBe('signature-out-of-window');
  expect(await judge({ ...signed, body: '{"evidence":[1]}' })).toBe('content-digest-mismatch');
  expect(await judge({ ...signed, method: 'PUT' })).toBe('signature-invalid');
  expect(await judge(signed, {}, 'https://a.example/peer/batches')).toBe('signature-invalid');
  const other = '{"evidence":[1]}';
  expect(
    await judge({
      ...signed,
      body: other,
      headers: { ...signed.headers, 'content-digest': contentDigest(other) },
    }),
  ).toBe('signature-invalid');
});

test('the key of another under the name of a member is no signature of the member', async () => {
  const forged = await signRequest(
    { url, method: 'POST', body },
    { publicKey: peer.publicKey, sign: (bytes) => stranger.sign(bytes) },
    now,
  );
  expect(await judge(forged)).toBe('signature-invalid');
});

test('the same request again is refused, a new one with the same content is not', async () => {
  const nonces = new Set<string>();
  const signed = await signRequest({ url, method: 'POST', body }, peer, now);
  expect(await judge(signed, { nonces })).toBe('DEBBB');
  expect(await judge(signed, { nonces })).toBe('request-replayed');
  expect(await judge(await signRequest({ url, method: 'POST', body }, peer, now), { nonces })).toBe('DEBBB');
});

test('a request that is refused does not use up its nonce', async () => {
  const nonces = new Set<string>();
  const signed = await signRequest({ url, method: 'POST', body }, peer, now);
  expect(await judge({ ...signed, method: 'PUT' }, { nonces })).toBe('signature-invalid');
  expect(await judge(signed, { nonces })).toBe('DEBBB');
});

test('no header makes the check throw, and none but the signed ones are taken', async () => {
  const signed = await signRequest({ url, method: 'POST', body }, peer, now);
  const header = fc.string({
    unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.keys(signed.headers).filter((name) => name !== 'content-type')),
      header,
      async (name, text) => {
        fc.pre(text.trim() !== (signed.headers[name] as string).trim());
        expect(await judge({ ...signed, headers: { ...signed.headers, [name]: text } })).not.toBe('DEBBB');
      },
    ),
    { numRuns: 300 },
  );
});
