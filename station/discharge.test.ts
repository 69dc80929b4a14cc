import type { Authorization } from '@p2p-power/protocol/Authorization';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import type { Hex } from '@p2p-power/protocol/Hex';
import { dawn, makeDriver } from '@p2p-power/protocol/testing/world';
import { verifyMeterRecord } from '@p2p-power/protocol/verifyMeterRecord';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Provision } from './Provision.ts';
import type { CarModel } from './simulated/SimulatedCar.ts';
import {
  hourlyIndex,
  makeStationWorld,
  type StationWorld,
  signTestSignal,
  testTerms,
  verifier,
} from './testing/stationWorld.ts';

const hourS = 3_600;
const feedInMicro = 250_000;

const giver: Partial<CarModel> = {
  batteryWh: 60_000,
  socWh: 40_000,
  maxPowerW: 11_000,
  taperFromPercent: 100,
  rampWPerS: 1_000_000,
  maxDischargeW: 10_000,
  chargePerMille: 950,
  dischargePerMille: 950,
  wearMicroPerKwh: 10_000,
};

async function givingWorld(
  cents: readonly number[],
  car: Partial<CarModel> = giver,
  provision: Partial<Provision> = { feedInMicroPerKwh: feedInMicro },
): Promise<StationWorld> {
  const world = await makeStationWorld({
    car,
    takesEnergy: true,
    provision: { dynamic: testTerms, ...provision },
  });
  await world
    .station()
    .takeSignals([await signTestSignal(world.ownProvider, hourlyIndex(dawn, ...cents), dawn - 60)]);
  return world;
}

const giving: Partial<Authorization> = {
  mode: 'cheapest',
  leaveAt: dawn + 4 * hourS,
  maxEnergyWh: 60_000,
  mayDischarge: true,
  reserveWh: 20_000,
  targetWh: 40_000,
};

async function whole(world: StationWorld, wish: Partial<Authorization>, stepMs = 5_000): Promise<Evidence> {
  const id = await world.start(wish);
  await world.run((wish.leaveAt ?? dawn) - dawn + 60, stepMs);
  return world.receipt(id);
}

describe('a car that gives back', () => {
  test('is drawn from when that pays, is full again by the time, and earns the difference', async () => {
    const world = await givingWorld([30, 30, 2, 2]);
    const id = await world.start(giving);
    await world.run(600, 5_000);
    const status = await world.ask({ type: 'status', authorizationId: id });
    expect(status).toMatchObject({ state: 'charging', note: 'The car gives energy back.' });
    expect(status.type === 'session' && status.powerW).toBeLessThan(-9_500);
    expect(status.type === 'session' && status.plan?.[0]).toMatchObject({ powerW: -10_000 });
    await world.run(4 * hourS, 5_000);
    const { cdr, readings, meterRecord, meterPublicKey } = await world.receipt(id);
    const { importedWh, exportedWh, creditMicro, chargeMicro } = cdr.value;
    expect(exportedWh).toBeGreaterThan(18_500);
    expect(creditMicro).toBe(Math.floor((exportedWh * feedInMicro) / 1_000));
    expect(creditMicro).toBeGreaterThan(chargeMicro);
    expect(world.point.car().socWh).toBeGreaterThanOrEqual(39_900);
    expect(readings.at(-1)?.exportWh).toBe(exportedWh);
    const meter = await verifyMeterRecord(meterRecord, meterPublicKey, verifier);
    expect(meter).toMatchObject({ ok: true, value: { exportBeginWh: 0, exportEndWh: exportedWh } });
    expect(importedWh).toBeGreaterThan(exportedWh);
  });

  test('gives nothing where it does not pay', async () => {
    const { cdr } = await whole(await givingWorld([30, 30, 24, 24]), giving);
    expect(cdr.value.exportedWh).toBe(0);
  });

  test('is charged first where it holds less than the driver’s reserve', async () => {
    const world = await givingWorld([39, 39, 2, 2], { ...giver, socWh: 10_000 });
    const id = await world.start(giving);
    await world.run(hourS, 5_000);
    expect(world.point.car().socWh).toBeGreaterThan(19_900);
    expect(await world.ask({ type: 'status', authorizationId: id })).toMatchObject({ type: 'session' });
  });

  test('is not drawn from while it does not say what is in it', async () => {
    const world = await givingWorld([30, 30, 2, 2]);
    await world.start(giving);
    await world.run(60);
    expect(world.point.car().powerW).toBe(-10_000);
    const read = world.point.battery.read;
    Object.assign(world.point.battery, { read: () => Promise.reject(new Error('no answer')) });
    await world.run(2);
    expect(world.point.car().powerW).toBe(0);
    Object.assign(world.point.battery, { read });
    await world.run(70);
    expect(world.point.car().powerW).toBe(-10_000);
  });

  test('stops at the reserve although the plan goes on: it is looked at each time', async () => {
    const world = await givingWorld([30, 30, 2, 2]);
    await world.start(giving);
    await world.run(600, 5_000);
    const { read } = world.point.battery;
    // Some heating that no plan knows of, within what is still on course.
    const heated = async () => {
      const reading = await read();
      return reading && { ...reading, levelWh: reading.levelWh - 80 };
    };
    Object.assign(world.point.battery, { read: heated });
    for (let least = Number.POSITIVE_INFINITY, s = 600; s < 2 * hourS; s += 60) {
      await world.run(60, 5_000);
      least = Math.min(least, (await heated())?.levelWh ?? 0);
      expect(least).toBeGreaterThanOrEqual(20_000);
    }
    expect(world.point.car().socWh).toBeLessThan(20_200);
  });

  test('goes on after a power cut by the plan that was shown', async () => {
    const world = await givingWorld([30, 30, 2, 2]);
    await world.start(giving);
    await world.run(600, 5_000);
    await world.crash(1);
    await world.run(5);
    expect(world.point.car().powerW).toBe(-10_000);
    const planned = world.store.read(1, 1_000).filter(({ kind }) => kind === 'planned');
    expect(planned).toHaveLength(1);
  });

  test('never takes more from the grid than the driver allows', async () => {
    const world = await givingWorld([30, 30, 2, 2]);
    const { cdr } = await whole(world, { ...giving, maxEnergyWh: 5_000 });
    // What comes back for 5 kWh, losses taken off both ways; and the car leaves as full as it is to be.
    expect(cdr.value.exportedWh).toBeGreaterThan(4_300);
    expect(cdr.value.exportedWh).toBeLessThanOrEqual(4_513);
    expect(cdr.value.importedWh).toBeLessThanOrEqual(5_000);
    expect(world.point.car().socWh).toBeGreaterThan(39_950);
  });
});

describe('giving back is refused', () => {
  const refused = async (world: StationWorld, changes: Partial<Authorization> = {}) =>
    world.ask(await world.authorization({ ...giving, ...changes }));

  test('without a way to it, a price for it, or a car that can', async () => {
    const expected = { refusal: 'discharge-not-available' };
    expect(await refused(await givingWorld([30], giver, {}))).toMatchObject(expected);
    expect(await refused(await givingWorld([30], { ...giver, maxDischargeW: 0 }))).toMatchObject(expected);
    const noWay = await makeStationWorld({ car: giver, provision: { feedInMicroPerKwh: feedInMicro } });
    expect(await refused(noWay)).toMatchObject(expected);
    expect((await noWay.hello()).offer.value.feedInMicroPerKwh).toBe(0);
  });

  test('by a certificate that does not allow it', async () => {
    const world = await givingWorld([30]);
    const driver = await makeDriver(world.driverProvider, 'Anna', { mayDischarge: false });
    expect(await world.ask(await world.authorization(giving, driver))).toMatchObject({
      refusal: 'discharge-not-available',
    });
  });

  test('and without the driver’s word nothing is given', async () => {
    const { cdr } = await whole(await givingWorld([39, 39, 2, 2]), { ...giving, mayDischarge: false });
    expect(cdr.value).toMatchObject({ exportedWh: 0, creditMicro: 0 });
  });
});

/** What a stay costs the driver: the charge less the credit, and the wear of what went out of the battery. */
async function costOf(world: StationWorld, wish: Partial<Authorization>) {
  const { socWh } = world.point.car();
  let lowestWh = socWh;
  const id: Hex = await world.start(wish);
  for (let at = dawn; at <= (wish.leaveAt as number) + 60; at += 60) {
    await world.run(60, 20_000);
    lowestWh = Math.min(lowestWh, world.point.car().socWh);
  }
  const { cdr } = await world.receipt(id);
  const { chargeMicro, creditMicro, exportedWh } = cdr.value;
  const wornMicro = (exportedWh / 0.95 / 1_000) * 10_000;
  return {
    costMicro: chargeMicro - creditMicro + wornMicro,
    levelWh: world.point.car().socWh,
    lowestWh,
    socWh,
  };
}

test('on any prices, nobody pays more for having said yes, and nobody drives off with less', async () => {
  const cases = fc.record({
    cents: fc.array(fc.integer({ min: 0, max: 39 }), { minLength: 3, maxLength: 5 }),
    feedInCents: fc.integer({ min: 5, max: 60 }),
    socWh: fc.integer({ min: 5_000, max: 55_000 }),
    reserveWh: fc.integer({ min: 0, max: 30_000 }),
    targetWh: fc.integer({ min: 10_000, max: 60_000 }),
  });
  await fc.assert(
    fc.asyncProperty(cases, async ({ cents, feedInCents, socWh, reserveWh, targetWh }) => {
      const leaveAt = dawn + cents.length * hourS;
      const provision = { feedInMicroPerKwh: feedInCents * 10_000 };
      const wish = { ...giving, leaveAt, reserveWh, targetWh: Math.max(targetWh, reserveWh) };
      const withIt = await costOf(await givingWorld(cents, { ...giver, socWh }, provision), wish);
      // The same driver, whose car only cannot give.
      const without = await costOf(
        await givingWorld(cents, { ...giver, socWh, wearMicroPerKwh: 100_000_000 }, provision),
        wish,
      );
      expect(withIt.levelWh).toBeGreaterThanOrEqual(Math.min(without.levelWh, wish.targetWh) - 110);
      // What is in the battery besides costs what it costs; and whole Wh and looks leave some open.
      const moreWh = Math.max(0, withIt.levelWh - without.levelWh) / 0.95 + 15;
      expect(withIt.costMicro).toBeLessThanOrEqual(without.costMicro + moreWh * 464);
      expect(withIt.lowestWh).toBeGreaterThanOrEqual(Math.min(withIt.socWh, reserveWh) - 1);
    }),
    { numRuns: 8 },
  );
});
