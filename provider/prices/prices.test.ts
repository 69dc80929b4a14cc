import type { Evidence } from '@p2p-power/protocol/Evidence';
import { StationCertificate } from '@p2p-power/protocol/StationCertificate';
import { dawn, day, steadyReadings } from '@p2p-power/protocol/testing/world';
import { dynamicPriceMicro } from '@p2p-power/tariff/DynamicTerms';
import type { PriceFrame } from '@p2p-power/tariff/PriceFrame';
import { price } from '@p2p-power/tariff/price';
import { type OcpiTariffJson, parseTariff } from '@p2p-power/tariff/Tariff';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { providerClient } from '../client/ProviderClient.ts';
import { askSignals } from '../testing/askSignals.ts';
import { knowIndex } from '../testing/knowIndex.ts';
import { type MoneyWorld, openMoneyWorld } from '../testing/moneyWorld.ts';
import { samplePoint, sampleTariff } from '../testing/samples.ts';
import { testStaffToken } from '../testing/testProvider.ts';

const hotel = 'DEBBBEHOTEL1';
const fast = 'DEBBBEFAST1';
const somebodys = 'DEBBBESOMEBODYS';
const terms = {
  area: 'AT',
  factorPerMille: 1_000,
  marginMicro: 100_000,
  floorMicro: 50_000,
  capMicro: 390_000,
  fallbackMicro: 350_000,
  maxAgeS: 86_400,
};
const frames: readonly PriceFrame[] = [
  { pointClass: 'ac', currency: 'EUR', floorMicro: 200_000, ceilingMicro: 500_000, mayBeFree: false },
  {
    pointClass: 'ac',
    targetGroup: 'hotel',
    currency: 'EUR',
    floorMicro: 0,
    ceilingMicro: 600_000,
    mayBeFree: true,
  },
];

let world: MoneyWorld;
let garage: string;
const charges: Evidence[] = [];
const tariff = (perKwh: number, more: OcpiTariffJson['elements'] = []): OcpiTariffJson => {
  const plain = sampleTariff('DEBBB', perKwh);
  return { ...plain, elements: [...plain.elements, ...more] };
};
const call = (method: string, path: string, body?: unknown, as = 'bert') =>
  world.b.call(method, path, { as, ...(body !== undefined && { body }) });
const putOwn = (evseId: string, body: unknown) => call('PUT', `/operator/points/${evseId}/tariff`, body);
const putFrames = (list: unknown) => call('PUT', '/admin/price-frames', { frames: list }, 'staff');

beforeAll(async () => {
  world = await openMoneyWorld();
  garage = world.garage.certificate.value.evseId.text;
  const { body } = await call(
    'POST',
    '/admin/operators',
    { name: 'Else', email: 'else@example.org' },
    'staff',
  );
  for (const point of [
    samplePoint('bert', { evseId: garage, targetGroup: 'garage' }),
    samplePoint('bert', { evseId: hotel, targetGroup: 'hotel' }),
    samplePoint('bert', { evseId: fast, targetGroup: 'public', maxPowerW: 150_000 }),
    samplePoint(body.operatorId, { evseId: somebodys }),
  ])
    expect((await call('POST', '/admin/points', point, 'staff')).status).toBe(200);
  for (const [at, readings] of [
    steadyReadings(dawn + 61, 3_600, 11_000),
    steadyReadings(dawn + 3_600, 1_800, 4_001),
    steadyReadings(dawn + 1_800, 900, 1_000),
  ].entries())
    charges.push(await world.charge(`past ${at}`, { driver: world.dora, readings }));
  await world.b.call('POST', '/hand-in', { body: { segments: [await world.seal(charges)] } });
});
afterAll(() => world.close());

describe('an operator', () => {
  test('sets tariffs at its own points, parking freely, and at nobody else’s', async () => {
    const parking = {
      price_components: [{ type: 'PARKING_TIME', price: 60, vat: 19, step_size: 60 }],
    } as const;
    expect(await putOwn(garage, tariff(0.39, [parking]))).toMatchObject({ status: 200 });
    const { body } = await call('GET', '/operator/points');
    expect(body.points.find((point: { evseId: string }) => point.evseId === garage)).toMatchObject({
      targetGroup: 'garage',
      ocpiTariff: tariff(0.39, [parking]),
      dynamic: null,
    });
    for (const path of [`${somebodys}/tariff`, `${somebodys}/dynamic`, 'DEBBBENOWHERE/tariff'])
      expect(
        await call('PUT', `/operator/points/${path}`, path.endsWith('dynamic') ? terms : tariff(0.39)),
      ).toMatchObject({ status: 404, body: { refusal: 'point-unknown' } });
    expect((await call('PUT', `/operator/points/${garage}/tariff`, tariff(0.39), 'dora')).status).toBe(403);
    expect(await putOwn(garage, sampleTariff('DEAAA'))).toMatchObject({
      status: 422,
      body: { refusal: 'tariff-of-another-provider' },
    });
    const malformed = await putOwn(garage, { ...tariff(0.39), elements: [{ price_components: [] }] });
    expect([malformed.status, malformed.body.detail]).toEqual([422, expect.stringContaining('elements[0]')]);
  });

  test('keeps to the frame of its class and group, and hears the bound', async () => {
    expect((await putFrames(frames)).body).toEqual({ frames, outside: [] });
    for (const [perKwh, bound] of [
      [0.19, '0.20 EUR/kWh'],
      [0.51, '0.50 EUR/kWh'],
      [0, '0.20 EUR/kWh'],
    ] as const) {
      const { status, body } = await putOwn(garage, tariff(perKwh));
      expect([status, body.refusal]).toEqual([422, 'price-outside-frame']);
      expect(body.detail).toContain(bound);
    }
    expect((await putOwn(hotel, tariff(0.6))).status).toBe(200);
    expect((await putOwn(hotel, tariff(0))).status).toBe(200);
    // Staff is bound by it as well; there is no frame for fast points.
    const staffs = await call('PUT', `/admin/points/${garage}/tariff`, tariff(0.51), 'staff');
    expect(staffs.body.refusal).toBe('price-outside-frame');
    expect((await putOwn(fast, tariff(0.79))).status).toBe(200);
  });

  test('may not ask by session or time at public points of 50 kW and more', async () => {
    for (const [type, finding] of [
      ['FLAT', 'session-fee-not-allowed'],
      ['TIME', 'charging-time-not-allowed'],
    ] as const) {
      const { status, body } = await putOwn(
        fast,
        tariff(0.79, [{ price_components: [{ type, price: 1, step_size: 1 }] }]),
      );
      expect([status, body.refusal]).toEqual([422, 'tariff-not-allowed-for-power']);
      expect(body.detail).toContain(finding);
    }
  });

  test('lets the price follow an index within frame and tariff, and takes that back', async () => {
    const putDynamic = (body: unknown, evseId = garage) =>
      call('PUT', `/operator/points/${evseId}/dynamic`, body);
    expect((await putDynamic(terms)).body.refusal).toBe('price-outside-frame');
    const within = { ...terms, floorMicro: 200_000 };
    expect(await putDynamic(within)).toMatchObject({ status: 200, body: within });
    expect((await putDynamic({ ...within, capMicro: 400_000 })).body.refusal).toBe('cap-above-tariff');
    expect((await putDynamic({ ...within, maxAgeS: 'long' })).body.detail).toContain('maxAgeS');
    // Nobody could bring a station that never asked for signals itself what it needs to sell at all.
    const { fallbackMicro: _, ...strict } = within;
    expect(await putDynamic(strict)).toMatchObject({ status: 422, body: { refusal: 'fallback-needed' } });
    const keys = { publicKey: world.garage.key.publicKey, meterPublicKey: world.garage.meterPublicKey };
    const station = { ...keys, hardwareModel: 'Garage 11 kW' };
    const made = await call('POST', `/admin/points/${garage}/station-certificates`, station, 'staff');
    const certificateId = StationCertificate.id(made.body.networkId, made.body.certificate.value);
    expect((await putDynamic(strict)).body.refusal).toBe('fallback-needed');
    expect((await askSignals(world.b, certificateId, world.garage.key)).status).toBe(200);
    expect(await putDynamic(strict)).toMatchObject({ status: 200, body: strict });
    expect((await putDynamic(within)).status).toBe(200);
    // The tariff must stay above the cap while the price follows the index.
    expect((await putOwn(garage, tariff(0.3))).body.refusal).toBe('cap-above-tariff');
    const stored = await world.b.database.db
      .selectFrom('evse')
      .select('dynamic_terms')
      .where('uid', '=', garage)
      .executeTakeFirstOrThrow();
    expect(stored.dynamic_terms).toEqual(within);
    const remove = () => call('DELETE', `/operator/points/${garage}/dynamic`);
    expect((await remove()).body).toEqual({ removed: true });
    expect((await remove()).body).toEqual({ removed: false });
    expect((await putOwn(garage, tariff(0.39))).status).toBe(200);
    const [noTariff] = [samplePoint('bert', { evseId: 'DEBBBENEW' })];
    await call('POST', '/admin/points', noTariff, 'staff');
    expect(await putDynamic(within, 'DEBBBENEW')).toMatchObject({
      status: 409,
      body: { refusal: 'tariff-missing' },
    });
  });
});

describe('the staff', () => {
  test('hears whose tariff a narrower frame leaves outside; it stays in force', async () => {
    const [ac, ofHotels] = frames as [PriceFrame, PriceFrame];
    const narrow = [{ ...ac, ceilingMicro: 380_000 }, ofHotels];
    const { body } = await putFrames(narrow);
    expect(body.outside).toEqual([
      { evseId: garage, operatorId: 'bert', detail: expect.stringContaining('0.38 EUR/kWh') },
    ]);
    expect((await call('GET', '/admin/price-frames', undefined, 'staff')).body).toEqual(body);
    const point = await world.b.call('GET', `/points/${garage}`);
    expect(point.body.ocpiTariff.elements[0].price_components[0].price).toBe(0.39);
    expect((await putOwn(garage, tariff(0.39, []))).status).toBe(422);
    await putFrames(frames);
    const seen = (await call('GET', '/operator/points')).body.points.find(
      (one: { evseId: string }) => one.evseId === garage,
    );
    expect([seen.frame, seen.commission]).toEqual([ac, null]);
    const commission = { perKwhMicro: 1, perHourMicro: 2, sharePerMille: 3, perSessionMicro: 4 };
    await call('PUT', '/admin/commissions', { scope: 'point', subject: garage, terms: commission }, 'staff');
    const agreed = (await call('GET', '/operator/points')).body.points.map(
      (one: { commission: unknown }) => one.commission,
    );
    expect(agreed.filter((one: unknown) => one !== null)).toEqual([commission]);
    // The clock stands: from now on there is none again.
    await call('PUT', '/admin/commissions', { scope: 'point', subject: garage, terms: null }, 'staff');
  });

  test('hears which point its own change of power leaves outside the law', async () => {
    const upgraded = 'DEBBBEUPGRADED';
    const enter = (maxPowerW: number) =>
      call(
        'POST',
        '/admin/points',
        samplePoint('bert', { evseId: upgraded, targetGroup: 'public', maxPowerW }),
        'staff',
      );
    await enter(49_000);
    await putFrames([]);
    const fee = { price_components: [{ type: 'FLAT', price: 1, step_size: 1 }] } as const;
    expect((await putOwn(upgraded, tariff(0.39, [fee]))).status).toBe(200);
    const outside = async () => (await call('GET', '/admin/price-frames', undefined, 'staff')).body.outside;
    expect(await outside()).toEqual([]);
    await enter(150_000);
    expect(await outside()).toEqual([
      { evseId: upgraded, operatorId: 'bert', detail: expect.stringContaining('session-fee-not-allowed') },
    ]);
    expect((await putOwn(upgraded, tariff(0.39))).status).toBe(200);
    expect(await outside()).toEqual([]);
    await putFrames(frames);
  });

  test('is told what is wrong with a frame, and nothing is laid down', async () => {
    const [ac] = frames as [PriceFrame];
    const contradicting = await putFrames([{ ...ac, floorMicro: 600_000 }]);
    expect([contradicting.status, contradicting.body.refusal]).toEqual([422, 'floor-above-ceiling']);
    expect((await putFrames([{ ...ac, ceilingMicro: 0.5 }])).body.detail).toContain('ceilingMicro');
    expect((await putFrames([ac, ac])).body.refusal).toBe('duplicate-frame');
    expect((await call('GET', '/admin/price-frames', undefined, 'staff')).body.frames).toEqual(frames);
    expect((await call('GET', '/admin/price-frames')).status).toBe(401);
  });
});

describe('a preview', () => {
  const preview = (body: object) => call('POST', '/operator/tariff-previews', body);
  const wouldOf = (evidence: Evidence, ocpi: OcpiTariffJson): number => {
    const parsed = parseTariff(ocpi);
    if (!parsed.ok) throw new Error(parsed.detail);
    return price(parsed.value, { timeZone: 'Europe/Berlin', readings: evidence.readings }).inclVatMicro;
  };
  const sum = (amounts: readonly number[]) => amounts.reduce((total, amount) => total + amount, 0);

  test('prices past charges anew, by charge and in sum, and says where it could be published', async () => {
    const { status, body } = await preview({ tariff: tariff(0.55), from: dawn });
    expect(status).toBe(200);
    const did = sum(charges.map(({ cdr }) => cdr.value.chargeMicro));
    const would = sum(charges.map((evidence) => wouldOf(evidence, tariff(0.55))));
    expect(body.sum).toEqual({
      count: 3,
      energyWh: 16_001,
      didMicro: did,
      wouldMicro: would,
      didEarnMicro: did,
      wouldEarnMicro: would,
    });
    expect(body.charges.map(({ endedAt }: { endedAt: number }) => endedAt)).toEqual(
      charges.map(({ cdr }) => cdr.value.endedAt).toSorted((one, other) => other - one),
    );
    expect(new Set(body.charges.map(({ basis }: { basis: string }) => basis))).toEqual(new Set(['tariff']));
    expect([body.more, body.unpriceable, body.onFallback.count]).toEqual([false, 0, 0]);
    const refusals = Object.fromEntries(
      body.publishable.map(({ evseId, refusal }: { evseId: string; refusal: string | null }) => [
        evseId,
        refusal,
      ]),
    );
    expect(refusals).toMatchObject({ [garage]: 'price-outside-frame', [hotel]: null, [fast]: null });
    expect(refusals[somebodys]).toBeUndefined();
  });

  test('looks at one point, a period and a limit', async () => {
    const counts = async (body: object) => {
      const answer = (await preview({ tariff: tariff(0.55), from: dawn, ...body })).body;
      return [answer.sum.count, answer.more];
    };
    expect(await counts({ evseId: garage })).toEqual([3, false]);
    expect(await counts({ evseId: hotel })).toEqual([0, false]);
    expect(await counts({ limit: 2 })).toEqual([2, true]);
    expect(await counts({ to: dawn + 3_700 })).toEqual([2, false]);
    expect(await counts({ from: dawn + day })).toEqual([0, false]);
  });

  test('takes the recorded index where it is known, else the fallback, and counts that apart', async () => {
    // Known for the first three quarter-hours of the day and from 01:00 on.
    const indexMicro = [10_000, 20_000, 30_000, null, 90_000, 100_000, 110_000];
    await knowIndex(world.b.database.db, 'AT', dawn, indexMicro);
    const { body } = await preview({ tariff: tariff(0.39), dynamic: terms, from: dawn });
    const bases = new Map(
      body.charges.map((charge: { startedAt: number; basis: string }) => [
        charge.startedAt - dawn,
        charge.basis,
      ]),
    );
    expect([bases.get(61), bases.get(3_600), bases.get(1_800)]).toEqual([
      'partly-fallback',
      'signals',
      'signals',
    ]);
    const half = body.charges.find((charge: { startedAt: number }) => charge.startedAt === dawn + 1_800);
    // 1 kWh at 0.03 of the market and the margin, 19 % VAT.
    expect(half.wouldMicro).toBe((dynamicPriceMicro(terms, 30_000) * 119) / 100);
    expect(body.onFallback.count).toBe(1);
    expect(body.sum.wouldMicro).toBe(
      sum(body.charges.map((charge: { wouldMicro: number }) => charge.wouldMicro)),
    );
    const { body: elsewhere } = await preview({
      tariff: tariff(0.39),
      dynamic: { ...terms, area: 'elsewhere' },
      from: dawn,
    });
    expect(elsewhere.onFallback).toEqual(elsewhere.sum);
    expect(elsewhere.sum.wouldMicro).toBe(sum(charges.map((evidence) => wouldOf(evidence, tariff(0.35)))));
  });

  test('names the field that is wrong', async () => {
    for (const [body, refusal, field] of [
      [{ tariff: { ...tariff(0.39), currency: 'CHF' } }, 'wrong-currency', 'tariff.currency'],
      [{ tariff: tariff(0.39), dynamic: { ...terms, capMicro: 1 } }, 'floor-above-cap', 'dynamic'],
      [{ tariff: tariff(0.39), evseId: somebodys }, 'point-unknown', 'evseId'],
      [{ tariff: tariff(0.39), evseId: 'garage' }, 'not-an-evse-id', 'evseId'],
    ] as const) {
      const answer = await preview(body);
      expect([answer.body.refusal, answer.body.detail]).toEqual([refusal, expect.stringContaining(field)]);
    }
    expect((await preview({ tariff: tariff(0.39), limit: 100_000 })).status).toBe(400);
  });

  test('of the tariff that was in force earns what was earned, to the micro-unit', async () => {
    const share = { perKwhMicro: 0, perHourMicro: 0, sharePerMille: 999, perSessionMicro: 0 };
    const subject = { scope: 'point', subject: garage } as const;
    await call('PUT', '/admin/commissions', { ...subject, terms: share }, 'staff');
    const from = world.clock.nowS();
    // Bounds below the price, of which tax is an odd share.
    const bounds = [1_000_001, 1_000_003, 1_234_567, 777_777];
    const bounded = await Promise.all(
      bounds.map((maxAmountMicro, at) =>
        world.charge(`bounded ${at}`, {
          driver: world.dora,
          authorization: { maxAmountMicro },
          readings: steadyReadings(from + 60 + at * 3_600, 3_599, 11_000),
        }),
      ),
    );
    world.clock.advance(8 * 3_600);
    await world.b.call('POST', '/hand-in', { body: { segments: [await world.seal(bounded)] } });
    const { body } = await preview({ tariff: tariff(0.39), from });
    expect(body.charges).toHaveLength(bounds.length);
    for (const charge of body.charges) {
      expect(charge.didEarnMicro).toBeLessThan(charge.didMicro);
      expect(charge.wouldMicro).toBe(charge.didMicro);
      expect(charge.wouldEarnMicro).toBe(charge.didEarnMicro);
    }
    await call('PUT', '/admin/commissions', { ...subject, terms: null }, 'staff');
  });
});

test('the client speaks the same', async () => {
  const client = (token: string) =>
    providerClient({
      baseUrl: 'https://b.example',
      token: () => token,
      fetch: (request) => world.b.app.fetch(request),
    });
  expect(await client(testStaffToken).priceFrames()).toMatchObject({ ok: true, value: { frames } });
  expect(await client('bert').previewTariff({ tariff: tariff(0.4) })).toMatchObject({ ok: true });
  expect(await client('bert').putOwnTariff(garage, tariff(0.4))).toMatchObject({ ok: true });
});
