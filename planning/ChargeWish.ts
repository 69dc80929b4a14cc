import type { PriceSlot } from '@p2p-power/tariff/tariffSlots';

/** A time, `to` exclusive (epoch seconds), and the grid's signal in it: whole units per kWh, such as grams of CO2. */
export interface SignalSlot {
  readonly from: number;
  readonly to: number;
  readonly perKwh: number;
}

/**
 * A time, `to` exclusive (epoch seconds), and what an hour at the point costs in it; `chargingMicroPerHour` where it is
 * another while the car charges.
 */
export interface StaySlot {
  readonly from: number;
  readonly to: number;
  readonly microPerHour: number;
  readonly chargingMicroPerHour?: number;
}

/**
 * A time, `to` exclusive (epoch seconds), and what a kWh in it counts besides its price, in the unit that is minimised
 * first: micro-units, or in mode greenest the signal's. Below 0 it draws charging there. Nobody pays it.
 */
export interface AvoidSlot {
  readonly from: number;
  readonly to: number;
  readonly perKwh: number;
}

/** A time, `to` exclusive (epoch seconds), and the most that may be drawn in it, W; below the car's least: nothing. */
export interface PowerLimit {
  readonly from: number;
  readonly to: number;
  readonly maxPowerW: number;
}

/**
 * How often and for how long the car may be turned on. `mostStarts` counts from now, the running charge not
 * included. `perStart` is what a start counts besides, in the unit that is minimised first: micro-units, or in mode
 * greenest the signal's. Nobody pays it. `isOn` is what the car does now, `since` (epoch seconds) since when.
 */
export interface StartLimits {
  readonly perStart?: number;
  readonly mostStarts?: number;
  readonly minOnS?: number;
  readonly minOffS?: number;
  readonly isOn?: boolean;
  readonly since?: number;
}

/**
 * What the driver wishes and the car can do. Times are epoch seconds. The car charges with 0 W or with
 * `minPowerW` to `maxPowerW`. `slots` are the known prices, in order and without overlap.
 *
 * - `mode`: `immediate`; `cheapest`; or `greenest`, which minimises the grid's signal, and of slots with the
 *   same signal takes the cheaper. By a time is `readyBy`, up to an energy `energyWh`, up to an amount
 *   `maxAmountMicro`; each goes with every mode.
 * - `signal`: the grid's state, in order and without overlap; where it is not known the highest known counts.
 *   In mode `cheapest` a unit of it counts as `weightMicro` of money.
 * - `starts`: limits of turning on and off, and what a start counts. With a shortest time on or off the car is on or off
 *   for whole steps of up to a quarter-hour.
 * - `stay`: what it costs to stand at the point, for drivers who leave when the car is ready; paid for whole
 *   steps until then. Who stays anyway pays the same whatever the plan, and leaves it out.
 * - `limits`: the most that may be drawn at times, in order and without overlap.
 * - `avoid`: what else counts at times, in order and without overlap, such as a grid that is strained.
 * - `assumedMicroPerKwh`: what to reckon with where no price is known before `readyBy`. Without it nothing is
 *   planned there.
 */
export interface ChargeWish {
  readonly now: number;
  readonly readyBy?: number;
  readonly energyWh: number;
  readonly maxPowerW: number;
  readonly minPowerW: number;
  readonly slots: readonly PriceSlot[];
  readonly mode: 'immediate' | 'cheapest' | 'greenest';
  readonly maxAmountMicro?: number;
  readonly signal?: { readonly slots: readonly SignalSlot[]; readonly weightMicro: number };
  readonly starts?: StartLimits;
  readonly stay?: readonly StaySlot[];
  readonly assumedMicroPerKwh?: number;
  readonly limits?: readonly PowerLimit[];
  readonly avoid?: readonly AvoidSlot[];
}

const MOST_ENERGY_WH = 10_000_000;
const MOST_POWER_W = 10_000_000;
const MOST_TIME = 253_402_300_799;
const MOST_SIGNAL = 1_000_000;
const MOST_S = 366 * 86_400;
const MOST_PER_START = 1_000_000_000;

/** Throws RangeError on a wish that makes no sense. */
export function assertWish(wish: ChargeWish): void {
  assertWhole('now', wish.now, 0, MOST_TIME);
  if (wish.readyBy !== undefined) assertWhole('readyBy', wish.readyBy, 0, MOST_TIME);
  assertWhole('energyWh', wish.energyWh, 0, MOST_ENERGY_WH);
  assertWhole('maxPowerW', wish.maxPowerW, 1, MOST_POWER_W);
  assertWhole('minPowerW', wish.minPowerW, 0, wish.maxPowerW);
  assertWhole('maxAmountMicro', wish.maxAmountMicro ?? 0, 0, Number.MAX_SAFE_INTEGER);
  assertPrice('assumedMicroPerKwh', wish.assumedMicroPerKwh ?? 0);
  assertInOrder('slot', wish.slots);
  for (const { priceMicroPerKwh } of wish.slots) assertPrice('slot.priceMicroPerKwh', priceMicroPerKwh);
  if (wish.signal !== undefined) {
    assertInOrder('signal', wish.signal.slots);
    for (const { perKwh } of wish.signal.slots)
      assertWhole('signal.perKwh', perKwh, -MOST_SIGNAL, MOST_SIGNAL);
    assertWhole('signal.weightMicro', wish.signal.weightMicro, 0, MOST_POWER_W);
  }
  if (wish.stay !== undefined) {
    assertInOrder('stay', wish.stay);
    for (const { microPerHour, chargingMicroPerHour = 0 } of wish.stay) {
      assertWhole('stay.microPerHour', microPerHour, 0, 10 ** 12);
      assertWhole('stay.chargingMicroPerHour', chargingMicroPerHour, 0, 10 ** 12);
    }
  }
  assertInOrder('limit', wish.limits ?? []);
  for (const { maxPowerW } of wish.limits ?? []) assertWhole('limit.maxPowerW', maxPowerW, 0, MOST_POWER_W);
  assertInOrder('avoid', wish.avoid ?? []);
  for (const { perKwh } of wish.avoid ?? []) assertPrice('avoid.perKwh', perKwh);
  assertWhole('starts.perStart', wish.starts?.perStart ?? 0, 0, MOST_PER_START);
  assertWhole('starts.mostStarts', wish.starts?.mostStarts ?? 0, 0, MOST_S);
  assertWhole('starts.minOnS', wish.starts?.minOnS ?? 0, 0, MOST_S);
  assertWhole('starts.minOffS', wish.starts?.minOffS ?? 0, 0, MOST_S);
  assertWhole('starts.since', wish.starts?.since ?? wish.now, 0, wish.now);
}

/** Throws RangeError unless slots are in order and do not overlap. */
export function assertInOrder(
  name: string,
  slots: readonly { readonly from: number; readonly to: number }[],
): void {
  let until = 0;
  for (const { from, to } of slots) {
    assertWhole(`${name}.from`, from, until, MOST_TIME);
    assertWhole(`${name}.to`, to, from, MOST_TIME);
    until = to;
  }
}

/** Throws RangeError unless a value is a whole number within bounds. */
export function assertWhole(name: string, value: number, least: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`${name} must be a whole number from ${least} to ${most}, is ${value}`);
}

function assertPrice(name: string, value: number): void {
  assertWhole(name, value, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
}
