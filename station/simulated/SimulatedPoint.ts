import type { Hex } from '@p2p-power/protocol/Hex';
import type { PilotState } from '@p2p-power/protocol/LocalLink';
import type { Signer } from '@p2p-power/protocol/Signer';
import type { Hardware } from '../Hardware.ts';
import type { Battery, Clock } from '../Ports.ts';
import {
  type CarBattery,
  type CarModel,
  chargeBattery,
  drawFromBattery,
  typicalCar,
} from './SimulatedCar.ts';
import { type MeterMemoryStore, simulatedMeter } from './SimulatedMeter.ts';
import type { SimulatedControlBox } from './simulatedControlBox.ts';

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
  readonly battery: Battery;
  /** Where the grid operator's orders come in. */
  readonly controlBox?: SimulatedControlBox;
  act(action: SimulatedAction): void;
  /** A new car at the plug, or the present one with other energy in it. */
  setCar(car: Partial<CarModel>): void;
  readonly car: () => CarBattery & { readonly isPlugged: boolean; readonly isPowered: boolean };
}

/**
 * A point whose car follows IEC 61851-1: A without cable; B connected; C once the signal offers power
 * and the battery is not full; E without mains; F on a fault. Power ramps up, follows what is offered
 * and tapers off. Time is the clock's; `speed` multiplies the energy that flows in it, so that readings
 * and signed times stay true to the clock and only the car is unusually quick. The power that the meter tells is
 * the car's own, as at a speed of 1.
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
  let battery: CarBattery = { socWh: car.socWh, powerW: 0 };
  let isPlugged = options.isPlugged ?? false;
  let isPowered = true;
  let isFaulty = false;
  let isClosed = false;
  let offeredW = 0;
  let drawnW = 0;
  let settledMs = parts.clock.monotonicMs();

  const state = (): PilotState => {
    if (!isPowered) return 'E';
    if (isFaulty) return 'F';
    if (!isPlugged) return 'A';
    const mayGive = drawnW > 0 && car.maxDischargeW > 0 && battery.socWh > 0;
    return mayGive || (offeredW > 0 && battery.socWh < car.batteryWh) ? 'C' : 'B';
  };
  const settle = () => {
    const nowMs = parts.clock.monotonicMs();
    const seconds = (nowMs - settledMs) / 1000;
    settledMs = nowMs;
    if (!isClosed || state() !== 'C') {
      battery = { ...battery, powerW: 0 };
      return;
    }
    if (drawnW > 0) {
      const { battery: after, givenWh } = drawFromBattery(car, battery, seconds, drawnW, speed);
      battery = after;
      meter.flow(0, givenWh);
      return;
    }
    const step = chargeBattery(car, battery, seconds, offeredW, speed);
    battery = step.battery;
    meter.flow(step.takenWh, 0);
  };
  const meter = simulatedMeter({
    signer: parts.meterSigner,
    publicKey: parts.meterPublicKey,
    memory: parts.meterMemory,
    settle,
    powerW: () => battery.powerW,
  });
  /** A contactor is held by power: without it, it falls. */
  const fall = () => {
    isClosed = false;
    [offeredW, drawnW] = [0, 0];
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
    battery: {
      async read() {
        settle();
        if (!isPowered || !isPlugged || car.maxDischargeW === 0) return undefined;
        const { batteryWh, maxPowerW, maxDischargeW, chargePerMille, dischargePerMille, wearMicroPerKwh } =
          car;
        return {
          levelWh: Math.floor(battery.socWh),
          capacityWh: batteryWh,
          maxChargeW: maxPowerW,
          maxDischargeW,
          chargePerMille,
          dischargePerMille,
          wearMicroPerKwh,
        };
      },
      async draw(powerW) {
        settle();
        if (powerW > 0 && offeredW > 0) throw new Error('power is offered and drawn at once');
        drawnW = isPowered ? powerW : 0;
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
