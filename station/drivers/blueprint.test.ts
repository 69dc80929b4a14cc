import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Authorization } from '@p2p-power/protocol/Authorization';
import type { MeterEndType } from '@p2p-power/protocol/MeterRecord';
import { afterEach, expect, test } from 'vitest';
import type { Hardware } from '../Hardware.ts';
import type { Measurement } from '../Ports.ts';
import { openStation } from '../Station.ts';
import { makeStationWorld, type StationWorld } from '../testing/stationWorld.ts';
import { openHardware } from './blueprint.ts';

const silent = { info() {}, warn() {}, error() {} };
let server: Server | undefined;
let hardware: Hardware | undefined;
const sockets: Socket[] = [];
/** What the grid operator orders, and how the device says so. */
let order: number | null | undefined;
let tell = () => {};
afterEach(async () => {
  await hardware?.close();
  for (const socket of sockets.splice(0)) socket.destroy();
  server?.close();
});

type Facts = Measurement & { readonly at: number; readonly endType: MeterEndType; readonly powerW: number };

/** A device of the blueprint's protocol over a simulated point, and the driver connected to it. */
async function connectDevice({ point, clock }: StationWorld, readsOrders = false): Promise<Hardware> {
  const { meter, contactor, pilot, battery } = point;
  const state = () => ({
    pilot: pilot.state(),
    closed: contactor.isClosed(),
    ...(order !== undefined && { dimmedToW: order }),
  });
  const orders: Readonly<Record<string, (facts: Facts) => Promise<object>>> = {
    registers: () => meter.readRegisters(),
    begin: (facts) => meter.begin(facts, facts.at),
    end: ({ reference, at, endType }) => meter.end(reference, at, endType),
    close: () => contactor.close().then(state),
    open: () => contactor.open().then(state),
    advertise: ({ powerW }) => pilot.advertise(powerW).then(state),
    battery: async () => (await battery.read()) ?? {},
    draw: ({ powerW }) => battery.draw(powerW).then(state),
  };
  server = createServer((socket) => {
    sockets.push(socket.setNoDelay(true));
    const say = (message: object) => socket.write(`${JSON.stringify(message)}\n`);
    say({
      meterPublicKey: meter.publicKey,
      givesBack: true,
      ...(readsOrders && { readsOrders }),
      ...state(),
    });
    tell = () => say(state());
    createInterface({ input: socket }).on('line', (line) => {
      const { id, do: order, ...facts } = JSON.parse(line);
      const act = orders[order];
      if (act === undefined) return void say({ id, fault: 'unknown order' });
      act(facts).then(
        (answer) => say({ id, ...answer, ...state() }),
        (error: Error) => say({ id, fault: error.message }),
      );
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  hardware = await openHardware({ clock, log: silent }, { host: '127.0.0.1', port: address.port });
  return hardware;
}

test('a station charges through the blueprint and a device of its protocol', async () => {
  const world = await makeStationWorld();
  const { meter, contactor, pilot } = await connectDevice(world);
  const station = await openStation({ ...world.parts, meter, contactor, pilot }, world.provision);
  const started = await station.answer(await authorizationFor(world, station));
  if (started.type !== 'started') throw new Error(JSON.stringify(started));
  expect(world.point.contactor.isClosed()).toBe(true);
  for (let second = 0; second < 60; second += 1) {
    world.clock.advanceMs(1_000);
    await station.tick();
  }
  await station.answer(await world.stopRequest(started.authorizationId));
  expect(world.point.contactor.isClosed()).toBe(false);
  const receipt = await world.receipt(started.authorizationId);
  // A minute at 11 kW, less the ramp.
  expect(receipt.cdr.value.importedWh).toBe(176);
});

test('a car gives back through the blueprint', async () => {
  const car = { socWh: 30_000, maxDischargeW: 10_000 };
  const world = await makeStationWorld({ car, provision: { feedInMicroPerKwh: 300_000 } });
  const { battery, ...devices } = await connectDevice(world);
  const parts = { ...world.parts, ...devices, ...(battery && { battery }) };
  const station = await openStation(parts, world.provision);
  const wish = {
    mode: 'cheapest',
    mayDischarge: true,
    leaveAt: world.clock.nowS() + 7_200,
    reserveWh: 20_000,
    targetWh: 20_000,
  } as const;
  const started = await station.answer(await authorizationFor(world, station, wish));
  if (started.type !== 'started') throw new Error(JSON.stringify(started));
  for (let second = 0; second < 60; second += 1) {
    world.clock.advanceMs(1_000);
    await station.tick();
  }
  expect(world.point.car().powerW).toBe(-10_000);
  await station.answer(await world.stopRequest(started.authorizationId));
  const { cdr } = await world.receipt(started.authorizationId);
  expect(cdr.value.exportedWh).toBeGreaterThan(160);
  world.point.act('unplug');
  expect(await battery?.read()).toBeUndefined();
});

test('the grid operator’s order comes in through the blueprint, and is not known where the device hangs up', async () => {
  const world = await makeStationWorld();
  expect((await connectDevice(world)).dimmedToW).toBeUndefined();
  await hardware?.close();
  const { dimmedToW } = await connectDevice(world, true);
  expect(dimmedToW?.()).toBeUndefined();
  for (const next of [12_000, null, 4_200]) {
    order = next;
    tell();
    await expect.poll(() => dimmedToW?.()).toBe(next);
  }
  for (const socket of sockets) socket.destroy();
  await expect.poll(() => dimmedToW?.()).toBeUndefined();
  order = undefined;
});

test('a device that hangs up puts the station out of order', async () => {
  const world = await makeStationWorld();
  const { meter, contactor, pilot } = await connectDevice(world);
  const station = await openStation({ ...world.parts, meter, contactor, pilot }, world.provision);
  for (const socket of sockets) socket.destroy();
  await expect(station.tick()).rejects.toThrow('device');
  expect(station.status()).toMatchObject({ pilot: 'F', contactorClosed: false });
  expect(station.status().outOfOrder).toMatch('device');
  expect(await station.answer(await authorizationFor(world, station))).toMatchObject({
    refusal: 'station-out-of-order',
  });
});

test('a device that is not there, or settings that are none, are said in words', async () => {
  const world = await makeStationWorld();
  await expect(openHardware({ clock: world.clock, log: silent }, {})).rejects.toThrow('host and port');
});

async function authorizationFor(
  world: StationWorld,
  station: Awaited<ReturnType<typeof openStation>>,
  changes: Partial<Authorization> = {},
) {
  const conditions = await station.answer({ type: 'hello', version: 1 });
  if (conditions.type !== 'conditions') throw new Error('no conditions');
  return world.authorization(changes, undefined, conditions);
}
