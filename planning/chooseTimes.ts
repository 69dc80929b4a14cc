import { type Portion, portionsOf } from './account.ts';
import type { ChargeWish, StaySlot } from './ChargeWish.ts';
import { cheapestRuns } from './cheapestRuns.ts';
import { cheapestSlots, joinedByPower, type PlannedSlot } from './cheapestSlots.ts';
import { cutAt, type ObjectiveSlot, signalOutweighs } from './objectiveSlots.ts';
import type { RunLimits, Step } from './runFrame.ts';

/** The longest step in which the car is on or off throughout, where starts are limited. */
const STEP_S = 900;
/** More steps than this are made longer: a plan for a month decides by the hour. */
const MOST_STEPS = 192;
/** Shown times stay as they are while they would give at most so many seconds' energy too much. */
const SHOWN_SLACK_S = 60;
const WS_PER_KWH = 3_600_000;

/** Times to charge, and the energy from each slot. */
export interface Times {
  readonly slots: readonly PlannedSlot[];
  readonly portions: readonly Portion[];
}

/**
 * The times of least objective for `needWs` in slots that suffice; `undefined` where the limits of starting
 * leave none. Times that were shown count as cheaper than any other.
 */
export function chooseTimes(
  wish: ChargeWish,
  slots: readonly ObjectiveSlot[],
  needWs: number,
  shown: readonly PlannedSlot[],
): Times | undefined {
  const { starts, stay = [] } = wish;
  const same = asShown(wish, slots, needWs, shown);
  if (same !== undefined) return same;
  const minPowerW = Math.max(1, wish.minPowerW);
  // Where nothing can be drawn now, a car that charges has stopped.
  const isOn = starts?.isOn === true;
  const isStopped = isOn && slots[0]!.from > wish.now;
  const limits: RunLimits = {
    mostStarts: starts?.mostStarts ?? Number.POSITIVE_INFINITY,
    perStart: startCost(wish, slots) * WS_PER_KWH,
    minOnS: starts?.minOnS ?? 0,
    minOffS: starts?.minOffS ?? 0,
    isOn: isOn && !isStopped,
    since: isStopped ? wish.now : (starts?.since ?? 0),
  };
  const favoured = favour(slots, shown);
  if (stay.length === 0) {
    const ranked = favoured.map(({ slot, cost }) => ({
      from: slot.from,
      to: slot.to,
      priceMicroPerKwh: cost,
      maxPowerW: slot.maxPowerW,
    }));
    const chosen = cheapestSlots(ranked, needWs, minPowerW);
    if (doesKeep(chosen, wish.now, limits)) {
      const trim = shown.length === 0 ? 'dearest' : 'end';
      return { slots: chosen, portions: portionsOf(chosen, slots, needWs, trim) };
    }
  }
  let stepS = STEP_S;
  while (countSteps(favoured, stepS) > MOST_STEPS && stepS < 86_400) stepS *= 2;
  const parts = cutAt(
    favoured.map((one) => ({ ...one, from: one.slot.from, to: one.slot.to })),
    gridOf(favoured, stepS, stay),
  );
  const steps = parts.map(({ from, to, cost, slot }): Step => {
    const { microPerHour, chargingMicroPerHour = microPerHour } = stayAt(stay, from);
    return {
      from,
      to,
      costPerWs: cost,
      leastWs: (to - from) * minPowerW,
      mostWs: (to - from) * slot.maxPowerW,
      onCost: chargingMicroPerHour * (to - from) * 1_000,
      offCost: microPerHour * (to - from) * 1_000,
    };
  });
  const runs = cheapestRuns(steps, needWs, limits);
  if (runs === undefined) return undefined;
  const isEdgeFree = limits.minOnS === 0 && limits.minOffS === 0;
  return {
    slots: spreadOut(
      steps,
      runs.energyWs,
      isEdgeFree && steps.every(({ onCost, offCost }) => onCost === offCost),
    ),
    portions: runs.energyWs.flatMap((ws, index) => (ws > 0 ? [{ slot: parts[index]!.slot, ws }] : [])),
  };
}

/** What is left of the shown times, as they are, if they give the energy and no more than a minute's too much. */
function asShown(
  { now, maxPowerW }: ChargeWish,
  slots: readonly ObjectiveSlot[],
  needWs: number,
  shown: readonly PlannedSlot[],
): Times | undefined {
  const left = slotsFrom(shown, now);
  const leftWs = left.reduce((sum, { from, to, powerW }) => sum + (to - from) * powerW, 0);
  if (leftWs < needWs || leftWs > needWs + SHOWN_SLACK_S * maxPowerW) return undefined;
  if (!isWithin(left, slots)) return undefined;
  const portions = portionsOf(left, slots, needWs, 'end');
  const isPriced = portions.reduce((sum, { ws }) => sum + ws, 0) === needWs;
  return isPriced ? { slots: left, portions } : undefined;
}

/** What is left of planned times from an instant on. */
export function slotsFrom(planned: readonly PlannedSlot[], at: number): readonly PlannedSlot[] {
  return planned.flatMap((slot) => (slot.to > at ? [{ ...slot, from: Math.max(slot.from, at) }] : []));
}

/** Whether planned times draw no more than slots allow. */
function isWithin(planned: readonly PlannedSlot[], slots: readonly ObjectiveSlot[]): boolean {
  let next = 0;
  for (const { from, to, powerW } of planned) {
    while (next < slots.length && slots[next]!.to <= from) next += 1;
    for (let index = next; index < slots.length && slots[index]!.from < to; index += 1)
      if (powerW > slots[index]!.maxPowerW) return false;
  }
  return true;
}

interface Favoured {
  readonly slot: ObjectiveSlot;
  readonly cost: number;
}

/** Slots with their cost, cut at the shown times, which cost less by more than any two differ. */
function favour(slots: readonly ObjectiveSlot[], shown: readonly PlannedSlot[]): readonly Favoured[] {
  if (shown.length === 0) return slots.map((slot) => ({ slot, cost: slot.costMicroPerKwh }));
  let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { costMicroPerKwh } of slots) {
    lowest = Math.min(lowest, costMicroPerKwh);
    highest = Math.max(highest, costMicroPerKwh);
  }
  let next = 0;
  return cutAt(
    slots,
    shown.flatMap(({ from, to }) => [from, to]),
  ).map((slot) => {
    while (next < shown.length && shown[next]!.to <= slot.from) next += 1;
    const isShown = next < shown.length && shown[next]!.from <= slot.from;
    return { slot, cost: slot.costMicroPerKwh - (isShown ? highest - lowest + 1 : 0) };
  });
}

/** What a start counts in a plan, in the unit of `ObjectiveSlot.costMicroPerKwh` times kWh. */
export function startCost({ starts, mode, signal }: ChargeWish, slots: readonly ObjectiveSlot[]): number {
  const { perStart = 0 } = starts ?? {};
  if (perStart === 0) return 0;
  const isGreenest = mode === 'greenest' && (signal?.slots.length ?? 0) > 0;
  return isGreenest ? perStart * signalOutweighs(slots) : perStart;
}

/** How often planned times begin anew; what goes on from now is no start where the car is on. */
export function countStarts(planned: readonly PlannedSlot[], now: number, isOn: boolean): number {
  let [starts, until] = [0, isOn ? now : Number.NEGATIVE_INFINITY];
  for (const { from, to } of planned) {
    if (from > until) starts += 1;
    until = to;
  }
  return starts;
}

/** Whether planned times of least price keep to the limits as they are, and none of fewer starts can count less. */
function doesKeep(planned: readonly PlannedSlot[], now: number, limits: RunLimits): boolean {
  const { mostStarts, perStart, minOnS, minOffS, isOn, since } = limits;
  if (perStart > 0 && countStarts(planned, now, isOn) > (isOn ? 0 : 1)) return false;
  if (mostStarts === Number.POSITIVE_INFINITY && minOnS === 0 && minOffS === 0) return true;
  let starts = 0;
  let [isRunning, changedAt, until] = [isOn, since, now];
  for (const { from, to } of planned) {
    if (!isRunning || from > until) {
      if (isRunning && until - changedAt < minOnS) return false;
      const offSince = isRunning ? until : changedAt;
      if (from - offSince < minOffS) return false;
      starts += 1;
      [isRunning, changedAt] = [true, from];
    }
    until = to;
  }
  return starts <= mostStarts && (!isRunning || until - changedAt >= minOnS);
}

function countSteps(slots: readonly Favoured[], stepS: number): number {
  return slots.reduce((sum, { slot }) => sum + Math.ceil((slot.to - slot.from) / stepS), 0);
}

function gridOf(slots: readonly Favoured[], stepS: number, stay: readonly StaySlot[]): readonly number[] {
  const times = stay.flatMap(({ from, to }) => [from, to]);
  for (const { slot } of slots)
    for (let at = Math.ceil(slot.from / stepS) * stepS; at < slot.to; at += stepS) times.push(at);
  return times;
}

function stayAt(stay: readonly StaySlot[], at: number): Omit<StaySlot, 'from' | 'to'> {
  return stay.find(({ from, to }) => from <= at && at < to) ?? { microPerHour: 0 };
}

/** The energy of steps as times and powers: runs begin late and end early, in between the power is even. */
function spreadOut(
  steps: readonly Step[],
  energyWs: readonly number[],
  isEdgeFree: boolean,
): readonly PlannedSlot[] {
  const isOn = (index: number) => (energyWs[index] ?? 0) > 0;
  const lastOn = energyWs.findLastIndex((ws) => ws > 0);
  const planned = steps.flatMap(({ from, to, mostWs }, index): readonly PlannedSlot[] => {
    if (!isOn(index)) return [];
    const ws = energyWs[index]!;
    const maxPowerW = mostWs / (to - from);
    const fullS = Math.ceil(ws / maxPowerW);
    const follows = isOn(index - 1) && steps[index - 1]!.to === from;
    const leads = isOn(index + 1) && steps[index + 1]!.from === to;
    if (isEdgeFree && !follows && leads) return [{ from: to - fullS, to, powerW: maxPowerW }];
    if (index === lastOn || (isEdgeFree && !leads)) return [{ from, to: from + fullS, powerW: maxPowerW }];
    return [{ from, to, powerW: Math.ceil(ws / (to - from)) }];
  });
  return joinedByPower(planned);
}
