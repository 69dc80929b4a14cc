import type { Hex } from '@p2p-power/protocol/Hex';
import type { PilotState } from '@p2p-power/protocol/LocalLink';
import type { Signer } from '@p2p-power/protocol/Signer';
import type { Hardware } from '../Hardware.ts';
import type { Clock } from '../Ports.ts';
import { type Battery, type CarModel, chargeBattery, typicalCar } from './SimulatedCar.ts';
import { type MeterMemoryStore, simulatedMeter } from './SimulatedMeter.ts';

/** What a test or a demo does to a simulated point. */
export type SimulatedAction = 'plug' | 'unplug' | 'power-cut' | 'power-return' | 'fault' | 'repair';
export const simulatedActions: readonly SimulatedAction[] = [
  'plug',
  'unplug',
  'power-cut',
  'power-return',
  'fault',
  'repair',
];

/** Meter, contactor, pilot and car of one charging point, out of nothing but a clock. */
export interface SimulatedPoint extends Hardware {
  act(action: SimulatedAction): void;
  /** A new car at the plug, or the present one with other energy in it. */
  setCar(car: Partial<CarModel>): void;
  readonly car: () => Battery & { readonly isPlugged: boolean; readonly isPowered: boolean };
}

/**
 * A point whose car follows IEC 61851-1: A without cable; B connected; C once the signal offers power
 * and the battery is not full; E without mains; F on a fault. Power ramps up, follows what is offered
 * and tapers off. Time is the clock's; `speed` multiplies the energy that flows in it, so that readings
 * and signed times stay true to the clock and only the car is unusually quick.
 */
export function simulatedPoint(
  parts: {
    readonly clock: Clock;
    readonly meterSigner: Signer;
    readonly meterPublicKey: Hex;
    readonly meterMemory: MeterMemoryStore;
  },
  options: { readonly car?: Partial<CarModel>; readonly speed?: number; readonly isPlugged?: boolean } = {},
): SimulatedPoint {
  const speed = options.speed ?? 1;
  let car: CarModel = { ...typicalCar, ...options.car };
  let battery: Battery = { socWh: car.socWh, powerW: 0 };
  let isPlugged = options.isPlugged ?? false;
  let isPowered = true;
  let isFaulty = false;
  let isClosed = false;
  let offeredW = 0;
  let settledMs = parts.clock.monotonicMs();

  const state = (): PilotState => {
    if (!isPowered) return 'E';
    if (isFaulty) return 'F';
    if (!isPlugged) return 'A';
    return offeredW > 0 && battery.socWh < car.batteryWh ? 'C' : 'B';
  };
  const settle = () => {
    const nowMs = parts.clock.monotonicMs();
    const seconds = (nowMs - settledMs) / 1000;
    settledMs = nowMs;
    if (!isClosed || state() !== 'C') {
      battery = { ...battery, powerW: 0 };
      return;
    }
    const step = chargeBattery(car, battery, seconds, offeredW, speed);
    battery = step.battery;
    meter.flow(step.takenWh);
  };
  const meter = simulatedMeter({
    signer: parts.meterSigner,
    publicKey: parts.meterPublicKey,
    memory: parts.meterMemory,
    settle,
  });
  /** A contactor is held by power: without it, it falls. */
  const fall = () => {
    isClosed = false;
    offeredW = 0;
  };

  return {
    meter,
    contactor: {
      async close() {
        settle();
        isClosed = isPowered;
      },
      async open() {
        settle();
        isClosed = false;
      },
      isClosed: () => isClosed,
    },
    pilot: {
      state() {
        settle();
        return state();
      },
      async advertise(powerW) {
        settle();
        offeredW = isPowered ? powerW : 0;
      },
    },
    async close() {
      fall();
    },
    act(action) {
      settle();
      if (action === 'plug') isPlugged = true;
      if (action === 'unplug') isPlugged = false;
      if (action === 'power-return') isPowered = true;
      if (action === 'power-cut') isPowered = false;
      if (action === 'fault') isFaulty = true;
      if (action === 'repair') isFaulty = false;
      // The cable's lock opens the contactor before the plug comes out; so do a fault and no power.
      if (action === 'unplug' || action === 'fault') isClosed = false;
      if (action === 'power-cut') fall();
    },
    setCar(changes) {
      settle();
      car = { ...car, ...changes };
      battery = { socWh: changes.socWh ?? battery.socWh, powerW: 0 };
    },
    car: () => {
      settle();
      return { ...battery, isPlugged, isPowered };
    },
  };
}
