import { DriverCertificate } from '@p2p-power/protocol/DriverCertificate';
import { keyId } from '@p2p-power/protocol/KeyId';
import { TrustListHead, trustContentHash } from '@p2p-power/protocol/TrustList';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ocpiLocationSchema } from '../locations/OcpiLocation.ts';
import { readLocations } from '../locations/readLocations.ts';
import { storePeerLocations } from '../locations/storePeerLocations.ts';
import { peerFetch } from '../peers/peerFetch.ts';
import { enterPoint, samplePoint, sampleTariff } from '../testing/samples.ts';
import { testKey, testNetworkId } from '../testing/testProvider.ts';
import { openTwoProviders, type TwoProviders } from '../testing/twoProviders.ts';
import { followPeers } from './followPeers.ts';
import { pollTrustList } from './pollPeer.ts';
import { publishTrustList } from './publishTrustList.ts';
import { readMembers, refreshMembers } from './refreshMembers.ts';

let world: TwoProviders;
let entered: Awaited<ReturnType<typeof enterPoint>>;
beforeAll(async () => {
  world = await openTwoProviders();
  entered = await enterPoint(world.b, { evseId: 'DE*BBB*EHOTEL1', access: 'guests of the hotel' });
});
afterAll(() => world.close());

const follow = async (...providers: readonly ('a' | 'b')[]) => {
  for (const name of providers) await followPeers(world[name].context, new AbortController().signal);
};
const revocationsOf = async (name: 'a' | 'b') =>
  JSON.parse((await world[name].call('GET', '/trust-list')).body.contentJson).revocations;
const here = '/points?latitude=52.526&longitude=13.403&energyWh=10000';

describe('each provider itself', () => {
  test('tells its keys, the members and where to sign in', async () => {
    await follow('a');
    const { body } = await world.a.call('GET', '/provider');
    expect(body).toMatchObject({
      providerId: 'DEAAA',
      name: 'Provider A',
      networkId: testNetworkId,
      keys: [{ publicKey: world.a.context.certificateSigner.publicKey, retiredAt: 0 }],
      courierKey: { publicKey: world.a.context.courierKey.publicKey },
      chain: null,
      currency: 'EUR',
      oidc: null,
    });
    expect(
      body.members.map(({ providerId, name }: { providerId: string; name: string }) => [providerId, name]),
    ).toEqual([
      ['DEAAA', 'Provider A'],
      ['DEBBB', 'Provider B'],
    ]);
  });
});

describe('points of a peer', () => {
  test('are on our map with price and link, at their provider', async () => {
    await follow('a');
    const { body } = await world.a.call('GET', here);
    expect(body.points).toMatchObject([
      {
        evseId: 'DEBBBEHOTEL1',
        providerId: 'DEBBB',
        operatorName: 'Bert',
        live: true,
        available: true,
        inNetwork: true,
        // 10 kWh at 0.39 € and 19 % VAT.
        priceMicro: 4_641_000,
      },
    ]);
    const full = (await world.a.call('GET', '/points/DEBBBEHOTEL1')).body;
    const own = (await world.b.call('GET', '/points/DEBBBEHOTEL1')).body;
    expect(full).toEqual(own);
    expect(full.linkUrl).toBe('ws://127.0.0.1:7410/link');
    expect(full.access).toBe('guests of the hotel');
  });

  test('follow a change of tariff, a new point and a revoked station', async () => {
    for (const name of ['a', 'b'] as const) world[name].clock.advance(300);
    await world.b.call('PUT', '/admin/points/DEBBBEHOTEL1/tariff', {
      as: 'staff',
      body: sampleTariff('DEBBB', 0.5),
    });
    await world.b.call('POST', '/admin/points', {
      as: 'staff',
      body: samplePoint(entered.operator.operatorId, { evseId: 'DEBBBEHOTEL2' }),
    });
    await follow('a');
    const { points } = (await world.a.call('GET', here)).body;
    expect(points).toMatchObject([
      { evseId: 'DEBBBEHOTEL1', priceMicro: 5_950_000 },
      { evseId: 'DEBBBEHOTEL2', live: false, tariffLines: [] },
    ]);
    await world.b.call('DELETE', '/admin/points/DEBBBEHOTEL1/station-certificates', { as: 'staff' });
    await follow('a');
    expect((await world.a.call('GET', '/points/DEBBBEHOTEL1')).body).toMatchObject({ live: false });
  });

  test('come in pages, each with the address of the next', async () => {
    const { operatorId } = entered.operator;
    for (let number = 10; number < 15; number++)
      await world.b.call('POST', '/admin/points', {
        as: 'staff',
        body: samplePoint(operatorId, { evseId: `DEBBBEPAGE${number}`, longitude: 13.5 }),
      });
    const seen: string[] = [];
    let path: string | undefined = '/peer/locations?limit=2';
    while (path !== undefined) {
      const response: Response = await peerFetch(world.a.context, 'DEBBB', path);
      expect(response.headers.get('x-total-count')).toBe('7');
      const { data } = (await response.json()) as { data: { id: string }[] };
      expect(data.length).toBeLessThanOrEqual(2);
      for (const location of data) {
        expect(ocpiLocationSchema.safeParse(location).error).toBeUndefined();
        seen.push(location.id);
      }
      path = /<https:\/\/b\.example([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
    }
    expect(new Set(seen).size).toBe(7);
    expect(seen).toHaveLength(7);
  });

  test('are shown to members only', async () => {
    expect(await world.b.call('GET', '/peer/locations')).toMatchObject({
      status: 401,
      body: { refusal: 'signature-missing' },
    });
  });

  test('of another party, or malformed, are refused one by one', async () => {
    const [good] = (await readLocations(world.b.context, { offset: 0, limit: 1 })).locations;
    if (good === undefined) throw new Error('no location');
    const stored = await storePeerLocations(
      world.a.context.db,
      'DEBBB',
      [
        { ...good, id: 'ours', party_id: 'AAA' },
        { ...good, id: 'somewhere', coordinates: { latitude: '52', longitude: '13' } },
        { ...good, id: 'zone', time_zone: 'Mars/Olympus' },
        null,
        { ...good, id: 'good', evses: [] },
      ],
      1,
    );
    expect(stored).toEqual({
      taken: 1,
      refused: [
        { id: 'ours', reason: 'location-of-another-party' },
        { id: 'somewhere', reason: 'malformed-location' },
        { id: 'zone', reason: 'unknown-time-zone' },
        { id: '', reason: 'malformed-location' },
      ],
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.anything(), { maxLength: 3 }), async (anything) => {
        const { taken, refused } = await storePeerLocations(world.a.context.db, 'DEBBB', anything, 1);
        expect(taken + refused.length).toBe(anything.length);
      }),
      { numRuns: 30 },
    );
  });
});

describe('revocations of a peer', () => {
  test('are in our trust list, and out again when the peer publishes them no more', async () => {
    const publicKey = testKey().signer.publicKey;
    const { body } = await world.b.call('POST', '/me/certificates', { as: 'cem', body: { publicKey } });
    const certificateId = DriverCertificate.id(testNetworkId, body.value);
    await world.b.call('DELETE', `/me/certificates/${certificateId}`, { as: 'cem' });
    await follow('a');
    expect(await revocationsOf('a')).toContainEqual({
      certificateId,
      providerId: 'DEBBB',
      revokedAt: world.b.clock.nowS(),
    });
    for (const name of ['a', 'b'] as const) world[name].clock.advance(400 * 86_400);
    await follow('a');
    expect(
      (await revocationsOf('a')).map((one: { certificateId: string }) => one.certificateId),
    ).not.toContain(certificateId);
  });

  test('that the peer says of another provider’s certificates do not count', async () => {
    const { context } = world.b;
    const certificateId = `0x${'aa'.repeat(32)}` as const;
    await context.db
      .insertInto('revocation')
      .values({ provider_id: 'DEAAA', certificate_id: certificateId, revoked_at: '1', expires_at: null })
      .execute();
    await follow('a');
    expect(
      (await revocationsOf('a')).map((one: { certificateId: string }) => one.certificateId),
    ).not.toContain(certificateId);
  });

  test('are not believed when not signed with the peer’s key, altered, or older than what we had', async () => {
    const { a, b } = world;
    const peer = (await readMembers(a.context)).find((member) => member.providerId === 'DEBBB');
    if (peer === undefined) throw new Error('no member B');
    const genuine = await publishTrustList(b.context);
    const poll = (list: unknown) =>
      pollTrustList({ ...a.context, fetch: () => Promise.resolve(new Response(JSON.stringify(list))) }, peer);
    expect(await poll(genuine)).toMatchObject({ ok: true });
    expect(await poll({ ...genuine, contentJson: '{"providers":[],"revocations":[]}' })).toMatchObject({
      refusal: 'content-mismatch',
    });
    const contentJson = '{"providers":[],"revocations":[]}';
    const stranger = testKey().signer;
    const head = {
      providerId: 'DEBBB',
      issuerKeyId: keyId(stranger.publicKey),
      issuedAt: b.clock.nowS() + 1,
      contentHash: trustContentHash(contentJson),
    };
    const forged = await TrustListHead.sign(testNetworkId, head, stranger);
    expect(await poll({ head: forged, contentJson })).toMatchObject({ refusal: 'wrong-issuer' });
    const claimed = { ...head, issuerKeyId: keyId(b.context.certificateSigner.publicKey) };
    const liar = await TrustListHead.sign(testNetworkId, claimed, stranger);
    expect(await poll({ head: liar, contentJson })).toMatchObject({ refusal: 'bad-signature' });
    const { certificateSigner } = b.context;
    const old = await TrustListHead.sign(testNetworkId, { ...claimed, issuedAt: 1 }, certificateSigner);
    expect(await poll({ head: old, contentJson })).toMatchObject({ refusal: 'older-than-known' });
  });
});

describe('when a peer cannot be reached', () => {
  test('what we had of it stays', async () => {
    await follow('a');
    const before = await world.a.call('GET', here);
    world.cut(true);
    await follow('a');
    world.cut(false);
    expect((await world.a.call('GET', here)).body).toEqual(before.body);
  });
});

describe('members', () => {
  test('come from the chain; who was removed stays with retired keys', async () => {
    const { a } = world;
    const key = testKey().signer.publicKey;
    const chain = (removedAt: number) =>
      ({
        members: () =>
          Promise.resolve([
            {
              providerId: 'DECCC',
              account: `0x${'cc'.repeat(20)}`,
              url: 'https://c.example/',
              removedAt,
              suspendedAt: removedAt,
              keys: [{ publicKey: key, addedAt: 5, retiredAt: 0 }],
            },
          ]),
      }) as never;
    await refreshMembers({ ...a.context, chain: chain(0) });
    const read = async () => (await readMembers(a.context)).find((member) => member.providerId === 'DECCC');
    expect(await read()).toEqual({
      providerId: 'DECCC',
      name: 'DECCC',
      url: 'https://c.example',
      keys: [{ publicKey: key, addedAt: 5, retiredAt: 0 }],
    });
    await refreshMembers({ ...a.context, chain: chain(99) });
    expect((await read())?.keys).toEqual([{ publicKey: key, addedAt: 5, retiredAt: 99 }]);
  });
});
