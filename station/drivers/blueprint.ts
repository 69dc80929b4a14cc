import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { PilotState } from '@p2p-power/protocol/LocalLink';
import { isRecord } from '@p2p-power/protocol/SignedObject';
import type { Hardware, OpenHardware } from '../Hardware.ts';
import type { BatteryReading, MeterLook, MeterReading } from '../Ports.ts';

/**
 * The driver to copy. It works as it is: it drives a point whose devices sit behind one TCP port that
 * speaks JSON lines (docs/drivers.md), so that firmware in any language can be tried at once. For
 * devices of your own keep the shape, and put their protocol in the place of `ask`:
 *
 * - answer from the device, never from memory: what `end` returns is billed;
 * - throw where a device does not answer: the station then opens the contactor and tries again;
 * - `pilot.state` and `contactor.isClosed` are asked four times a second: keep them ready.
 */
export const openHardware: OpenHardware = async ({ log }, settings) => {
  const { host, port } = readSettings(settings);
  const socket = connect(port, host);
  socket.setNoDelay(true);
  await once(socket, 'connect');
  const device = openDevice(socket);
  const hello = await device.hello;
  log.info({ host, port }, 'device is there');
  return {
    meter: {
      publicKey: hello.meterPublicKey,
      readRegisters: async () => readLook(await device.ask('registers')),
      begin: async (measurement, at) => readReading(await device.ask('begin', { ...measurement, at })),
      async end(reference, at, endType) {
        const answer = await device.ask('end', { reference, at, endType });
        if (typeof answer.record !== 'string') throw new Error('the meter gave no record');
        return { ...readReading(answer), record: answer.record };
      },
    },
    contactor: {
      close: async () => void (await device.ask('close')),
      open: async () => void (await device.ask('open')),
      isClosed: () => device.state().closed,
    },
    pilot: {
      state: () => device.state().pilot,
      advertise: async (powerW) => void (await device.ask('advertise', { powerW })),
    },
    ...(hello.givesBack && {
      battery: {
        read: async () => readBattery(await device.ask('battery')),
        draw: async (powerW: number) => void (await device.ask('draw', { powerW })),
      },
    }),
    ...(hello.readsOrders && { dimmedToW: () => device.state().dimmedToW }),
    close: async () => void socket.destroy(),
  } satisfies Hardware;
};

interface DeviceState {
  readonly pilot: PilotState;
  readonly closed: boolean;
  /** The grid operator's order, null for none; undefined: it has said nothing of it. */
  readonly dimmedToW?: number | null;
}

interface Hello {
  readonly meterPublicKey: Hex;
  /** Whether the point has a way to take energy from a car. */
  readonly givesBack: boolean;
  /** Whether the grid operator's orders come in here. */
  readonly readsOrders: boolean;
}

interface Device {
  readonly hello: Promise<Hello>;
  /** Without a connection: out of order, and open. */
  state(): DeviceState;
  ask(order: string, facts?: object): Promise<Readonly<Record<string, unknown>>>;
}

const answerWithinMs = 2_000;
const lost: DeviceState = { pilot: 'F', closed: false };

function openDevice(socket: Socket): Device {
  let state = lost;
  let count = 0;
  const waiting = new Map<number, (answer: Record<string, unknown>) => void>();
  const greeting = Promise.withResolvers<Hello>();
  const hangUp = () => {
    state = lost;
    greeting.reject(new Error('the device hung up'));
    for (const settle of waiting.values()) settle({ fault: 'the device hung up' });
    waiting.clear();
  };
  greeting.promise.catch(() => undefined);
  socket.on('error', hangUp);
  socket.on('close', hangUp);
  createInterface({ input: socket }).on('line', (line) => {
    const message = parseLine(line);
    if (message === undefined) return;
    const { id, meterPublicKey, givesBack, readsOrders, pilot, closed, dimmedToW } = message;
    if (isPilotState(pilot) && typeof closed === 'boolean')
      state = { pilot, closed, ...(isOrder(dimmedToW) && { dimmedToW }) };
    if (typeof meterPublicKey === 'string')
      greeting.resolve({
        meterPublicKey: meterPublicKey as Hex,
        givesBack: givesBack === true,
        readsOrders: readsOrders === true,
      });
    if (typeof id !== 'number') return;
    waiting.get(id)?.(message);
    waiting.delete(id);
  });
  return {
    hello: greeting.promise,
    state: () => state,
    async ask(order, facts = {}) {
      if (socket.destroyed) throw new Error(`device, ${order}: the device hung up`);
      count += 1;
      const id = count;
      const { promise, resolve } = Promise.withResolvers<Record<string, unknown>>();
      waiting.set(id, resolve);
      const timer = setTimeout(() => {
        waiting.delete(id);
        resolve({ fault: 'no answer in time' });
      }, answerWithinMs);
      socket.write(`${JSON.stringify({ id, do: order, ...facts })}\n`);
      const answer = await promise;
      clearTimeout(timer);
      if (answer.fault !== undefined) throw new Error(`device, ${order}: ${String(answer.fault)}`);
      return answer;
    },
  };
}

function parseLine(line: string): Record<string, unknown> | undefined {
  try {
    const message: unknown = JSON.parse(line);
    return isRecord(message) ? message : undefined;
  } catch {
    return undefined;
  }
}

const isPilotState = (value: unknown): value is PilotState =>
  typeof value === 'string' && ['A', 'B', 'C', 'E', 'F'].includes(value);

const isOrder = (value: unknown): value is number | null => value === null || isCount(value);

function readSettings(settings: unknown): { readonly host: string; readonly port: number } {
  if (!isRecord(settings) || typeof settings.host !== 'string' || typeof settings.port !== 'number')
    throw new Error('driver.settings needs host and port of the device');
  return { host: settings.host, port: settings.port };
}

function readRegisters({ importWh, exportWh }: Readonly<Record<string, unknown>>) {
  if (!isCount(importWh) || !isCount(exportWh)) throw new Error('the meter gave no registers');
  return { importWh, exportWh };
}

/** The registers, with the power where the device tells it. */
function readLook(answer: Readonly<Record<string, unknown>>): MeterLook {
  const { powerW } = answer;
  if (powerW !== undefined && !Number.isSafeInteger(powerW))
    throw new Error('the meter gave a power that is none');
  return { ...readRegisters(answer), ...(powerW !== undefined && { powerW: powerW as number }) };
}

/** The car's battery; none where the device says no level. */
function readBattery(answer: Readonly<Record<string, unknown>>): BatteryReading | undefined {
  if (answer.levelWh === undefined) return undefined;
  const count = (name: keyof BatteryReading): number => {
    const value = answer[name];
    if (!isCount(value)) throw new Error(`the car gave no ${name}`);
    return value;
  };
  const battery = {
    levelWh: count('levelWh'),
    capacityWh: count('capacityWh'),
    maxChargeW: count('maxChargeW'),
    maxDischargeW: count('maxDischargeW'),
    chargePerMille: count('chargePerMille'),
    dischargePerMille: count('dischargePerMille'),
    wearMicroPerKwh: count('wearMicroPerKwh'),
  };
  if ([battery.chargePerMille, battery.dischargePerMille].some((value) => value < 1 || value > 1_000))
    throw new Error('the car gave efficiencies that are none');
  return battery;
}

function readReading(answer: Readonly<Record<string, unknown>>): MeterReading {
  if (!isCount(answer.at)) throw new Error('the meter gave no time');
  return { at: answer.at, ...readRegisters(answer) };
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
