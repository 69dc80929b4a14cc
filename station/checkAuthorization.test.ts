import { readFileSync } from 'node:fs';
import type { DriverCertificate } from '@p2p-power/protocol/DriverCertificate';
import type { LinkRequest } from '@p2p-power/protocol/LocalLink';
import { linkParseRefusals } from '@p2p-power/protocol/parseLinkMessage';
import {
  bytes32,
  dawn,
  day,
  makeDriver,
  makeProvider,
  type TestDriver,
  testKey,
} from '@p2p-power/protocol/testing/world';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AuthorizationRefusal, authorizationRefusals, linkRefusals } from './AuthorizationRefusal.ts';
import { refusalWords } from './refusalWords.ts';
import { makeStationWorld, type StationWorld, signTrustList, trusted } from './testing/stationWorld.ts';

type Authorize = LinkRequest & { type: 'authorize' };

/** How each refusal comes about. The request is genuine but for that. */
const ways: Readonly<Record<AuthorizationRefusal, (world: StationWorld) => Promise<Authorize>>> = {
  async 'authorization-replayed'(world) {
    const request = await world.authorization();
    await world.ask(request);
    await world.run(5);
    world.point.act('unplug');
    await world.run(1);
    return request;
  },
  'unknown-provider': async (world) => world.authorization({}, await makeDriver(makeProvider('DECCC'))),
  'unknown-issuer-key': async (world) =>
    world.authorization({}, await makeDriver(makeProvider('DEAAA', testKey('another key of DEAAA')))),
  async 'bad-certificate-signature'(world) {
    const { issuerKeyId } = world.driverProvider;
    const forger = { providerId: 'DEAAA', key: testKey('forger'), issuerKeyId };
    return world.authorization({}, await makeDriver(forger));
  },
  'certificate-not-yet-valid': (world) => withCertificate(world, { notBefore: dawn + day }),
  'certificate-expired': (world) => withCertificate(world, { notAfter: dawn - 1 }),
  async 'certificate-revoked'(world) {
    const { certificateId } = world.driver;
    const revocation = { certificateId, providerId: 'DEAAA', revokedAt: dawn - 10 };
    const providers = [trusted(world.driverProvider), trusted(world.ownProvider)];
    const list = { providers, revocations: [revocation] };
    await world.station().takeTrustList(await signTrustList(world.ownProvider, dawn - 5, list));
    return world.authorization();
  },
  async 'trust-list-too-old'(world) {
    world.clock.advanceMs(61 * day * 1000);
    const validity = { notBefore: dawn, notAfter: dawn + 90 * day };
    return withCertificate(world, validity);
  },
  'emaid-mismatch': (world) =>
    withCertificate(world, { emaid: { salt: bytes32('salt'), text: 'DE8AA0012345670' } }),
  async 'certificate-mismatch'(world) {
    const other = await makeDriver(world.driverProvider, 'Ben');
    const request = await world.authorization();
    return { ...request, driverCertificate: other.certificate };
  },
  'wrong-station': (world) => world.authorization({ stationCertificateId: bytes32('another station') }),
  'offer-unknown': (world) => world.authorization({ offerId: bytes32('an offer of somebody else') }),
  async 'offer-expired'(world) {
    const conditions = await world.hello();
    world.clock.advanceMs(600_000);
    return world.authorization({}, undefined, conditions);
  },
  async 'bad-authorization-signature'(world) {
    const request = await world.authorization();
    const { authorization } = await world.authorization();
    return { ...request, authorization: { ...request.authorization, signature: authorization.signature } };
  },
  'clock-skew': (world) => world.authorization({ signedAt: world.clock.nowS() - 121 }),
  'zero-bounds': (world) => world.authorization({ maxEnergyWh: 0 }),
  'bounds-above-certificate': (world) => world.authorization({ maxAmountMicro: 80_000_001 }),
  'bounds-below-price': (world) => world.authorization({ maxAmountMicro: 99_999 }),
  'leave-time-past': (world) => world.authorization({ leaveAt: world.clock.nowS() }),
  'discharge-not-available': (world) => world.authorization({ mayDischarge: true }),
  async 'session-running'(world) {
    await world.start();
    return world.authorization();
  },
  'station-out-of-order'(world) {
    world.point.act('fault');
    return world.authorization();
  },
  'journal-full': (world) => world.authorization(),
};

async function withCertificate(world: StationWorld, changes: Partial<DriverCertificate>): Promise<Authorize> {
  const driver: TestDriver = await makeDriver(world.driverProvider, 'Anna', changes);
  return world.authorization({}, driver);
}

const tariffWithFee = {
  countryCode: 'DE',
  partyId: 'BBB',
  id: 'fee',
  currency: 'EUR',
  elements: [
    {
      priceComponents: [
        { type: 'ENERGY' as const, priceMicro: 390_000, stepSize: 1 },
        { type: 'FLAT' as const, priceMicro: 100_000, stepSize: 1 },
      ],
    },
  ],
  lastUpdatedAt: dawn,
};

const makeWorld = (refusal: AuthorizationRefusal) =>
  makeStationWorld({
    tariff: tariffWithFee,
    options: refusal === 'journal-full' ? { maxJournalBytes: -1 } : {},
  });

describe('an authorization is refused by name', () => {
  test.each(authorizationRefusals)('%s', async (refusal) => {
    const world = await makeWorld(refusal);
    const entriesOf = () => world.station().status().journalEntries;
    const request = await ways[refusal](world);
    const before = entriesOf();
    const isRunning = world.point.contactor.isClosed();
    expect(await world.ask(request)).toEqual({ type: 'refused', refusal, words: refusalWords[refusal].en });
    // A refusal changes nothing.
    expect(entriesOf()).toBe(before);
    expect(world.point.contactor.isClosed()).toBe(isRunning);
  });

  test('the first in the documented order, where two things are wrong', async () => {
    const world = await makeStationWorld();
    const expired = await withCertificate(world, { notAfter: dawn - 1, maxEnergyWh: 1 });
    world.point.act('fault');
    expect(await world.ask(expired)).toMatchObject({ refusal: 'certificate-expired' });
  });

  test('clocks may differ by two minutes, either way', async () => {
    for (const skew of [-120, 120]) {
      const world = await makeStationWorld();
      await world.start({ signedAt: world.clock.nowS() + skew });
    }
    const world = await makeStationWorld();
    expect(await world.ask(await world.authorization({ signedAt: world.clock.nowS() + 121 }))).toMatchObject({
      refusal: 'clock-skew',
    });
  });

  test('an offer serves once', async () => {
    const world = await makeStationWorld();
    const conditions = await world.hello();
    await world.ask(await world.authorization({}, undefined, conditions));
    world.point.act('unplug');
    await world.run(1);
    expect(await world.ask(await world.authorization({}, undefined, conditions))).toMatchObject({
      refusal: 'offer-unknown',
    });
  });

  test('a retired issuer key vouches only for what it signed before', async () => {
    const world = await makeStationWorld();
    const listAt = (issuedAt: number, retiredAt: number) =>
      signTrustList(world.ownProvider, issuedAt, {
        providers: [trusted(world.driverProvider, retiredAt)],
        revocations: [],
      });
    // Anna's certificate holds from 14 days before dawn.
    await world.station().takeTrustList(await listAt(dawn - 20, dawn - 14 * day + 1));
    const id = await world.start();
    await world.run(2);
    await world.stop(id);
    await world.station().takeTrustList(await listAt(dawn - 10, dawn - 14 * day));
    expect(await world.ask(await world.authorization())).toMatchObject({ refusal: 'unknown-issuer-key' });
  });
});

describe('stopping and asking', () => {
  test('only the driver may stop, and not with an old request', async () => {
    const world = await makeStationWorld();
    const id = await world.start();
    await world.run(60);
    const old = await world.stopRequest(id);
    const stranger = await makeDriver(world.driverProvider, 'Ben');
    const { StopRequest } = await import('@p2p-power/protocol/StopRequest');
    const value = { authorizationId: id, signedAt: world.clock.nowS() };
    const request = await StopRequest.sign(world.provision.networkId, value, stranger.key);
    expect(await world.ask({ type: 'stop', request })).toMatchObject({ refusal: 'bad-stop-signature' });
    await world.run(121);
    expect(await world.ask(old)).toMatchObject({ refusal: 'stop-too-old' });
    expect(await world.ask({ type: 'receipt', authorizationId: id })).toMatchObject({
      refusal: 'session-not-ended',
    });
    expect(await world.stop(id)).toMatchObject({ state: 'ended' });
    expect(await world.ask(old)).toMatchObject({ state: 'ended' });
  });

  test('an unknown session is called so', async () => {
    const world = await makeStationWorld();
    const authorizationId = bytes32('never heard of');
    expect(await world.ask({ type: 'status', authorizationId })).toMatchObject({
      refusal: 'session-unknown',
    });
    expect(await world.ask({ type: 'receipt', authorizationId })).toMatchObject({
      refusal: 'session-unknown',
    });
    expect(await world.stop(authorizationId)).toMatchObject({ refusal: 'session-unknown' });
  });

  test('nothing that anybody sends throws or changes anything', async () => {
    const world = await makeStationWorld();
    const genuine = await world.authorization();
    const types = ['hello', 'authorize', 'status', 'stop', 'receipt', 'collect', 'deliver', 'x'];
    const message = fc.oneof(
      fc.anything(),
      fc.string(),
      fc.record(
        {
          type: fc.constantFrom(...types),
          version: fc.anything(),
          authorizationId: fc.anything(),
          request: fc.anything(),
          acknowledgements: fc.anything(),
          driverCertificate: fc.oneof(fc.anything(), fc.constant(genuine.driverCertificate)),
          authorization: fc.anything(),
          trustList: fc.anything(),
        },
        { requiredKeys: ['type'] },
      ),
    );
    const before = world.station().status().journalEntries;
    await fc.assert(
      fc.asyncProperty(message, async (sent) => {
        const answer = await world.station().answer(sent);
        expect(answer.type).toMatch(/^(refused|conditions|sealed|taken)$/);
      }),
      { numRuns: 400 },
    );
    expect(world.station().status().journalEntries).toBe(before);
  });
});

test('every refusal is explained in docs/refusals.md', () => {
  const table = readFileSync(new URL('../docs/refusals.md', import.meta.url), 'utf8');
  const missing = [...authorizationRefusals, ...linkRefusals, ...linkParseRefusals].filter(
    (refusal) => !table.includes(`| \`${refusal}\` |`),
  );
  expect(missing).toEqual([]);
});
