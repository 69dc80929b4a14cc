import type { Hex } from '@p2p-power/protocol/Hex';
import { keyId } from '@p2p-power/protocol/KeyId';
import { openProvisionUpdate } from '@p2p-power/protocol/ProvisionUpdate';
import { openSignal, type Signal, SignalHead } from '@p2p-power/protocol/Signal';
import { StationCertificate } from '@p2p-power/protocol/StationCertificate';
import type { DynamicTerms } from '@p2p-power/tariff/DynamicTerms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { publishProvision } from '../points/publishProvision.ts';
import { askSignals, takeSignals } from '../testing/askSignals.ts';
import { knowIndex } from '../testing/knowIndex.ts';
import { enterPoint, samplePoint } from '../testing/samples.ts';
import { openTestProvider, type TestProvider, testKey, testNetworkId } from '../testing/testProvider.ts';

const area = 'AT';
const terms: DynamicTerms = {
  area,
  factorPerMille: 1_000,
  marginMicro: 100_000,
  floorMicro: 50_000,
  capMicro: 390_000,
  fallbackMicro: 350_000,
  maxAgeS: 3_600,
};
const path = '/points/DEAAAEGARAGE1?energyWh=2000&powerW=8000';

let provider: TestProvider;
let entered: Awaited<ReturnType<typeof enterPoint>>;
beforeAll(async () => {
  provider = await openTestProvider({ gridArea: 'north' });
  entered = await enterPoint(provider);
  await setTerms(terms);
  await publishProvision(provider.context, certificateId());
});
afterAll(() => provider.close());

const nowS = () => provider.clock.nowS();
const quarter = () => nowS() - (nowS() % 900);
const certificateId = () => StationCertificate.id(testNetworkId, entered.provision.certificate.value);

async function setTerms(wanted: DynamicTerms | null) {
  await provider.context.db
    .updateTable('evse')
    .set({ dynamic_terms: wanted === null ? null : JSON.stringify(wanted) })
    .where('uid', '=', 'DEAAAEGARAGE1')
    .execute();
}

/** What a source has said: index by quarter-hour from the one of now on. */
const know = (indexMicro: readonly (number | null)[]) =>
  knowIndex(provider.context.db, area, quarter(), indexMicro);

/** The station asks, and holds then what came. */
const take = (signer = entered.station) => takeSignals(provider, certificateId(), signer);
/** The id of the price signal of an answer. */
const priceIdOf = ({ body }: { readonly body: { readonly signals: readonly Signal[] } }) =>
  SignalHead.id(testNetworkId, body.signals.find(({ head }) => head.value.kind === 'price')!.head.value);
const onMap = async () => (await provider.call('GET', path)).body;
/** What 2 kWh cost at an index, VAT included. */
const costOf = (indexMicro: number) => Math.round(2 * (indexMicro + 100_000) * 1.19);

describe('a dynamic point', () => {
  test('costs its fallback on the map until its station took a signal, then what the station offers', async () => {
    expect(await onMap()).toMatchObject({
      available: true,
      priceMicro: 833_000,
      dynamic: { area, isFallback: true, capMicro: 390_000, nextHours: { otherwiseMicro: 350_000 } },
    });
    await know([80_000, -20_000, null, 60_000]);
    expect((await onMap()).priceMicro).toBe(833_000);
    const { status, body } = await take();
    expect(status).toBe(200);
    const { certificateSigner, verifier } = provider.context;
    const issuerKeys = [certificateSigner.publicKey];
    const expected = { networkId: testNetworkId, issuerId: 'DEAAA', issuerKeys };
    const opened = await openSignal(body.signals[0], expected, verifier);
    expect(opened).toMatchObject({ ok: true, value: { head: { area, kind: 'price', issuedAt: nowS() } } });
    const point = await onMap();
    expect(point.dynamic).toEqual({
      area,
      isFallback: false,
      capMicro: 390_000,
      nextHours: {
        firstAt: quarter(),
        pricesMicro: [180_000, 80_000, 350_000, 160_000],
        otherwiseMicro: 350_000,
      },
    });
  });

  test('is at its fallback again once the signal is older than the terms allow, and says so', async () => {
    provider.clock.advance(3_600);
    expect(await onMap()).toMatchObject({ dynamic: { isFallback: true } });
    provider.clock.advance(1);
    expect(await onMap()).toMatchObject({
      available: true,
      priceMicro: 833_000,
      dynamic: { isFallback: true },
    });
    await know(Array.from({ length: 96 }, () => 30_000));
    await take();
    expect(await onMap()).toMatchObject({ priceMicro: costOf(30_000), dynamic: { isFallback: false } });
    provider.clock.advance(3_600);
    expect(await onMap()).toMatchObject({ dynamic: { isFallback: false } });
    provider.clock.advance(1);
    expect(await onMap()).toMatchObject({ dynamic: { isFallback: true } });
  });

  test('without a fallback it is not available then, and says why', async () => {
    const { fallbackMicro: _, ...strict } = terms;
    await setTerms(strict);
    const point = await onMap();
    expect(point).toMatchObject({ available: false, unavailable: 'no-fresh-price' });
    expect(point.priceMicro).toBeUndefined();
    expect(point.dynamic).toBeUndefined();
    await know(Array.from({ length: 96 }, () => 40_000));
    await take();
    const again = await onMap();
    expect(again).toMatchObject({ available: true, priceMicro: costOf(40_000) });
    expect(again.unavailable).toBeUndefined();
    await setTerms(terms);
  });

  test('a signal in another currency than the tariff prices nothing', async () => {
    const content = { kind: 'price', currency: 'CHF', firstAt: quarter(), indexMicro: [1_000] };
    await provider.context.db
      .updateTable('signal_series')
      .set({ content: JSON.stringify(content) })
      .where('area', '=', area)
      .execute();
    await take();
    expect(await onMap()).toMatchObject({ dynamic: { isFallback: true }, priceMicro: 833_000 });
  });

  test('a signal given to a courier may have come or not: the map promises the dearer of both', async () => {
    const opened = async () => {
      const update = await publishProvision(provider.context, certificateId());
      const expected = {
        networkId: testNetworkId,
        issuerId: 'DEAAA',
        issuerKeys: entered.provision.issuerKeys,
        stationKeyId: keyId(entered.station.publicKey),
      };
      const answer = await openProvisionUpdate(update, expected, provider.context.verifier);
      if (!answer.ok) throw new Error(answer.refusal);
      return answer.value.content as typeof entered.provision;
    };
    // Dearer than the fallback: the station may have it.
    await know(Array.from({ length: 8 }, () => 280_000));
    const provision = await opened();
    expect(provision).toMatchObject({ dynamic: terms, signals: [{ head: { value: { kind: 'price' } } }] });
    expect(provision.feedInMicroPerKwh).toBeUndefined();
    expect((await onMap()).priceMicro).toBe(costOf(280_000));
    // Cheaper: the station may not have it, but still the one before.
    provider.clock.advance(1);
    await know(Array.from({ length: 8 }, () => 10_000));
    await opened();
    expect(await onMap()).toMatchObject({ priceMicro: costOf(280_000), dynamic: { isFallback: true } });
    await take();
    expect((await onMap()).priceMicro).toBe(costOf(10_000));
  });

  test('of several couriers the first may arrive, although a later one was given a cheaper correction', async () => {
    await know(Array.from({ length: 96 }, () => 100_000));
    await take();
    expect((await onMap()).priceMicro).toBe(costOf(100_000));
    await know(Array.from({ length: 96 }, () => 250_000));
    await publishProvision(provider.context, certificateId());
    await know(Array.from({ length: 96 }, () => 20_000));
    await publishProvision(provider.context, certificateId());
    expect((await onMap()).priceMicro).toBe(costOf(250_000));
    await take();
    expect((await onMap()).priceMicro).toBe(costOf(20_000));
  });

  test('an answer that is lost on its way changes nothing at the station: the map promises the dearer until it says what it holds', async () => {
    await know(Array.from({ length: 96 }, () => 200_000));
    await take();
    const ask = (holds?: Hex) => askSignals(provider, certificateId(), entered.station, holds);
    const holding = priceIdOf(await ask());
    await ask(holding);
    expect((await onMap()).priceMicro).toBe(costOf(200_000));
    await know(Array.from({ length: 96 }, () => 10_000));
    const lost = priceIdOf(await ask(holding));
    expect((await onMap()).priceMicro).toBe(costOf(200_000));
    await ask(lost);
    expect((await onMap()).priceMicro).toBe(costOf(10_000));
    // A disk that was lost: the station holds none, and what it is given now may not come either.
    await ask();
    expect(await onMap()).toMatchObject({ priceMicro: 833_000, dynamic: { isFallback: true } });
    await take();
  });

  test('what a courier has is forgotten once the station holds a later one', async () => {
    const given = async () =>
      (
        await provider.context.db
          .selectFrom('evse')
          .select('given_signal_ids')
          .where('uid', '=', 'DEAAAEGARAGE1')
          .executeTakeFirstOrThrow()
      ).given_signal_ids;
    for (const index of [31_000, 32_000, 33_000]) {
      await know([index]);
      await publishProvision(provider.context, certificateId());
      await publishProvision(provider.context, certificateId());
    }
    expect(await given()).toHaveLength(3);
    await take();
    expect(await given()).toEqual([]);
  });

  test('an index of another area than that of the terms prices nothing', async () => {
    await know(Array.from({ length: 96 }, () => 10_000));
    await take();
    await setTerms({ ...terms, area: 'DE-LU' });
    await provider.context.db
      .updateTable('evse')
      .set({ held_terms: JSON.stringify({ dynamic: { ...terms, area: 'DE-LU' } }) })
      .where('uid', '=', 'DEAAAEGARAGE1')
      .execute();
    expect(await onMap()).toMatchObject({ priceMicro: 833_000, dynamic: { isFallback: true } });
    await setTerms(terms);
    await publishProvision(provider.context, certificateId());
    await take();
  });

  test('keeps the dearer price of old and new terms until its station has heard of the new ones', async () => {
    await know(Array.from({ length: 8 }, () => 100_000));
    await take();
    expect((await onMap()).priceMicro).toBe(costOf(100_000));
    await setTerms({ ...terms, marginMicro: 60_000 });
    expect((await onMap()).priceMicro).toBe(costOf(100_000));
    await setTerms({ ...terms, marginMicro: 140_000 });
    expect((await onMap()).priceMicro).toBe(costOf(140_000));
    // Of another area's signal the station holds none: the old cap is the most that it may ask.
    await setTerms({ ...terms, area: 'DE-LU' });
    expect(await onMap()).toMatchObject({ priceMicro: Math.round(2 * 390_000 * 1.19) });
    await setTerms({ ...terms, marginMicro: 60_000 });
    await publishProvision(provider.context, certificateId());
    await take();
    expect((await onMap()).priceMicro).toBe(costOf(60_000));
    await setTerms(terms);
    await publishProvision(provider.context, certificateId());
  });

  test('costs its tariff while its station does not know that the price follows an index', async () => {
    await setTerms(null);
    await publishProvision(provider.context, certificateId());
    await setTerms(terms);
    const point = await onMap();
    expect(point.dynamic).toBeUndefined();
    expect(point).toMatchObject({ available: true, priceMicro: Math.round(2 * 390_000 * 1.19) });
    await publishProvision(provider.context, certificateId());
    expect(await onMap()).toMatchObject({ dynamic: { area } });
  });

  test('buys energy back where its operator says so', async () => {
    const body = {
      ...samplePoint(entered.operator.operatorId),
      feedInMicroPerKwh: 82_000,
      gridArea: 'south',
    };
    await provider.call('POST', '/admin/points', { as: 'staff', body });
    expect((await onMap()).feedInMicroPerKwh).toBe(82_000);
    const update = await publishProvision(provider.context, certificateId());
    expect(JSON.parse(update?.contentJson ?? '')).toMatchObject({ feedInMicroPerKwh: 82_000 });
  });
});

test('only the station itself is noted to have taken its signals: who knows its certificate learns and changes nothing', async () => {
  const taken = () =>
    provider.context.db
      .selectFrom('evse')
      .select(['signals_taken_at', 'taken_signal_id', 'last_seen_at'])
      .where('uid', '=', 'DEAAAEGARAGE1')
      .executeTakeFirstOrThrow();
  await know([10_000, 20_000]);
  await take();
  provider.clock.advance(600);
  await know([15_000, 25_000]);
  const before = await taken();
  expect(await provider.call('GET', `/signals?station=${certificateId()}`)).toMatchObject({
    status: 401,
    body: { refusal: 'signature-missing' },
  });
  expect(await take(testKey().signer)).toMatchObject({
    status: 401,
    body: { refusal: 'signature-key-unknown' },
  });
  // Another station of the same provider, with its own key.
  const other = await enterPoint(provider, { evseId: 'DEAAAEGARAGE7' });
  expect((await take(other.station)).body.refusal).toBe('signature-key-unknown');
  expect(await taken()).toEqual(before);
  expect((await take()).status).toBe(200);
  expect(await taken()).not.toEqual(before);
});

describe('a signal', () => {
  const price = () => provider.call('GET', '/signals/price/AT');

  test('is given out unchanged until its content changes or half of its age is over', async () => {
    provider.clock.advance(100);
    await know([10_000, 20_000]);
    const first = (await price()).body;
    provider.clock.advance(1_799);
    expect((await price()).body).toEqual(first);
    provider.clock.advance(1);
    const second = (await price()).body;
    expect(second.contentJson).toBe(first.contentJson);
    expect(second.head.value.issuedAt).toBe(first.head.value.issuedAt + 1_800);
    await know([10_000, 30_000]);
    const third = (await price()).body;
    expect(third.contentJson).not.toBe(first.contentJson);
    expect(third.head.value.issuedAt).toBeGreaterThan(second.head.value.issuedAt);
  });

  test('that is not known is not found, and a station that is not known gets none', async () => {
    expect(await provider.call('GET', '/signals/price/NO1')).toMatchObject({
      status: 404,
      body: { refusal: 'signal-unknown' },
    });
    expect(await provider.call('GET', `/signals?station=0x${'0'.repeat(64)}`)).toMatchObject({
      status: 404,
      body: { refusal: 'station-unknown' },
    });
    expect(await provider.call('GET', '/signals')).toMatchObject({ status: 400 });
    expect(await provider.call('GET', '/signals/weather/AT')).toMatchObject({ status: 400 });
  });
});

describe('a grid that staff states', () => {
  const put = (slots: unknown, where = 'south', as = 'staff') =>
    provider.call('PUT', `/admin/signals/grid/${where}`, { as, body: { slots } });
  const slot = (from: number, state = 'red', limitW?: number) => ({
    from: nowS() + from,
    to: nowS() + from + 600,
    state,
    ...(limitW !== undefined && { limitW }),
  });

  test('reaches the stations of its area', async () => {
    const slots = [slot(0, 'yellow'), slot(600, 'red', 4_200)];
    expect(await put(slots)).toMatchObject({ status: 200, body: { slots: 2 } });
    const { signals } = (await take()).body;
    const grid = signals.find(
      (signal: { head: { value: { kind: string } } }) => signal.head.value.kind === 'grid',
    );
    expect(JSON.parse(grid.contentJson)).toEqual({ kind: 'grid', slots });
    expect(grid.head.value.area).toBe('south');
  });

  test('is refused out of order, and for whoever is not staff', async () => {
    for (const slots of [[slot(600), slot(0)], [slot(0), slot(599)], [{ ...slot(0), to: nowS() }]])
      expect(await put(slots)).toMatchObject({ status: 422, body: { refusal: 'slots-out-of-order' } });
    expect(await put([slot(0, 'purple')])).toMatchObject({ status: 400 });
    expect(await put([slot(0)], 'south', 'anna')).toMatchObject({ status: 401 });
  });

  test('is listed for staff with its age, beside the prices', async () => {
    provider.clock.advance(60);
    const { body } = await provider.call('GET', '/admin/signals', { as: 'staff' });
    expect(body.signals).toMatchObject([
      { kind: 'grid', area: 'south', source: 'staff', ageS: 60, nextAt: null, fault: null },
      { kind: 'price', area, content: { kind: 'price', indexMicro: [10_000, 30_000] } },
    ]);
    expect((await provider.call('GET', '/admin/signals')).status).toBe(401);
    expect((await provider.call('GET', '/metrics')).body).toMatch(
      /p2p_power_signal_age_seconds\{kind="grid",area="south"\} 60/,
    );
  });
});

test('a station that was revoked takes no signals any more, and the map does not count on it', async () => {
  expect((await take()).status).toBe(200);
  const revoked = await provider.call('DELETE', '/admin/points/DEAAAEGARAGE1/station-certificates', {
    as: 'staff',
  });
  expect(revoked.body).toEqual({ revoked: 1 });
  expect((await take()).status).toBe(404);
});
