import { durationInWords, energyInWords } from '@p2p-power/tariff/words';
import { type Account, account, portionsOf } from './account.ts';
import { assertWish, type ChargeWish } from './ChargeWish.ts';
import type { PlannedSlot } from './cheapestSlots.ts';
import { chooseTimes, countStarts, startCost } from './chooseTimes.ts';
import { type ObjectiveSlot, objectiveSlots } from './objectiveSlots.ts';

/**
 * What a plan rests on: `immediate` as asked; `cheapest` or `greenest` times; or charging at once although
 * that was not asked, because the deadline cannot be met (`deadline-too-soon`), because too few prices are
 * known for the energy (`prices-missing`), or because the limits of starting leave no way (`limits-too-tight`).
 */
export type PlanBasis =
  | 'immediate'
  | 'cheapest'
  | 'greenest'
  | 'deadline-too-soon'
  | 'prices-missing'
  | 'limits-too-tight';

/**
 * When to charge, and how strongly. `energyWh` is what is planned: less than wished only where `maxAmountMicro`
 * buys no more. `expectedCostMicro` is what that energy costs, `stayCostMicro` the stay until then; `objective`
 * is what was minimised: micro-units of money, or in mode greenest (a signal of the grid given) the signal times
 * kWh with the price as tie-break; what starts count is in it. `expectedSignal` is the signal times kWh: grams, if that is the signal. Each
 * is rounded once, half away from zero. `unpricedWh` is the part that falls into times without a known price.
 * `readyAt` is when the energy is in the car. `reason` says it in words.
 */
export interface ChargePlan {
  readonly slots: readonly PlannedSlot[];
  readonly energyWh: number;
  readonly expectedCostMicro: number;
  readonly stayCostMicro: number;
  readonly objective: number;
  readonly expectedSignal: number;
  readonly unpricedWh: number;
  readonly readyAt: number;
  readonly basis: PlanBasis;
  readonly reason: string;
}

/** How far a plan looks ahead: a year. Keeps watt-seconds within exact integers. */
const LOOK_AHEAD_S = 366 * 86_400;
const WS_PER_WH = 3_600;

/**
 * Plans one car's charge. Unless the mode is `immediate`, what is minimised is the least possible by the deadline
 * (or within the known prices of a year, without one); of plans that come to the same it has the fewest starts,
 * and then the earliest. Slots hold whole seconds, so that a plan may allow for up to a second more at the end
 * of a stretch; charging stops when the energy is in the car. Throws RangeError on a wish that makes no sense.
 */
export function plan(wish: ChargeWish): ChargePlan {
  assertWish(wish);
  return planAround(wish, []);
}

/**
 * The plan that keeps to the times shown as far as they go, and only then takes others; otherwise as `plan`.
 * `shownWh` is a guess of the energy that an amount buys. The wish must be sound.
 */
export function planAround(wish: ChargeWish, shown: readonly PlannedSlot[], shownWh = 0): ChargePlan {
  const { maxAmountMicro, energyWh } = wish;
  const whole = planEnergy(wish, shown);
  if (maxAmountMicro === undefined || spentOn(whole) <= maxAmountMicro) return whole;
  let affordable = planEnergy({ ...wish, energyWh: 0 }, shown);
  let tooDear = { energyWh, spent: spentOn(whole) };
  let isHit = false;
  // What an energy costs is convex in it, and nothing costs nothing: the affordable ones are the smaller ones. Between two
  // prices cost is straight, so a guess often hits; where it does not, halving bounds how often a plan is made.
  for (let turn = 0; tooDear.energyWh - affordable.energyWh > 1; turn += 1) {
    const apart = tooDear.energyWh - affordable.energyWh;
    const spent = spentOn(affordable);
    const straight = Math.floor((apart * (maxAmountMicro - spent)) / Math.max(1, tooDear.spent - spent));
    const guess = turn === 0 && shownWh > 0 ? shownWh : isHit ? 1 : straight;
    const further = turn % 3 === 2 ? Math.floor(apart / 2) : guess;
    const middle = affordable.energyWh + Math.min(Math.max(further, 1), apart - 1);
    const made = planEnergy({ ...wish, energyWh: middle }, shown);
    isHit = spentOn(made) <= maxAmountMicro;
    if (isHit) affordable = made;
    else tooDear = { energyWh: middle, spent: spentOn(made) };
  }
  const bought = `the amount buys ${energyInWords(affordable.energyWh)} of ${energyInWords(energyWh)}`;
  return { ...affordable, reason: `${bought}; ${affordable.reason}` };
}

function spentOn({ expectedCostMicro, stayCostMicro }: ChargePlan): number {
  return expectedCostMicro + stayCostMicro;
}

function planEnergy(wish: ChargeWish, shown: readonly PlannedSlot[]): ChargePlan {
  const { now, readyBy, energyWh, maxPowerW, mode } = wish;
  const needWs = energyWh * WS_PER_WH;
  const takes = durationInWords(Math.ceil(needWs / maxPowerW));
  if (mode === 'immediate') return atOnce(wish, 'immediate', `at once, as asked: ${takes}`);

  const until = Math.min(readyBy ?? Number.POSITIVE_INFINITY, now + LOOK_AHEAD_S);
  const wanted = energyInWords(energyWh);
  if (capacityWs(spansWithin(wish, until)) < needWs) {
    const left = durationInWords(Math.max(0, until - now));
    const isLimited = (until - now) * maxPowerW >= needWs;
    const why = isLimited
      ? `the grid’s limits leave too little until the deadline in ${left}`
      : `${wanted} take ${takes}, the deadline is in ${left}`;
    return atOnce(wish, 'deadline-too-soon', `at once: ${why}`);
  }
  const slots = objectiveSlots(wish, until);
  if (capacityWs(slots) < needWs) {
    const pricedS = slots.reduce((sum, { from, to }) => sum + to - from, 0);
    const known = durationInWords(pricedS);
    return atOnce(wish, 'prices-missing', `at once: ${wanted} take ${takes}, prices are known for ${known}`);
  }
  const chosen = needWs === 0 ? { slots: [], portions: [] } : chooseTimes(wish, slots, needWs, shown);
  if (chosen === undefined)
    return atOnce(wish, 'limits-too-tight', `at once: ${wanted} cannot be had within the limits of starting`);
  const basis = mode === 'greenest' && (wish.signal?.slots.length ?? 0) > 0 ? 'greenest' : 'cheapest';
  const pricedS = slots.reduce((sum, { from, to }) => sum + to - from, 0);
  const times = `at the ${basis} times of ${durationInWords(pricedS)}`;
  const sums = account(chosen.portions, needWs);
  return conclude(wish, chosen.slots, sums, basis, `${times}: ${wanted}`, startCost(wish, slots));
}

function atOnce(wish: ChargeWish, basis: PlanBasis, reason: string): ChargePlan {
  const needWs = wish.energyWh * WS_PER_WH;
  const slots: PlannedSlot[] = [];
  let leftWs = needWs;
  for (const { from, to, maxPowerW: powerW } of spansWithin(wish, Number.MAX_SAFE_INTEGER)) {
    const ready = Math.min(to, from + Math.ceil(leftWs / powerW));
    if (from < ready) slots.push({ from, to: ready, powerW });
    leftWs -= (ready - from) * powerW;
    if (leftWs <= 0) break;
  }
  const readyAt = slots.at(-1)?.to ?? wish.now;
  const priced: readonly ObjectiveSlot[] = objectiveSlots({ ...wish, readyBy: readyAt }, readyAt);
  return conclude(wish, slots, account(portionsOf(slots, priced, needWs, 'end'), needWs), basis, reason);
}

interface Span {
  readonly from: number;
  readonly to: number;
  readonly maxPowerW: number;
}

/** The times from now to `until` in which the car can charge, by the most that may be drawn. */
function spansWithin({ now, maxPowerW, minPowerW, limits = [] }: ChargeWish, until: number): readonly Span[] {
  const spans: Span[] = [];
  const add = (from: number, to: number, mostW: number) => {
    if (from < to && mostW >= Math.max(1, minPowerW)) spans.push({ from, to, maxPowerW: mostW });
  };
  let at = now;
  for (const { from, to, maxPowerW: mostW } of limits) {
    if (to <= at) continue;
    if (from >= until) break;
    add(at, from, maxPowerW);
    add(Math.max(at, from), Math.min(to, until), Math.min(maxPowerW, mostW));
    at = Math.min(to, until);
  }
  add(at, until, maxPowerW);
  return spans;
}

function capacityWs(spans: readonly Span[]): number {
  return spans.reduce((sum, { from, to, maxPowerW }) => sum + (to - from) * maxPowerW, 0);
}

function conclude(
  wish: ChargeWish,
  slots: readonly PlannedSlot[],
  { priceMicro, objective, signal, unpricedWh }: Account,
  basis: PlanBasis,
  reason: string,
  perStart = 0,
): ChargePlan {
  const starts = perStart === 0 ? 0 : countStarts(slots, wish.now, wish.starts?.isOn === true);
  const minimised = objective + starts * perStart;
  const readyAt = slots.at(-1)?.to ?? wish.now;
  const stayCostMicro = stayCost(wish, slots);
  return {
    slots,
    energyWh: wish.energyWh,
    expectedCostMicro: priceMicro,
    stayCostMicro,
    objective: basis === 'greenest' ? minimised : minimised + stayCostMicro,
    expectedSignal: signal,
    unpricedWh,
    readyAt,
    basis,
    reason,
  };
}

/** What standing at the point costs until all is planned, micro-units, rounded up once. */
export function stayCost(
  { stay = [], now }: Pick<ChargeWish, 'stay' | 'now'>,
  slots: readonly PlannedSlot[],
): number {
  const readyAt = slots.at(-1)?.to ?? now;
  let micro = 0n;
  for (const { from, to, microPerHour, chargingMicroPerHour = microPerHour } of stay) {
    const [begin, end] = [Math.max(from, now), Math.min(to, readyAt)];
    if (begin >= end) continue;
    const onS = slots.reduce(
      (sum, slot) => sum + Math.max(0, Math.min(end, slot.to) - Math.max(begin, slot.from)),
      0,
    );
    micro += BigInt(end - begin - onS) * BigInt(microPerHour) + BigInt(onS) * BigInt(chargingMicroPerHour);
  }
  return Number((micro + 3_599n) / 3_600n);
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
