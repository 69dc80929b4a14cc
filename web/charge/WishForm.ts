import { isRecord } from '@p2p-power/protocol/SignedObject';
import type { Wishes } from './ChargeRecord.ts';
import { leaveAtOf } from './leaveAtOf.ts';

/** What the driver set on the unlock page, as it is remembered for the next time. Wh, micro-units. */
export interface WishForm {
  readonly mode: 'immediate' | 'cheapest' | 'greenest';
  /** `HH:MM` by the device's clock; empty where it does not matter. */
  readonly leaveTime: string;
  /** Whether the driver said how much in energy or in money; of the other the own limit holds. */
  readonly limitBy: 'energy' | 'amount';
  readonly energyWh: number;
  readonly amountMicro: number;
  readonly mayDischarge: boolean;
  /** In the battery: never less, and as much when the driver leaves (0: what the energy allows). */
  readonly reserveWh: number;
  readonly targetWh: number;
  /** Usable energy of the car's battery, for the plan that is shown; 0 where the driver did not say. Never signed. */
  readonly batteryWh: number;
}

/** The driver's own limits per charge, which hold beside the wish. */
export interface OwnLimits {
  readonly maxEnergyWh: number;
  readonly maxAmountMicro: number;
}

/** What the station and the driver's certificate allow at all. */
export interface Allowed {
  /** Whether the station gave a genuine carbon signal to be green by. */
  readonly carbon: boolean;
  /** Whether the point pays for energy given back and the certificate allows it. */
  readonly discharge: boolean;
}

/** What is wished where nothing was set: as much as the limits allow, at once. */
export function defaultWishForm({ maxEnergyWh, maxAmountMicro }: OwnLimits): WishForm {
  return {
    mode: 'immediate',
    leaveTime: '',
    limitBy: 'energy',
    energyWh: maxEnergyWh,
    amountMicro: maxAmountMicro,
    mayDischarge: false,
    reserveWh: 20_000,
    targetWh: 0,
    batteryWh: 0,
  };
}

/** The remembered wishes out of what was kept, field by field: what is missing or impossible is the default. */
export function readWishForm(kept: unknown, limits: OwnLimits): WishForm {
  const otherwise = defaultWishForm(limits);
  if (!isRecord(kept)) return otherwise;
  const { mode, leaveTime, limitBy, energyWh, amountMicro, mayDischarge, reserveWh, targetWh, batteryWh } =
    kept;
  return {
    mode: mode === 'cheapest' || mode === 'greenest' ? mode : 'immediate',
    leaveTime: typeof leaveTime === 'string' && isTimeOfDay(leaveTime) ? leaveTime : '',
    limitBy: limitBy === 'amount' ? 'amount' : 'energy',
    energyWh: within(energyWh, 1, limits.maxEnergyWh, otherwise.energyWh),
    amountMicro: within(amountMicro, 1, limits.maxAmountMicro, otherwise.amountMicro),
    mayDischarge: mayDischarge === true,
    reserveWh: within(reserveWh, 0, 1_000_000, otherwise.reserveWh),
    targetWh: within(targetWh, 0, 1_000_000, otherwise.targetWh),
    batteryWh: within(batteryWh, 0, 1_000_000, otherwise.batteryWh),
  };
}

/** Hours before seven in the morning and after are the next departure that most people mean. */
export const usualLeaveTime = '07:00';

/** The form with another mode; a plan needs a departure, so it is given one where there is none. */
export function withMode(form: WishForm, mode: WishForm['mode']): WishForm {
  return {
    ...form,
    mode,
    leaveTime: mode !== 'immediate' && form.leaveTime === '' ? usualLeaveTime : form.leaveTime,
  };
}

/**
 * What is signed: the wish as far as the place allows it. Who charges at once leaves whenever they like; a
 * carbon signal that is not there cannot be followed, then it is the cheapest times. Giving back is for the
 * cheapest only, for it is money that it earns.
 */
export function wishesOf(form: WishForm, limits: OwnLimits, allowed: Allowed, now: Date): Wishes {
  const mode = form.mode === 'greenest' && !allowed.carbon ? 'cheapest' : form.mode;
  const isPlanned = mode !== 'immediate';
  const mayDischarge = mode === 'cheapest' && allowed.discharge && form.mayDischarge;
  return {
    mode,
    leaveAt: isPlanned ? leaveAtOf(form.leaveTime, now) : 0,
    maxEnergyWh: form.limitBy === 'energy' ? form.energyWh : limits.maxEnergyWh,
    maxAmountMicro: form.limitBy === 'amount' ? form.amountMicro : limits.maxAmountMicro,
    mayDischarge,
    reserveWh: mayDischarge ? form.reserveWh : 0,
    targetWh: mayDischarge ? form.targetWh : 0,
  };
}

/** Why a form cannot be signed yet. */
export type WishFault = 'no-energy' | 'no-amount' | 'reserve-over-target';

export function faultOf(form: WishForm): WishFault | undefined {
  if (form.limitBy === 'energy' && form.energyWh <= 0) return 'no-energy';
  if (form.limitBy === 'amount' && form.amountMicro <= 0) return 'no-amount';
  const { mode, mayDischarge, reserveWh, targetWh } = form;
  return mode === 'cheapest' && mayDischarge && targetWh > 0 && reserveWh > targetWh
    ? 'reserve-over-target'
    : undefined;
}

const isTimeOfDay = (text: string) => /^([01]\d|2[0-3]):[0-5]\d$/.test(text);

function within(value: unknown, least: number, most: number, otherwise: number): number {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
    ? (value as number)
    : otherwise;
}
