import { DriverCertificate } from '@p2p-power/protocol/DriverCertificate';
import { parseEmaid } from '@p2p-power/protocol/Emaid';
import type { Hex } from '@p2p-power/protocol/Hex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestProvider, type TestProvider, testKey, testNetworkId } from '../testing/testProvider.ts';

let provider: TestProvider;
beforeAll(async () => {
  provider = await openTestProvider();
});
afterAll(() => provider.close());

const certify = (publicKey: unknown, as = 'anna') =>
  provider.call('POST', '/me/certificates', { as, body: { publicKey } });
const newKey = () => testKey().signer.publicKey;
const revocations = async (): Promise<{ certificateId: Hex; revokedAt: number }[]> =>
  JSON.parse((await provider.call('GET', '/trust-list')).body.contentJson).revocations;
const idOf = (certificate: Parameters<typeof DriverCertificate.id>[1]) =>
  DriverCertificate.id(testNetworkId, certificate);

describe('a driver', () => {
  test('is made at the first sign-in, once, under an id that says nothing', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => provider.call('GET', '/me', { as: 'anna' })));
    const ids = new Set(answers.map(({ body }) => body.driverId));
    expect(ids.size).toBe(1);
    expect(answers[0]?.body).toMatchObject({
      name: 'Anna',
      email: 'anna@example.org',
      certificates: [],
      operator: null,
    });
    expect([...ids][0]).toMatch(/^d[0-9a-f]{24}$/);
    const other = await provider.call('GET', '/me', { as: 'cem' });
    expect(ids.has(other.body.driverId)).toBe(false);
  });

  test('is asked to sign in', async () => {
    expect(await provider.call('GET', '/me')).toMatchObject({
      status: 401,
      body: { refusal: 'not-signed-in' },
    });
    const forged = await provider.call('GET', '/me', { headers: { authorization: 'Bearer 123' } });
    expect(forged).toMatchObject({ status: 401, body: { refusal: 'access-token-invalid' } });
    expect(forged.headers.get('www-authenticate')).toContain('invalid_token');
  });
});

describe('certificates', () => {
  test('are signed, of four weeks and with the caps of the configuration', async () => {
    const publicKey = newKey();
    const { status, body } = await certify(publicKey);
    expect(status).toBe(200);
    const now = provider.clock.nowS();
    expect(body.value).toMatchObject({
      providerId: 'DEAAA',
      publicKey,
      notAfter: now + 28 * 86_400,
      maxEnergyWh: 100_000,
      maxAmountMicro: 100_000_000,
    });
    expect(body.value.notBefore).toBeLessThanOrEqual(now);
    expect(parseEmaid(body.value.emaid.text)).toMatchObject({
      ok: true,
      value: { country: 'DE', party: 'AAA' },
    });
    const { certificateSigner, verifier } = provider.context;
    expect(await DriverCertificate.verify(testNetworkId, body, certificateSigner.publicKey, verifier)).toBe(
      true,
    );
  });

  test('the same key within the hour has the same one, also when asked twice at once; later a new contract id', async () => {
    const publicKey = newKey();
    const both = await Promise.all([certify(publicKey), certify(publicKey)]);
    expect(both[0]?.body).toEqual(both[1]?.body);
    provider.clock.advance(3_601);
    const renewed = (await certify(publicKey)).body;
    expect(renewed.value.emaid.text).not.toBe(both[0]?.body.value.emaid.text);
    expect(renewed.value.emaid.salt).not.toBe(both[0]?.body.value.emaid.salt);
    expect(renewed.value.notAfter).toBe(provider.clock.nowS() + 28 * 86_400);
  });

  test.each([
    [undefined, 400, 'invalid-request'],
    ['0x12', 400, 'invalid-request'],
    [`0x${'11'.repeat(64)}`, 422, 'not-a-public-key'],
  ])('%s is no key', async (publicKey, status, refusal) => {
    expect(await certify(publicKey)).toMatchObject({ status, body: { refusal } });
  });

  test('nobody has somebody else’s key certified', async () => {
    const publicKey = newKey();
    await certify(publicKey);
    expect(await certify(publicKey, 'cem')).toMatchObject({
      status: 409,
      body: { refusal: 'key-of-another' },
    });
  });

  test('taken back, one is published until it would have run out anyhow', async () => {
    const { body } = await certify(newKey());
    const id = idOf(body.value);
    const revoke = (as: string) => provider.call('DELETE', `/me/certificates/${id}`, { as });
    expect(await revoke('cem')).toMatchObject({ status: 404, body: { refusal: 'certificate-unknown' } });
    const revokedAt = provider.clock.nowS();
    expect((await revoke('anna')).status).toBe(204);
    provider.clock.advance(10);
    expect((await revoke('anna')).status).toBe(204);
    expect(await revocations()).toContainEqual({ certificateId: id, providerId: 'DEAAA', revokedAt });
    provider.clock.advance(28 * 86_400);
    expect((await revocations()).map((one) => one.certificateId)).not.toContain(id);
  });

  test('a revoked certificate’s key gets a new one', async () => {
    const publicKey = newKey();
    const first = (await certify(publicKey)).body;
    await provider.call('DELETE', `/me/certificates/${idOf(first.value)}`, { as: 'anna' });
    expect((await certify(publicKey)).body.value.emaid).not.toEqual(first.value.emaid);
  });

  test('a hundred in a day are enough', async () => {
    const { body } = await provider.call('GET', '/me', { as: 'greedy' });
    await provider.context.db
      .insertInto('driver_certificate')
      .values(
        Array.from({ length: 100 }, (_, number) => ({
          certificate_id: `0x${String(number).padStart(64, '0')}` as const,
          driver_id: body.driverId,
          emaid: `DEAAAC${String(number).padStart(9, '0')}`,
          public_key: `0x${String(number).padStart(128, '0')}` as const,
          not_before: '1',
          not_after: '2',
          issued_at: String(provider.clock.nowS() - 60),
          revoked_at: null,
          signed: '{}',
        })),
      )
      .execute();
    expect(await certify(newKey(), 'greedy')).toMatchObject({ body: { refusal: 'too-many-certificates' } });
    provider.clock.advance(86_400);
    expect((await certify(newKey(), 'greedy')).status).toBe(200);
  });

  test('a closed account has none in force, gets none, and may only read', async () => {
    const { body } = await certify(newKey(), 'dora');
    const { drivers } = (await provider.call('GET', '/admin/drivers?email=dora@example.org', { as: 'staff' }))
      .body;
    expect(drivers).toMatchObject([{ name: 'Dora', certificatesInForce: 1, closedAt: null }]);
    const close = () => provider.call('POST', `/admin/drivers/${drivers[0].driverId}/close`, { as: 'staff' });
    expect((await close()).body).toEqual({ revoked: 1 });
    expect((await close()).body).toEqual({ revoked: 0 });
    expect((await revocations()).map((one) => one.certificateId)).toContain(idOf(body.value));
    expect(await certify(newKey(), 'dora')).toMatchObject({
      status: 403,
      body: { refusal: 'account-closed' },
    });
    expect(await provider.call('POST', '/admin/drivers/nobody/close', { as: 'staff' })).toMatchObject({
      status: 404,
    });
  });
});

describe('operators', () => {
  const add = (body: unknown) => provider.call('POST', '/admin/operators', { as: 'staff', body });

  test('without an account one is made and its key kept sealed; with one it is theirs', async () => {
    const bert = (await add({ name: 'Bert', email: 'bert@example.org' })).body;
    expect(bert).toMatchObject({ account: expect.stringMatching(/^0x[0-9a-f]{40}$/), accountKept: true });
    const kept = await provider.context.db
      .selectFrom('account_key')
      .selectAll()
      .where('account', '=', bert.account)
      .executeTakeFirstOrThrow();
    expect(kept.sealed_key).toMatch(/^1\./);
    const account = `0x${'Ab'.repeat(20)}`;
    const carla = (await add({ name: 'Carla', email: 'carla@example.org', account })).body;
    expect(carla).toMatchObject({ account: account.toLowerCase(), accountKept: false });
    expect((await add({ name: 'Bert', email: 'BERT@example.org' })).body).toEqual(bert);
  });

  test.each([
    [{ name: 'Robert', email: 'bert@example.org' }, 409, 'operator-known'],
    [{ name: 'Eve', email: 'eve@example.org', account: `0x${'ab'.repeat(20)}` }, 409, 'account-taken'],
    [{ name: '', email: 'x@example.org' }, 400, 'invalid-request'],
    [{ name: 'X', email: 'nowhere' }, 400, 'invalid-request'],
  ])('%j is refused', async (body, status, refusal) => {
    expect(await add(body)).toMatchObject({ status, body: { refusal } });
  });

  test('whose address the identity provider does not vouch for is no operator', async () => {
    const unverified = await openTestProvider(
      {},
      {
        tokens: {
          check: () =>
            Promise.resolve({
              issuer: 'https://identity.example',
              subject: 'impostor',
              name: null,
              email: 'bert@example.org',
              emailVerified: false,
            }),
        },
      },
    );
    try {
      await unverified.call('POST', '/admin/operators', {
        as: 'staff',
        body: { name: 'Bert', email: 'bert@example.org' },
      });
      expect(await unverified.call('GET', '/operator/points', { as: 'x' })).toMatchObject({
        status: 403,
        body: { refusal: 'not-an-operator' },
      });
    } finally {
      await unverified.close();
    }
  });
});
