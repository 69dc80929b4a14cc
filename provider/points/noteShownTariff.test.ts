import { StationCertificate } from '@p2p-power/protocol/StationCertificate';
import { dawn } from '@p2p-power/protocol/testing/world';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pullLocations } from '../locations/pullLocations.ts';
import { readLocations } from '../locations/readLocations.ts';
import { signRequest } from '../peers/signRequest.ts';
import { enterGarage, type MoneyWorld, openMoneyWorld } from '../testing/moneyWorld.ts';
import { enterPoint, sampleTariff, spkiOf } from '../testing/samples.ts';
import { openTestProvider, type TestProvider, testKey, testNetworkId } from '../testing/testProvider.ts';
import type { HeldTariff } from './heldTariffs.ts';
import { publishProvision } from './publishProvision.ts';

const as = 'staff';
const tariffAt = (perKwh: number) => sampleTariff('DEAAA', perKwh);
/** 10 kWh with tax. */
const costAt = (perKwh: number) => Math.round(10 * perKwh * 1.19 * 1_000_000);

describe('after another tariff was put', () => {
  let provider: TestProvider;
  let entered: Awaited<ReturnType<typeof enterPoint>>;
  beforeAll(async () => {
    provider = await openTestProvider();
    entered = await enterPoint(provider);
  });
  afterAll(() => provider.close());

  const put = async (perKwh: number): Promise<string> => {
    const answer = await provider.call('PUT', '/admin/points/DEAAAEGARAGE1/tariff', {
      as,
      body: tariffAt(perKwh),
    });
    expect(answer.status).toBe(200);
    return answer.body.tariffId;
  };
  const onMap = async () => {
    const { body } = await provider.call('GET', '/points/DEAAAEGARAGE1?energyWh=10000&powerW=11000');
    const listed = await provider.call(
      'GET',
      `/points?latitude=${body.latitude}&longitude=${body.longitude}&radiusM=100&energyWh=10000&powerW=11000`,
    );
    expect(listed.body.points[0].priceMicro).toBe(body.priceMicro);
    expect(listed.body.points[0].tariffLines).toEqual(body.tariffLines);
    return {
      priceMicro: body.priceMicro as number,
      perKwh: body.ocpiTariff.elements[0].price_components[0].price as number,
      line: body.tariffLines[0].text as string,
    };
  };
  const tell = async (tariffId: string, signer = entered.station) => {
    const at = '/points/DEAAAEGARAGE1/standing';
    const body = JSON.stringify({ occupied: false, tariffId });
    const request = { url: `https://a.example${at}`, method: 'POST', body };
    const { headers } = await signRequest(request, signer, provider.clock.nowS());
    return (await provider.call('POST', at, { headers, body })).status;
  };
  const giveToCourier = () =>
    publishProvision(
      provider.context,
      StationCertificate.id(testNetworkId, entered.provision.certificate.value),
    );

  test('the map promises the dearer of both until the station itself says by which it offers', async () => {
    expect(await onMap()).toMatchObject({ priceMicro: costAt(0.39), perKwh: 0.39 });
    const cheaper = await put(0.29);
    expect(await onMap()).toMatchObject({ priceMicro: costAt(0.39), perKwh: 0.39 });
    // Given to somebody who may bring it, it has not come.
    await giveToCourier();
    expect(await onMap()).toMatchObject({ priceMicro: costAt(0.39), perKwh: 0.39 });
    expect(await tell(cheaper, testKey().signer)).toBe(401);
    expect((await onMap()).priceMicro).toBe(costAt(0.39));
    expect(await tell(cheaper)).toBe(204);
    expect(await onMap()).toMatchObject({ priceMicro: costAt(0.29), perKwh: 0.29 });
    expect((await onMap()).line).toContain('0.3451');
  });

  test('a dearer one is promised at once, for the station may have it at any time', async () => {
    const dearer = await put(0.49);
    expect(await onMap()).toMatchObject({ priceMicro: costAt(0.49), perKwh: 0.49 });
    await giveToCourier();
    expect(await tell(dearer)).toBe(204);
    expect((await onMap()).priceMicro).toBe(costAt(0.49));
  });

  test('a message that came late counts: what the station says now it holds is possible again', async () => {
    const first = await put(0.45);
    await giveToCourier();
    const second = await put(0.25);
    await giveToCourier();
    expect(await tell(second)).toBe(204);
    expect((await onMap()).priceMicro).toBe(costAt(0.25));
    expect(await tell(first)).toBe(204);
    expect((await onMap()).priceMicro).toBe(costAt(0.45));
    expect(await tell(second)).toBe(204);
    expect((await onMap()).priceMicro).toBe(costAt(0.25));
    expect(await tell(`0x${'ee'.repeat(32)}`)).toBe(204);
    expect((await onMap()).priceMicro).toBe(costAt(0.25));
  });

  test('peers are told of both, and forget the old one when it is over', async () => {
    await put(0.2);
    const { locations } = await readLocations(provider.context, { offset: 0, limit: 10 });
    const told = locations.flatMap(({ evses = [] }) => evses.map((evse) => evse.p2p_power));
    expect(told[0]?.tariff).toMatchObject(tariffAt(0.2));
    const { notAfter } = entered.provision.certificate.value;
    expect(told[0]?.held_tariffs).toEqual([{ tariff: tariffAt(0.25), until: notAfter }]);
    provider.clock.advance(notAfter - provider.clock.nowS());
    expect((await onMap()).priceMicro).toBe(costAt(0.2));
  });

  test('a new station has what it was given, and nothing of the one before', async () => {
    await provider.call('POST', '/admin/points/DEAAAEGARAGE1/station-certificates', {
      as,
      body: {
        publicKey: testKey().signer.publicKey,
        meterPublicKey: spkiOf(testKey().signer.publicKey),
        hardwareModel: 'Sample 11 kW',
      },
    });
    await put(0.15);
    expect((await onMap()).priceMicro).toBe(costAt(0.2));
  });
});

describe('a station that nobody hears of but by its charges', () => {
  let world: MoneyWorld;
  beforeAll(async () => {
    world = await openMoneyWorld();
  });
  afterAll(() => world.close());

  test('shows by an offer that it has the new tariff; at its peer, too, both count until then', async () => {
    const { value } = world.garage.certificate;
    const { db } = world.b.database;
    const evseId = await enterGarage(world, 0.3);
    const evidence = await world.charge('new tariff');
    const { tariffId, issuedAt } = evidence.offer.value;
    const old: HeldTariff = {
      tariffId: `0x${'0d'.repeat(32)}`,
      tariff: sampleTariff('DEBBB', 0.9),
      givenAt: dawn - 86_400,
      until: value.notAfter,
    };
    const now = { tariffId, tariff: sampleTariff('DEBBB', 0.3), until: value.notAfter };
    const hold = (held: readonly HeldTariff[]) =>
      db
        .updateTable('evse')
        .set({ held_tariffs: JSON.stringify(held) })
        .where('uid', '=', evseId)
        .execute();
    const price = async (provider: TestProvider) =>
      (await provider.call('GET', `/points/${evseId}?energyWh=10000&powerW=11000`)).body.priceMicro;
    const handIn = async (name: string) =>
      world.b.call('POST', '/hand-in', {
        body: { segments: [await world.seal([name === 'new tariff' ? evidence : await world.charge(name)])] },
      });

    // Given after the offer was made, the offer says nothing of what the station has by now.
    await hold([old, { ...now, givenAt: issuedAt + 1 }]);
    await handIn('new tariff');
    expect(await price(world.b)).toBe(costAt(0.9));
    await pullLocations(world.a.context, 'DEBBB', new AbortController().signal);
    expect(await price(world.a)).toBe(costAt(0.9));
    await hold([old, { ...now, givenAt: issuedAt - 60 }]);
    await handIn('one more');
    expect(await price(world.b)).toBe(costAt(0.3));
    await pullLocations(world.a.context, 'DEBBB', new AbortController().signal);
    expect(await price(world.a)).toBe(costAt(0.3));
  });
});
