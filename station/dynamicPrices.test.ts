import { zeroHash } from '@p2p-power/protocol/Hex';
import { SignalHead } from '@p2p-power/protocol/Signal';
import { dawn, networkId } from '@p2p-power/protocol/testing/world';
import type { DynamicTerms } from '@p2p-power/tariff/DynamicTerms';
import { describe, expect, test } from 'vitest';
import {
  hourlyIndex,
  makeStationWorld,
  type StationWorld,
  signTestSignal,
  testTerms,
} from './testing/stationWorld.ts';

const hourS = 3_600;

async function dynamicWorld(
  hours: readonly (number | null)[] | undefined,
  terms: Partial<DynamicTerms> = {},
  issuedAt = dawn - 60,
): Promise<StationWorld> {
  const dynamic = { ...testTerms, ...terms };
  const world = await makeStationWorld({ provision: { dynamic } });
  if (hours !== undefined) await world.station().takeSignals([await priceSignal(world, hours, issuedAt)]);
  return world;
}

const priceSignal = (world: StationWorld, hours: readonly (number | null)[], issuedAt: number) =>
  signTestSignal(world.ownProvider, hourlyIndex(dawn, ...hours), issuedAt);

const { fallbackMicro: _, ...withoutFallback } = testTerms;

describe('an offer of a dynamic point', () => {
  test('names the prices that it promises, and the signal that they rest on', async () => {
    const world = await dynamicWorld([10, 20, null, 30]);
    const conditions = await world.hello();
    const [signal] = conditions.signals ?? [];
    expect(conditions.prices).toEqual({
      signalId: signal && SignalHead.id(networkId, signal.head.value),
      firstAt: dawn,
      pricesMicro: [100_000, 200_000, 390_000, 300_000].flatMap((price) => [price, price, price, price]),
      otherwiseMicro: 390_000,
    });
    expect(conditions.offer.value.pricesId).not.toBe(zeroHash);
    expect(world.station().status().price).toEqual({ microPerKwh: 100_000, isFallback: false });
  });

  test('runs out with the signal, and then promises the fallback', async () => {
    const world = await dynamicWorld([10], {}, dawn - testTerms.maxAgeS + 200);
    expect((await world.hello()).offer.value.expiresAt).toBe(dawn + 200);
    world.clock.advanceMs(200_000);
    const { offer, prices } = await world.hello();
    expect(prices).toMatchObject({ signalId: zeroHash, pricesMicro: [], otherwiseMicro: 390_000 });
    expect(offer.value.expiresAt).toBe(dawn + 800);
    expect(world.station().status().price).toEqual({ microPerKwh: 390_000, isFallback: true });
  });

  test('is not made with neither signal nor fallback, and is again when a signal comes', async () => {
    const world = await makeStationWorld({ provision: { dynamic: withoutFallback } });
    const asked = await world.ask({ type: 'hello', version: 1 });
    expect(asked).toMatchObject({ type: 'refused', refusal: 'no-fresh-price' });
    expect(world.station().status().price).toBeUndefined();
    await world.station().takeSignals([await priceSignal(world, [10], dawn)]);
    expect((await world.hello()).prices).toMatchObject({ otherwiseMicro: 390_000 });
  });

  test('of a plain point names none', async () => {
    const conditions = await (await makeStationWorld()).hello();
    expect(conditions.offer.value.pricesId).toBe(zeroHash);
    expect(conditions).not.toHaveProperty('prices');
    expect(conditions).not.toHaveProperty('signals');
  });

  test('is refused at the start where the terms may ask more than the tariff', async () => {
    const dynamic = { ...testTerms, capMicro: 390_001 };
    await expect(makeStationWorld({ provision: { dynamic } })).rejects.toThrow('below the cap');
  });
});

describe('a charge at a dynamic point', () => {
  test('costs what was promised, quarter-hour by quarter-hour', async () => {
    const world = await dynamicWorld([10, 30]);
    const id = await world.start();
    await world.run(2 * hourS);
    await world.stop(id);
    const { cdr, prices } = await world.receipt(id);
    expect(prices?.pricesMicro).toHaveLength(8);
    const { importedWh, chargeMicro } = cdr.value;
    // Half of it at 10 and half at 30 cents, and 19 % of tax.
    expect(chargeMicro / importedWh).toBeCloseTo(200 * 1.19, 0);
  });

  test('costs the same whatever signals come in it, or none any more', async () => {
    const costs = await Promise.all(
      [undefined, [0, 0, 0], [39, 39, 39]].map(async (hours) => {
        const world = await dynamicWorld([10, 30, 20]);
        const id = await world.start({ maxEnergyWh: 20_000 });
        await world.run(hourS);
        if (hours !== undefined)
          await world.station().takeSignals([await priceSignal(world, hours, world.clock.nowS())]);
        await world.crash(30);
        await world.run(hourS);
        return (await world.receipt(id)).cdr.value.chargeMicro;
      }),
    );
    expect(new Set(costs).size).toBe(1);
  });

  test('whose signal goes stale ends as it was agreed', async () => {
    const world = await dynamicWorld([10, 10], {}, dawn - testTerms.maxAgeS + 60);
    const id = await world.start({ maxEnergyWh: 5_000 });
    await world.run(hourS);
    const { cdr } = await world.receipt(id);
    expect(cdr.value.endReason).toBe('energy-reached');
    expect(cdr.value.chargeMicro / cdr.value.importedWh).toBeCloseTo(119, 1);
  });

  test('an offer made on an older signal holds while a newer one came', async () => {
    const world = await dynamicWorld([10, 10]);
    const conditions = await world.hello();
    await world.station().takeSignals([await priceSignal(world, [39, 39], dawn)]);
    const request = await world.authorization({ maxEnergyWh: 1_000 }, undefined, conditions);
    expect(await world.ask(request)).toMatchObject({ type: 'started' });
    await world.run(600);
    const ended = world.store.latest('ended');
    expect(JSON.parse(ended?.body ?? '{}').prices).toEqual(conditions.prices);
  });
});
