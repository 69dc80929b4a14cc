import { dawn, plainTariff, testTariff } from '@p2p-power/protocol/testing/world';
import { price } from '@p2p-power/tariff/price';
import type { Tariff } from '@p2p-power/tariff/Tariff';
import { describe, expect, test } from 'vitest';
import { JournalFault } from './JournalFault.ts';
import { memoryJournalStore } from './memoryJournalStore.ts';
import type { JournalEntry } from './Ports.ts';
import { makeStationWorld } from './testing/stationWorld.ts';

describe('a charge at a station that is alone', () => {
  test('is authorized, measured each quarter-hour, stopped by the driver and priced', async () => {
    const world = await makeStationWorld();
    const id = await world.start();
    expect(world.point.contactor.isClosed()).toBe(true);
    await world.run(3_600);
    const running = await world.ask({ type: 'status', authorizationId: id });
    expect(running).toMatchObject({ type: 'session', state: 'charging' });
    expect(running).toMatchObject({ powerW: 11_000 });
    const ended = await world.stop(id);
    expect(ended).toMatchObject({ type: 'session', state: 'ended', note: 'driver-stopped' });
    expect(world.point.contactor.isClosed()).toBe(false);
    const { cdr, readings } = await world.receipt(id);
    // An hour at 11 kW, less 25 kWs for the first five seconds at 2, 4, 6, 8 and 10 kW.
    expect(cdr.value.importedWh).toBe(10_993);
    // 10.993 kWh at 0.39 €, and 19 % VAT.
    expect(cdr.value.chargeMicro).toBe(5_101_851);
    expect(readings.map(({ at }) => at % 900)).toEqual([0, 0, 0, 0, 0, 1]);
  });

  test('shows the power that the meter tells; of a meter that only counts, the mean of whole Wh', async () => {
    const shownW = async (countsOnly: boolean) => {
      const world = await makeStationWorld({ speed: 60 });
      const { meter } = world.point;
      const { readRegisters } = meter;
      const count = async () => {
        const { importWh, exportWh } = await readRegisters();
        return { importWh, exportWh };
      };
      if (countsOnly) Object.assign(meter, { readRegisters: count });
      const id = await world.start();
      await world.run(60);
      const status = await world.ask({ type: 'status', authorizationId: id });
      await world.stop(id);
      const { cdr, readings } = await world.receipt(id);
      // What is signed knows nothing of the shown power: 11 kWh in a minute, and readings of registers alone.
      expect(Math.abs(cdr.value.importedWh - 11_000)).toBeLessThan(250);
      expect(Object.keys(readings[0] ?? {}).toSorted()).toEqual(['at', 'exportWh', 'importWh', 'state']);
      return status.type === 'session' ? status.powerW : 0;
    };
    expect(await shownW(false)).toBe(11_000);
    expect(Math.abs((await shownW(true)) - 660_000)).toBeLessThan(250);
  });

  test('a car that comes later is waited for, and nothing is measured before', async () => {
    const world = await makeStationWorld({ isPlugged: false });
    const id = await world.start();
    await world.run(60);
    expect(await world.ask({ type: 'status', authorizationId: id })).toMatchObject({
      state: 'waiting-for-car',
      energyWh: 0,
    });
    expect(world.point.contactor.isClosed()).toBe(false);
    world.point.act('plug');
    await world.run(600);
    await world.stop(id);
    const { cdr } = await world.receipt(id);
    expect(cdr.value.startedAt).toBe(world.clock.nowS() - 599);
    expect(cdr.value.importedWh).toBe(1_823);
  });

  test('without a car it is given up and costs nothing', async () => {
    const world = await makeStationWorld({ isPlugged: false, options: { waitForCarS: 120 } });
    const id = await world.start();
    await world.run(121);
    expect(await world.ask({ type: 'status', authorizationId: id })).toMatchObject({
      state: 'ended',
      energyWh: 0,
      amountMicro: 0,
      note: 'no-car',
    });
    expect(await world.ask({ type: 'receipt', authorizationId: id })).toMatchObject({ refusal: 'no-charge' });
    await world.start();
  });

  test('pulling the cable ends it', async () => {
    const world = await makeStationWorld();
    const id = await world.start();
    await world.run(100);
    world.point.act('unplug');
    await world.run(1);
    expect((await world.receipt(id)).cdr.value.endReason).toBe('cable-removed');
  });

  test('a fault ends it, and no other begins before it is repaired', async () => {
    const world = await makeStationWorld();
    const id = await world.start();
    await world.run(100);
    world.point.act('fault');
    await world.run(1);
    expect((await world.receipt(id)).cdr.value.endReason).toBe('fault');
    expect(await world.ask(await world.authorization())).toMatchObject({ refusal: 'station-out-of-order' });
    world.point.act('repair');
    await world.start();
  });

  test('a full car parks, and parking is priced as such', async () => {
    const world = await makeStationWorld({
      tariff: testTariff,
      car: { socWh: 59_500, taperFromPercent: 100 },
    });
    // 10:00 in Berlin, when parking has its price.
    world.clock.advanceMs(8 * 3_600_000);
    const id = await world.start();
    await world.run(1_800);
    expect(await world.ask({ type: 'status', authorizationId: id })).toMatchObject({ state: 'parking' });
    expect(world.point.contactor.isClosed()).toBe(false);
    await world.stop(id);
    const { readings, cdr } = await world.receipt(id);
    expect(readings.map(({ state }) => state)).toEqual([
      'charging',
      'parking',
      'parking',
      'parking',
      'parking',
    ]);
    expect(cdr.value.importedWh).toBe(500);
  });

  test.each([1_000, 2_500, 7_777])('never more than the energy bound of %i Wh', async (maxEnergyWh) => {
    const world = await makeStationWorld();
    const id = await world.start({ maxEnergyWh });
    await world.run(3_600);
    const { cdr } = await world.receipt(id);
    expect(cdr.value.endReason).toBe('energy-reached');
    expect(cdr.value.importedWh).toBeLessThanOrEqual(maxEnergyWh);
    expect(cdr.value.importedWh).toBeGreaterThan(maxEnergyWh - 8);
  });

  test.each([1_000, 60_000])(
    'no bound is passed though power rises from nothing at once, looking every %i ms',
    async (tickMs) => {
      const world = await makeStationWorld({
        car: { socWh: 1_000, maxPowerW: 22_000, rampWPerS: 22_000 },
        maxPowerW: 22_000,
        options: { tickMs },
      });
      for (const maxEnergyWh of [1, 5, 100, 500, 700, 1_100]) {
        const id = await world.start({ maxEnergyWh });
        await world.run(600, tickMs);
        const { cdr } = await world.receipt(id);
        expect(cdr.value.importedWh).toBeLessThanOrEqual(maxEnergyWh);
        world.point.act('unplug');
        world.point.act('plug');
      }
    },
  );

  test('never more than the amount bound', async () => {
    const world = await makeStationWorld();
    const id = await world.start({ maxAmountMicro: 1_000_000 });
    await world.run(3_600);
    const { cdr, tariff, offer, readings } = await world.receipt(id);
    expect(cdr.value.endReason).toBe('amount-reached');
    expect(cdr.value.chargeMicro).toBeLessThanOrEqual(1_000_000);
    expect(cdr.value.chargeMicro).toBeGreaterThan(995_000);
    // It ends in time: nothing is given away either.
    const { timeZone } = offer.value;
    expect(price(tariff, { timeZone, readings }).inclVatMicro).toBe(cdr.value.chargeMicro);
  });

  test('ends at the leave time, and keeps to the highest power', async () => {
    const world = await makeStationWorld();
    const id = await world.start({ leaveAt: world.clock.nowS() + 1_000, maxPowerW: 3_700 });
    await world.run(1_100);
    const { cdr } = await world.receipt(id);
    expect(cdr.value.endReason).toBe('leave-time');
    expect(cdr.value.endedAt - cdr.value.startedAt).toBe(1_000);
    expect(cdr.value.importedWh).toBe(1_027);
  });

  test('does not charge before the time the driver asked for', async () => {
    const world = await makeStationWorld();
    const id = await world.start({ startAt: world.clock.nowS() + 500 });
    await world.run(499);
    expect(await world.ask({ type: 'status', authorizationId: id })).toMatchObject({
      state: 'paused',
      energyWh: 0,
    });
    await world.run(500);
    await world.stop(id);
    const { readings } = await world.receipt(id);
    expect(readings.map(({ state }) => state)).toEqual(['parking', 'charging', 'charging', 'charging']);
  });
});

test('charges at the cheapest times before the driver leaves', async () => {
  const energy = (priceMicro: number) => [{ type: 'ENERGY' as const, priceMicro, vatBp: 1900, stepSize: 1 }];
  const tariff: Tariff = {
    ...plainTariff,
    elements: [
      { priceComponents: energy(100_000), restrictions: { startMinute: 180, endMinute: 240 } },
      { priceComponents: energy(400_000) },
    ],
  };
  const world = await makeStationWorld({ tariff });
  // Dawn is 2:00 in Berlin; from 3:00 to 4:00 power is cheap.
  const leaveAt = world.clock.nowS() + 3 * 3_600;
  const id = await world.start({ mode: 'cheapest', maxEnergyWh: 10_000, leaveAt });
  await world.run(3_500, 10_000);
  expect(await world.ask({ type: 'status', authorizationId: id })).toMatchObject({
    state: 'paused',
    energyWh: 0,
  });
  await world.run(3_700, 10_000);
  const { cdr } = await world.receipt(id);
  expect(cdr.value.endReason).toBe('energy-reached');
  // All of it for 0.10 €, and 19 % VAT.
  expect(cdr.value.chargeMicro).toBe(cdr.value.importedWh * 119);
});

describe('after a kill', () => {
  test('a short power cut: the same session goes on, and its outage is not charging time', async () => {
    const world = await makeStationWorld();
    const id = await world.start();
    await world.run(1_000);
    await world.crash(120);
    expect(world.point.contactor.isClosed()).toBe(false);
    await world.run(1_000);
    expect(world.point.contactor.isClosed()).toBe(true);
    await world.stop(id);
    const { readings, cdr } = await world.receipt(id);
    expect(cdr.value.importedWh).toBe(6_091);
    expect(readings.map(({ state }) => state)).toContain('parking');
    expect(cdr.value.endReason).toBe('driver-stopped');
  });

  test('a long power cut: the session ends at the last sign of life with all that flowed', async () => {
    const world = await makeStationWorld();
    const id = await world.start();
    await world.run(1_000);
    await world.crash(7_200);
    const { cdr } = await world.receipt(id);
    expect(cdr.value.endReason).toBe('power-cut');
    expect(cdr.value.importedWh).toBe(3_048);
    expect(cdr.value.endedAt - cdr.value.startedAt).toBeLessThanOrEqual(1_000);
    await world.start();
  });

  test('the car left during the power cut', async () => {
    const world = await makeStationWorld();
    const id = await world.start();
    await world.run(100);
    world.point.act('unplug');
    await world.crash(60);
    expect((await world.receipt(id)).cdr.value.endReason).toBe('power-cut');
  });

  test('an authorization used before stays used, and a running one is answered as before', async () => {
    const world = await makeStationWorld();
    const request = await world.authorization();
    expect(await world.ask(request)).toMatchObject({ type: 'started' });
    expect(await world.ask(request)).toMatchObject({ type: 'started' });
    await world.crash();
    const again = await world.ask(request);
    expect(again).toMatchObject({ type: 'started' });
    await world.run(10);
    if (again.type === 'started') await world.stop(again.authorizationId);
    expect(await world.ask(request)).toMatchObject({ refusal: 'authorization-replayed' });
    await world.crash();
    expect(await world.ask(request)).toMatchObject({ refusal: 'authorization-replayed' });
  });
});

test('an offer holds no longer than its tariff, and outside of its times there is none', async () => {
  const tariff = { ...plainTariff, startsAt: dawn + 60, endsAt: dawn + 160 };
  const world = await makeStationWorld({ tariff, options: { offerValidS: 90 } });
  const hello = () => world.ask({ type: 'hello', version: 1 });
  const none = { type: 'refused', refusal: 'no-valid-tariff' };
  expect(await hello()).toMatchObject(none);
  world.clock.advanceMs(59_999);
  expect(await hello()).toMatchObject(none);
  world.clock.advanceMs(1);
  expect((await world.hello()).offer.value.expiresAt).toBe(dawn + 150);
  world.clock.advanceMs(40_000);
  const last = await world.hello();
  expect(last.offer.value.expiresAt).toBe(dawn + 160);
  world.clock.advanceMs(60_000);
  expect(await hello()).toMatchObject(none);
  expect(await world.ask(await world.authorization({}, world.driver, last))).toMatchObject({
    type: 'refused',
    refusal: 'offer-expired',
  });
});

test('a flat fee alone above the amount is refused before anything happens', async () => {
  const flat: Tariff = {
    ...plainTariff,
    elements: [{ priceComponents: [{ type: 'FLAT', priceMicro: 500_000, stepSize: 1 }] }],
  };
  const world = await makeStationWorld({ tariff: flat });
  expect(await world.ask(await world.authorization({ maxAmountMicro: 499_999 }))).toMatchObject({
    refusal: 'bounds-below-price',
  });
});

test('an hour’s charge costs seven durable writes', async () => {
  const store = memoryJournalStore();
  let writes = 0;
  const counted = {
    ...store,
    append(entries: readonly JournalEntry[]) {
      writes += 1;
      store.append(entries);
    },
  };
  const world = await makeStationWorld({ store: counted });
  // From five past to five past.
  world.clock.advanceMs(300_000);
  const id = await world.start();
  expect(writes).toBe(1);
  await world.run(3_600);
  expect(writes).toBe(1 + 4);
  await world.stop(id);
  expect(writes).toBe(1 + 4 + 2);
});

describe('a disk that refuses', () => {
  test('or takes all and keeps nothing: it is told at the next look, and nobody waits for ever', async () => {
    const store = memoryJournalStore();
    const world = await makeStationWorld({ store, isPlugged: false });
    store.append = () => undefined;
    await world.start();
    expect(() => world.station().status()).toThrow(/Journal entry 1 was written and is not there/);
  });

  test('before the charge: nothing happens, and the station is out of order', async () => {
    const store = memoryJournalStore();
    const world = await makeStationWorld({ store });
    store.append = () => {
      throw new JournalFault('The disk is full.', 'Free it.');
    };
    expect(await world.ask(await world.authorization())).toMatchObject({ refusal: 'station-out-of-order' });
    expect(world.point.contactor.isClosed()).toBe(false);
    await expect(world.run(1)).rejects.toThrow('The disk is full.');
    expect(world.station().status().outOfOrder).toContain('Free it.');
  });

  test('in the middle: the contactor opens, and all that flowed is in the CDR once the disk is back', async () => {
    const store = memoryJournalStore();
    const append = store.append;
    const world = await makeStationWorld({ store });
    const id = await world.start();
    await world.run(899);
    store.append = () => {
      throw new JournalFault('The disk is full.', 'Free it.');
    };
    await expect(world.run(1)).rejects.toThrow('full');
    expect(world.point.contactor.isClosed()).toBe(false);
    store.append = append;
    await world.crash(60);
    await world.run(10);
    await world.stop(id);
    const { readings } = await world.receipt(id);
    const { importWh } = await world.parts.meter.readRegisters();
    expect(readings.at(-1)?.importWh).toBe(importWh);
  });
});

test('a meter that does not answer opens the contactor; the charge goes on when it does', async () => {
  const world = await makeStationWorld();
  const id = await world.start();
  await world.run(100);
  const { readRegisters } = world.point.meter;
  Object.assign(world.point.meter, { readRegisters: () => Promise.reject(new Error('the meter is silent')) });
  await expect(world.run(1)).rejects.toThrow('the meter is silent');
  expect(world.point.contactor.isClosed()).toBe(false);
  expect(await world.ask({ type: 'status', authorizationId: id })).toMatchObject({ type: 'session' });
  Object.assign(world.point.meter, { readRegisters });
  await world.run(100);
  expect(world.point.contactor.isClosed()).toBe(true);
  await world.stop(id);
  await world.receipt(id);
});
