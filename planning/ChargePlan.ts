import type { PriceSlot } from '@p2p-power/tariff/tariffSlots';
import { durationInWords, energyInWords } from '@p2p-power/tariff/words';
import { cheapestSlots, type PlannedSlot } from './cheapestSlots.ts';

/**
 * What the driver wishes and the car can do. Times are epoch seconds. The car charges with 0 W or with
 * `minPowerW` to `maxPowerW`. `slots` are the known prices, in order and without overlap.
 */
export interface ChargeWish {
  readonly now: number;
  readonly readyBy?: number;
  readonly energyWh: number;
  readonly maxPowerW: number;
  readonly minPowerW: number;
  readonly slots: readonly PriceSlot[];
  readonly mode: 'immediate' | 'cheapest';
}

/**
 * What a plan rests on: `immediate` as asked; `cheapest` times; or charging at once although cheap was
 * asked, because the deadline cannot be met (`deadline-too-soon`) or because too few prices are known
 * for the energy (`prices-missing`).
 */
export type PlanBasis = 'immediate' | 'cheapest' | 'deadline-too-soon' | 'prices-missing';

/**
 * When to charge, and how strongly. `expectedCostMicro` is what the energy costs at the known prices,
 * rounded once, half away from zero; `unpricedWh` is the part that falls into times without a known
 * price. `readyAt` is when the energy is in the car. `reason` says it in words.
 */
export interface ChargePlan {
  readonly slots: readonly PlannedSlot[];
  readonly expectedCostMicro: number;
  readonly unpricedWh: number;
  readonly readyAt: number;
  readonly basis: PlanBasis;
  readonly reason: string;
}

/** How far a plan looks ahead: a year. Keeps watt-seconds within exact integers. */
const LOOK_AHEAD_S = 366 * 86_400;
const WS_PER_WH = 3_600;
/** Watt-seconds times micro-units per kWh, to micro-units. */
const COST_SCALE = 3_600_000n;

/**
 * Plans one car's charge. In mode `cheapest` the cost is the least that is possible by the deadline (or
 * within the known prices of a year, without one); of plans that cost the same it has the fewest starts, and then
 * the earliest. Slots hold whole seconds, so that a plan may allow for up to a second more at the end of
 * a stretch; charging stops when the energy is in the car. Throws RangeError on a wish that makes no sense.
 */
export function plan(wish: ChargeWish): ChargePlan {
  assertSound(wish);
  const { now, readyBy, energyWh, maxPowerW } = wish;
  const needWs = energyWh * WS_PER_WH;
  const takes = durationInWords(Math.ceil(needWs / maxPowerW));
  if (wish.mode === 'immediate') return atOnce(wish, 'immediate', `at once, as asked: ${takes}`);

  const until = Math.min(readyBy ?? Number.POSITIVE_INFINITY, now + LOOK_AHEAD_S);
  if ((until - now) * maxPowerW < needWs) {
    const left = durationInWords(Math.max(0, until - now));
    const reason = `at once: ${energyInWords(energyWh)} take ${takes}, the deadline is in ${left}`;
    return atOnce(wish, 'deadline-too-soon', reason);
  }
  const slots = wish.slots
    .map((slot) => ({ ...slot, from: Math.max(slot.from, now), to: Math.min(slot.to, until) }))
    .filter(({ from, to }) => from < to);
  const pricedS = slots.reduce((sum, { from, to }) => sum + to - from, 0);
  if (pricedS * maxPowerW < needWs) {
    const reason = `at once: ${energyInWords(energyWh)} take ${takes}, prices are known for ${durationInWords(pricedS)}`;
    return atOnce(wish, 'prices-missing', reason);
  }
  const cheapest =
    needWs === 0
      ? { slots: [], costNumerator: 0n }
      : cheapestSlots(slots, needWs, { maxPowerW, minPowerW: Math.max(1, wish.minPowerW) });
  return {
    slots: cheapest.slots,
    expectedCostMicro: toMicro(cheapest.costNumerator),
    unpricedWh: 0,
    readyAt: cheapest.slots.at(-1)?.to ?? now,
    basis: 'cheapest',
    reason: `at the cheapest times of ${durationInWords(pricedS)}: ${energyInWords(energyWh)}`,
  };
}

function atOnce(wish: ChargeWish, basis: PlanBasis, reason: string): ChargePlan {
  const { now, energyWh, maxPowerW: powerW } = wish;
  const needWs = energyWh * WS_PER_WH;
  const readyAt = now + Math.ceil(needWs / powerW);
  const chargedWs = (at: number) => Math.min(needWs, Math.max(0, at - now) * powerW);
  let pricedWs = 0;
  let costNumerator = 0n;
  for (const { from, to, priceMicroPerKwh } of wish.slots) {
    const inSlotWs = chargedWs(to) - chargedWs(from);
    pricedWs += inSlotWs;
    costNumerator += BigInt(inSlotWs) * BigInt(priceMicroPerKwh);
  }
  return {
    slots: now < readyAt ? [{ from: now, to: readyAt, powerW }] : [],
    expectedCostMicro: toMicro(costNumerator),
    unpricedWh: Math.ceil((needWs - pricedWs) / WS_PER_WH),
    readyAt,
    basis,
    reason,
  };
}

function toMicro(costNumerator: bigint): number {
  const size = costNumerator < 0n ? -costNumerator : costNumerator;
  const rounded = Number((2n * size + COST_SCALE) / (2n * COST_SCALE));
  return costNumerator < 0n && rounded > 0 ? -rounded : rounded;
}

/**
 * The power to charge with at an instant by a plan, and until when that holds; a plan that is through
 * says 0 W for good (no `until`).
 */
export function nextPower(
  { slots }: Pick<ChargePlan, 'slots'>,
  at: number,
): { readonly powerW: number; readonly until?: number } {
  const slot = slots.find(({ to }) => at < to);
  if (slot === undefined) return { powerW: 0 };
  return slot.from <= at ? { powerW: slot.powerW, until: slot.to } : { powerW: 0, until: slot.from };
}

const MOST_ENERGY_WH = 10_000_000;
const MOST_POWER_W = 10_000_000;
const MOST_TIME = 253_402_300_799;

function assertSound({ now, readyBy, energyWh, maxPowerW, minPowerW, slots }: ChargeWish): void {
  assertWhole('now', now, 0, MOST_TIME);
  if (readyBy !== undefined) assertWhole('readyBy', readyBy, 0, MOST_TIME);
  assertWhole('energyWh', energyWh, 0, MOST_ENERGY_WH);
  assertWhole('maxPowerW', maxPowerW, 1, MOST_POWER_W);
  assertWhole('minPowerW', minPowerW, 0, maxPowerW);
  let until = 0;
  for (const { from, to, priceMicroPerKwh } of slots) {
    assertWhole('slot.from', from, until, MOST_TIME);
    assertWhole('slot.to', to, from, MOST_TIME);
    assertWhole('slot.priceMicroPerKwh', priceMicroPerKwh, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    until = to;
  }
}

function assertWhole(name: string, value: number, least: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`${name} must be a whole number from ${least} to ${most}, is ${value}`);
}
