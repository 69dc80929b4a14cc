import { StationCertificate } from '@p2p-power/protocol/StationCertificate';
import { openTrustList } from '@p2p-power/protocol/TrustList';
import { tariffId } from '@p2p-power/protocol/tariffId';
import { parseTariff } from '@p2p-power/tariff/Tariff';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enterPoint, samplePoint, sampleTariff, spkiOf } from '../testing/samples.ts';
import { openTestProvider, type TestProvider, testKey, testNetworkId } from '../testing/testProvider.ts';
import { noteStationSeen } from './noteStationSeen.ts';

let provider: TestProvider;
let entered: Awaited<ReturnType<typeof enterPoint>>;
beforeAll(async () => {
  provider = await openTestProvider();
  entered = await enterPoint(provider);
});
afterAll(() => provider.close());

const near = '/points?latitude=52.526&longitude=13.403&radiusM=2000';

describe('a point of ours', () => {
  test('is on the map with distance and the price of my charge', async () => {
    const { status, body } = await provider.call('GET', `${near}&energyWh=20000&powerW=11000`);
    expect(status).toBe(200);
    expect(body).toEqual({
      total: 1,
      points: [
        {
          evseId: 'DEAAAEGARAGE1',
          name: 'Garage',
          address: 'Rosenthaler Str. 30, 10178 Berlin',
          latitude: 52.52592,
          longitude: 13.40335,
          distanceM: 25,
          maxPowerW: 11_000,
          plugs: ['IEC_62196_T2'],
          count: 1,
          available: true,
          live: true,
          inNetwork: true,
          providerId: 'DEAAA',
          operatorName: 'Bert',
          currency: 'EUR',
          // 20 kWh at 0.39 € and 19 % VAT.
          priceMicro: 9_282_000,
          tariffLines: [{ text: expect.stringContaining('0.4641 €/kWh') }],
        },
      ],
    });
  });

  test('is found by its EVSE-ID in any spelling, in full', async () => {
    for (const spelling of ['DEAAAEGARAGE1', 'de*aaa*egarage1', 'DE*AAA*E*GARAGE*1']) {
      const { body } = await provider.call('GET', `/points/${encodeURIComponent(spelling)}`);
      expect(body, spelling).toMatchObject({
        evseId: 'DEAAAEGARAGE1',
        linkUrl: 'ws://127.0.0.1:7410/link',
        timeZone: 'Europe/Berlin',
        meterPublicKey: `0x${spkiOf(entered.meter.publicKey)}`,
        connectors: [{ standard: 'IEC_62196_T2', powerType: 'AC_3_PHASE', maxVoltage: 230, maxAmperage: 16 }],
        ocpiTariff: sampleTariff(),
      });
      const parsed = parseTariff(sampleTariff());
      expect(body.tariff).toEqual(parsed.ok && parsed.value);
    }
    expect(await provider.call('GET', '/points/DEAAAENOWHERE')).toMatchObject({
      status: 404,
      body: { refusal: 'point-unknown' },
    });
  });

  test('lies outside of a circle, inside a box, and a box may cross the antimeridian', async () => {
    const count = async (query: string) => (await provider.call('GET', `/points?${query}`)).body.total;
    expect(await count('latitude=52.6&longitude=13.4&radiusM=2000')).toBe(0);
    expect(await count('latitude=52.6&longitude=13.4&radiusM=9000')).toBe(1);
    expect(await count('south=52.5&west=13.4&north=52.6&east=13.5')).toBe(1);
    expect(await count('south=52.5&west=13.5&north=52.6&east=13.4')).toBe(0);
    expect(await count('south=-90&west=13&north=90&east=-170')).toBe(1);
    expect(await count('latitude=90&longitude=0&radiusM=200000')).toBe(0);
  });

  test.each([
    ['/points', 'invalid-request'],
    ['/points?latitude=91&longitude=0', 'invalid-request'],
    ['/points?latitude=52', 'invalid-request'],
    ['/points?south=2&north=1&west=0&east=1', 'invalid-request'],
    [`${near}&energyWh=0`, 'invalid-request'],
    [`${near}&energyWh=abc`, 'invalid-request'],
  ])('%s is refused', async (path, refusal) => {
    expect(await provider.call('GET', path)).toMatchObject({ status: 400, body: { refusal } });
  });

  test('is not offered while closed, nor when its station has been silent for a week', async () => {
    const { operatorId } = entered.operator;
    const hours = Array.from({ length: 7 }, (_, day) => ({
      weekday: day + 1,
      period_begin: '08:00',
      period_end: '20:00',
    }));
    const put = (openingTimes: unknown) =>
      provider.call('POST', '/admin/points', {
        as: 'staff',
        body: { ...samplePoint(operatorId), openingTimes },
      });
    await put({ twentyfourseven: false, regular_hours: hours });
    const seen = async () => {
      const { open, available } = (await provider.call('GET', near)).body.points[0];
      return { open, available };
    };
    // The clock of the tests begins at 2026-09-21 15:33 in Berlin.
    expect(await seen()).toEqual({ open: true, available: true });
    provider.clock.advance(6 * 3600);
    expect(await seen()).toEqual({ open: false, available: false });
    provider.clock.advance(8 * 86_400 - 6 * 3600);
    expect(await seen()).toEqual({ open: true, available: false });
    const id = StationCertificate.id(testNetworkId, entered.provision.certificate.value);
    await noteStationSeen(provider.context.db, [id], provider.clock.nowS());
    expect(await seen()).toEqual({ open: true, available: true });
    await put(undefined);
  });
});

describe('entering points', () => {
  const enter = (body: unknown) => provider.call('POST', '/admin/points', { as: 'staff', body });

  test('needs the staff token', async () => {
    const body = samplePoint(entered.operator.operatorId);
    expect(await provider.call('POST', '/admin/points', { body })).toMatchObject({ status: 401 });
    expect(await provider.call('POST', '/admin/points', { body, as: 'anna' })).toMatchObject({
      status: 401,
      body: { refusal: 'not-staff' },
    });
  });

  test.each([
    [{ evseId: 'garage' }, 422, 'not-an-evse-id'],
    [{ operatorId: 'nobody' }, 422, 'operator-unknown'],
    [{ timeZone: 'Europe/Entenhausen' }, 422, 'unknown-time-zone'],
    [{ meterPublicKey: 'see label' }, 422, 'bad-meter-key'],
    [{ maxPowerW: 0 }, 400, 'invalid-request'],
    [{ latitude: 95 }, 400, 'invalid-request'],
    [{ surprise: true }, 400, 'invalid-request'],
  ])('%j is refused', async (change, status, refusal) => {
    const answer = await enter({ ...samplePoint(entered.operator.operatorId), ...change });
    expect(answer).toMatchObject({ status, body: { refusal } });
  });

  test('another operator cannot take over a point', async () => {
    const other = await provider.call('POST', '/admin/operators', {
      as: 'staff',
      body: { name: 'Carla', email: 'carla@example.org' },
    });
    expect(await enter(samplePoint(other.body.operatorId))).toMatchObject({
      status: 409,
      body: { refusal: 'point-of-another-operator' },
    });
  });

  test('the operator sees it, with tariff and certificate', async () => {
    const { body } = await provider.call('GET', '/operator/points', { as: 'bert' });
    expect(body.points).toMatchObject([
      { evseId: 'DEAAAEGARAGE1', live: true, tariffId: expect.any(String) },
    ]);
  });
});

describe('tariffs', () => {
  const put = (tariff: unknown, evseId = 'DEAAAEGARAGE1') =>
    provider.call('PUT', `/admin/points/${evseId}/tariff`, { as: 'staff', body: tariff });

  test('a new one is in force from then on, the one before is kept; the same again changes nothing', async () => {
    const before = (await put(sampleTariff())).body;
    provider.clock.advance(60);
    const after = await put(sampleTariff('DEAAA', 0.45));
    const parsed = parseTariff(sampleTariff('DEAAA', 0.45));
    if (!parsed.ok) throw new Error(parsed.detail);
    expect(after.body).toEqual({
      tariffId: tariffId(testNetworkId, parsed.value),
      validFrom: provider.clock.nowS(),
    });
    provider.clock.advance(60);
    expect((await put(sampleTariff('DEAAA', 0.45))).body).toEqual(after.body);
    const history = await provider.context.db
      .selectFrom('tariff')
      .select(['tariff_id', 'valid_from', 'valid_until'])
      .orderBy('valid_from')
      .execute();
    expect(history).toEqual([
      {
        tariff_id: before.tariffId,
        valid_from: String(before.validFrom),
        valid_until: String(after.body.validFrom),
      },
      { tariff_id: after.body.tariffId, valid_from: String(after.body.validFrom), valid_until: null },
    ]);
    const twice = await Promise.all([put(sampleTariff()), put(sampleTariff('DEAAA', 0.5))]);
    expect(twice.map(({ status }) => status)).toEqual([200, 200]);
    expect((await put(sampleTariff())).status).toBe(200);
  });

  test.each([
    [{ ...sampleTariff(), country_code: 'AT' }, 'tariff-of-another-provider'],
    [{ ...sampleTariff(), currency: 'CHF' }, 'wrong-currency'],
    [{ ...sampleTariff(), elements: [] }, 'empty-list'],
    [{}, 'missing-field'],
  ])('%j is refused', async (tariff, refusal) => {
    expect(await put(tariff)).toMatchObject({ status: 422, body: { refusal } });
  });

  test('one with a time of validity has a price then and only then', async () => {
    const now = provider.clock.nowS();
    const time = (at: number) => new Date(at * 1000).toISOString().replace('.000Z', 'Z');
    const limited = (from: number, to: number) => ({
      ...sampleTariff('DEAAA', 0.61),
      start_date_time: time(from),
      end_date_time: time(to),
    });
    const seen = async () => {
      const [map, own] = await Promise.all([
        provider.call('GET', '/points/DEAAAEGARAGE1?energyWh=1000'),
        provider.call('GET', '/operator/points', { as: 'bert' }),
      ]);
      const { available, priceMicro, tariff, tariffLines } = map.body;
      const lines = own.body.points[0].tariffLines.length;
      return {
        available,
        isPriced: priceMicro !== undefined,
        has: tariff !== undefined,
        lines,
        told: tariffLines.length,
      };
    };
    const without = { available: false, isPriced: false, has: false, lines: 0, told: 0 };
    const priced = { available: true, isPriced: true, has: true, lines: 1, told: 1 };
    expect(await seen()).toEqual(priced);
    expect((await put(limited(now + 60, now + 120))).status).toBe(200);
    expect(await seen()).toEqual(without);
    provider.clock.advance(60);
    expect(await seen()).toEqual(priced);
    provider.clock.advance(59);
    expect(await seen()).toEqual(priced);
    provider.clock.advance(1);
    expect(await seen()).toEqual(without);
    const over = await put(limited(now - 60, provider.clock.nowS()));
    expect(over).toMatchObject({ status: 422, body: { refusal: 'tariff-over' } });
    expect((await put(sampleTariff())).status).toBe(200);
    expect(await seen()).toEqual(priced);
  });

  test('of a point that is not ours is refused', async () => {
    expect(await put(sampleTariff(), 'DEAAAENOWHERE')).toMatchObject({
      status: 404,
      body: { refusal: 'point-unknown' },
    });
  });
});

describe('stations', () => {
  const certify = (body: unknown, evseId = 'DEAAAEGARAGE1') =>
    provider.call('POST', `/admin/points/${evseId}/station-certificates`, { as: 'staff', body });
  const request = () => ({
    publicKey: entered.station.publicKey,
    meterPublicKey: spkiOf(entered.meter.publicKey),
    hardwareModel: 'Sample 11 kW',
  });

  test('the provision verifies and names point, account, meter and tariff', async () => {
    const { provision, operator } = entered;
    const issuerKey = provision.issuerKeys[0];
    const { value } = provision.certificate;
    expect(value).toMatchObject({
      providerId: 'DEAAA',
      evseId: { text: 'DEAAAEGARAGE1' },
      operatorAccount: operator.account,
      publicKey: entered.station.publicKey,
      metrologyClass: 'energy',
    });
    const { verifier } = provider.context;
    expect(await StationCertificate.verify(testNetworkId, provision.certificate, issuerKey, verifier)).toBe(
      true,
    );
    const list = await openTrustList(
      provision.trustList,
      { networkId: testNetworkId, issuerId: 'DEAAA', issuerKeys: provision.issuerKeys },
      verifier,
    );
    expect(list).toMatchObject({ ok: true, value: { content: { providers: [{ providerId: 'DEAAA' }] } } });
    expect(provision).toMatchObject({ timeZone: 'Europe/Berlin', maxPowerW: 11_000, currency: 'EUR' });
  });

  test('asked again with the same keys the certificate is the same, with others a new one', async () => {
    expect((await certify(request())).body.certificate).toEqual(entered.provision.certificate);
    const other = await certify({ ...request(), publicKey: testKey().signer.publicKey });
    expect(other.body.certificate).not.toEqual(entered.provision.certificate);
  });

  test.each([
    [{ publicKey: `0x${'11'.repeat(64)}` }, 422, 'not-a-public-key'],
    [{ meterPublicKey: 'none' }, 422, 'bad-meter-key'],
    [{ hardwareModel: '' }, 400, 'invalid-request'],
    [{ linkUrl: 'https://example.org' }, 400, 'invalid-request'],
  ])('%j is refused', async (change, status, refusal) => {
    expect(await certify({ ...request(), ...change })).toMatchObject({ status, body: { refusal } });
  });

  test('a point without a tariff gets no station', async () => {
    const body = samplePoint(entered.operator.operatorId, { evseId: 'DEAAAENEW1' });
    await provider.call('POST', '/admin/points', { as: 'staff', body });
    expect(await certify(request(), 'DEAAAENEW1')).toMatchObject({
      status: 409,
      body: { refusal: 'tariff-missing' },
    });
  });

  test('revoked, its certificates are in the trust list and the point is not live', async () => {
    const revoked = await provider.call('DELETE', '/admin/points/DEAAAEGARAGE1/station-certificates', {
      as: 'staff',
    });
    expect(revoked.body).toEqual({ revoked: 2 });
    const { body } = await provider.call('GET', '/trust-list');
    const id = StationCertificate.id(testNetworkId, entered.provision.certificate.value);
    expect(JSON.parse(body.contentJson).revocations).toContainEqual({
      certificateId: id,
      providerId: 'DEAAA',
      revokedAt: provider.clock.nowS(),
    });
    const point = (await provider.call('GET', '/points/DEAAAEGARAGE1')).body;
    expect(point).toMatchObject({ live: false, available: false });
  });
});
