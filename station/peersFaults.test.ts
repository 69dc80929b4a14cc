import { makeDriver } from '@p2p-power/protocol/testing/world';
import { describe, expect, test } from 'vitest';
import { makeStationWorld } from './testing/stationWorld.ts';

/** Faults of earlier charging networks that are the station's business; docs/peers-faults.md lists all. */
describe('a running session overwritten by a second start', () => {
  test('another driver’s start is refused, and the first session keeps all that is its own', async () => {
    const world = await makeStationWorld();
    const conditions = await world.hello();
    const id = await world.start();
    await world.run(1_800);
    const stranger = await makeDriver(world.driverProvider, 'somebody else');
    const before = await world.ask({ type: 'status', authorizationId: id });
    expect(await world.ask(await world.authorization({}, stranger))).toMatchObject({
      refusal: 'session-running',
    });
    // Nor on an offer from before the session, nor by the same driver once more.
    expect(await world.ask(await world.authorization({}, stranger, conditions))).toHaveProperty('refusal');
    expect(await world.ask(await world.authorization())).toMatchObject({ refusal: 'session-running' });
    expect(await world.ask({ type: 'status', authorizationId: id })).toEqual(before);

    await world.run(1_800);
    await world.stop(id);
    const { cdr, authorization } = await world.receipt(id);
    expect(authorization.value.driverCertificateId).toBe(world.driver.certificateId);
    expect(cdr.value.authorizationId).toBe(id);
    expect(cdr.value.importedWh).toBe(10_993);
  });

  test('nor does a restart in between make room for it', async () => {
    const world = await makeStationWorld();
    const id = await world.start();
    await world.run(600);
    await world.crash(30);
    expect(await world.ask(await world.authorization())).toMatchObject({ refusal: 'session-running' });
    await world.run(600);
    await world.stop(id);
    expect((await world.receipt(id)).cdr.value.authorizationId).toBe(id);
  });
});

describe('a CDR without a stop', () => {
  test('nobody stops and the station dies: the CDR comes when it is back, with all that flowed', async () => {
    const world = await makeStationWorld();
    const id = await world.start();
    await world.run(1_000);
    await world.crash(7 * 86_400);
    const { cdr, readings } = await world.receipt(id);
    expect(cdr.value.endReason).toBe('power-cut');
    expect(cdr.value.endedAt).toBe(readings.at(-1)?.at);
    expect(cdr.value.importedWh).toBe(3_048);
  });

  test('nobody stops and the car stays: it ends at the driver’s bound', async () => {
    const world = await makeStationWorld();
    const id = await world.start({ maxEnergyWh: 2_000 });
    await world.run(3_600);
    expect(await world.ask({ type: 'status', authorizationId: id })).toMatchObject({ state: 'ended' });
    const { cdr } = await world.receipt(id);
    expect(cdr.value.importedWh).toBeLessThanOrEqual(2_000);
  });
});

test('price above the estimate: the session ends before it would pass the driver’s bound', async () => {
  const world = await makeStationWorld();
  const id = await world.start({ maxAmountMicro: 1_000_000 });
  await world.run(3_600);
  const { cdr } = await world.receipt(id);
  expect(cdr.value.chargeMicro).toBeLessThanOrEqual(1_000_000);
  expect(cdr.value.chargeMicro).toBeGreaterThan(950_000);
});
