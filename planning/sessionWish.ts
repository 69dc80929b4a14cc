import { type ActivePeriod, type AssumedSession, activePeriods } from '@p2p-power/tariff/activePeriods';
import type { EnergyPrices } from '@p2p-power/tariff/EnergyPrices';
import { price } from '@p2p-power/tariff/price';
import type { Tariff } from '@p2p-power/tariff/Tariff';
import { type PriceSlot, tariffSlots } from '@p2p-power/tariff/tariffSlots';
import { timetableOf } from '@p2p-power/tariff/timetable';
import { withVatMicro } from '@p2p-power/tariff/withVat';
import { type ChargePlan, nextPower, plan, stayCost } from './ChargePlan.ts';
import type { AvoidSlot, ChargeWish, SignalSlot, StaySlot } from './ChargeWish.ts';
import { slotsFrom } from './chooseTimes.ts';
import { type GridSlot, gridAvoid, gridLimits } from './gridState.ts';
import { cutAt, objectiveSlots, signalOutweighs } from './objectiveSlots.ts';
import { judgeTiers, type PriceTier, planTiers } from './planTiers.ts';
import { replan } from './replan.ts';

/** What was offered: by it the session is priced, and by nothing else. */
export interface SessionTerms {
  readonly tariff: Tariff;
  /** IANA name of the zone in which the tariff's times are meant. */
  readonly timeZone: string;
  readonly prices?: EnergyPrices;
  readonly maxPowerW: number;
  /** Credited to the driver per kWh given back; 0 where the point takes none. */
  readonly feedInMicroPerKwh: number;
}

/** What the driver signs, by the names of `Authorization`: 0 stands for no wish, the bounds of energy and money are meant. */
export interface SessionWish {
  readonly mode: 'immediate' | 'cheapest' | 'greenest';
  readonly startAt: number;
  readonly leaveAt: number;
  readonly maxPowerW: number;
  readonly maxEnergyWh: number;
  readonly maxAmountMicro: number;
  readonly mayDischarge: boolean;
  readonly reserveWh: number;
  readonly targetWh: number;
}

/** What is known of the grid: CO2 by quarter-hour from `firstAt` on (null: unknown), and its states. */
export interface Outlook {
  readonly carbon?: { readonly firstAt: number; readonly gramsPerKwh: readonly (number | null)[] };
  readonly grid?: readonly GridSlot[];
}

/** A new plan replaces the one shown only if it is better by more than this: 5 cents, or 100 g of CO2. */
export const REPLAN_MARGIN_MICRO = 50_000;
export const REPLAN_MARGIN_GRAMS = 100;
/** What a start counts, which nobody pays: half a cent, or 5 g of CO2. Contactor and car wear by it. */
export const START_MICRO = 5_000;
export const START_GRAMS = 5;
/** Without a time to leave a plan is made for a day, s; with one, for two weeks at most. */
export const LOOK_AHEAD_S = 86_400;
const MOST_AHEAD_S = 14 * 86_400;
/** Least power of IEC 61851-1, 6 A at 230 V, W: on one phase, and on three where a point gives more than one can. */
const LEAST_ON_ONE_PHASE_W = 1_380;
const LEAST_ON_THREE_PHASES_W = 4_140;
const MOST_ON_ONE_PHASE_W = 7_360;
/** What registers of whole Wh may hide. */
const GRAIN_WH = 2;
/** What the car is behind the shown plan, in seconds at full power, that is not yet planned anew. */
const SLACK_S = 60;
/** Time that must be left after the shown plan to make up for what the car is behind, s. */
const SPARE_S = 900;
const QUARTER_S = 900;
const MOST_ENERGY_WH = 10_000_000;
const WS_PER_WH = 3_600;

/**
 * The wish to plan for, out of what was offered, wished and is known: phone and station make it alike, so that the plan
 * shown is the plan run. All instants are epoch seconds. `takenWh` is what the car has had, `spentMicro` what the session
 * has cost up to now (left out: what it costs with no energy). `planned` is the plan that was shown: without a time to
 * leave it is not put off further, and a charge that it has running needs no start.
 *
 * A kWh costs its energy and, where the tariff prices time while charging, that time at full power. Time at the point that
 * costs while not charging (OCPI PARKING_TIME) counts by what the driver says: with `leaveAt` the car stands until then
 * anyway, and charging in it saves that price; without, the driver leaves when the car is ready, and waiting costs it.
 * Where time costs anything the car charges with full power or not at all.
 */
export function sessionWish(
  terms: SessionTerms,
  wish: SessionWish,
  outlook: Outlook,
  now: number,
  takenWh: number,
  planned?: Pick<ChargePlan, 'readyAt' | 'slots'>,
  spentMicro?: number,
): ChargeWish {
  return wishAndWaiting(terms, wish, outlook, now, takenWh, planned, spentMicro).asked;
}

/** The wish, the times in which waiting costs something, and the prices by the energy before. */
export function wishAndWaiting(
  terms: SessionTerms,
  wish: SessionWish,
  outlook: Outlook,
  now: number,
  takenWh: number,
  planned?: Pick<ChargePlan, 'readyAt' | 'slots'>,
  spentMicro?: number,
): {
  readonly asked: ChargeWish;
  readonly waiting: readonly StaySlot[];
  readonly tiers: readonly PriceTier[];
} {
  const { tariff, timeZone, prices } = terms;
  const from = Math.min(Math.max(now, wish.startAt), now + MOST_AHEAD_S);
  const maxPowerW = wish.maxPowerW === 0 ? terms.maxPowerW : Math.min(terms.maxPowerW, wish.maxPowerW);
  const energyWh = Math.min(Math.max(0, wish.maxEnergyWh - takenWh), MOST_ENERGY_WH);
  const takesS = Math.ceil((energyWh * WS_PER_WH) / maxPowerW);
  const readyBy =
    wish.leaveAt > 0
      ? Math.min(wish.leaveAt, from + MOST_AHEAD_S)
      : planned === undefined
        ? from + LOOK_AHEAD_S
        : Math.max(planned.readyAt, from + takesS) + SPARE_S;
  const until = Math.max(readyBy, from + Math.min(takesS, MOST_AHEAD_S));
  // What restrictions on power, energy and duration are asked of: the session as it stands, at full power.
  const startedAt = wish.startAt > 0 ? Math.min(wish.startAt, from) : from;
  const assumed = { startedAt, energyWh: takenWh, powerW: maxPowerW };
  const charging = hourlySlots(tariff, timeZone, 'TIME', from, until, assumed);
  const pricesAfter = (fromWh: number): PriceTier => {
    const then = { ...assumed, energyWh: takenWh + fromWh };
    const time = fromWh === 0 ? charging : hourlySlots(tariff, timeZone, 'TIME', from, until, then);
    const slots = tariffSlots(tariff, timeZone, from, until, prices, then);
    return { fromWh, slots: withTime(slots, time, maxPowerW) };
  };
  const bounds = timetableOf(tariff).energiesWh.filter((wh) => wh > takenWh && wh < takenWh + energyWh);
  const tiers = [0, ...bounds.map((wh) => wh - takenWh)].map(pricesAfter);
  const waiting = hourlySlots(tariff, timeZone, 'PARKING_TIME', from, until, { ...assumed, powerW: 0 });
  const costsTime = charging.length + waiting.length > 0;
  const known = signalSlots(outlook.carbon);
  // A signal of other times says nothing of this stay.
  const carbon = known.some((slot) => slot.to > from && slot.from < until) ? known : [];
  const isGreenest = wish.mode === 'greenest' && carbon.length > 0;
  const grid = outlook.grid ?? [];
  const spent = spentMicro ?? price(tariff, { timeZone, readings: nothingAt(from) }).inclVatMicro;
  const saved = wish.leaveAt > 0 && !isGreenest ? waiting : [];
  const avoid = addAvoid(
    gridAvoid(grid, isGreenest ? 'grams' : 'micro'),
    saved.map((slot) => ({ ...slot, perKwh: -perKwhAt(slot.microPerHour, maxPowerW) })),
  );
  const asked: ChargeWish = {
    now: from,
    readyBy,
    energyWh,
    maxPowerW,
    minPowerW: costsTime ? maxPowerW : Math.min(leastPowerW(terms.maxPowerW), maxPowerW),
    slots: tiers[0]!.slots,
    mode: wish.mode,
    maxAmountMicro: Math.max(0, Math.min(wish.maxAmountMicro, Number.MAX_SAFE_INTEGER) - spent),
    starts: {
      perStart: isGreenest ? START_GRAMS : START_MICRO,
      isOn: planned !== undefined && nextPower(planned, from).powerW > 0,
    },
    ...(isGreenest && { signal: { slots: carbon, weightMicro: 0 } }),
    ...(wish.leaveAt === 0 && waiting.length > 0 && { stay: waiting.map(whileWaiting) }),
    ...(grid.length > 0 && { limits: gridLimits(grid) }),
    ...(avoid.length > 0 && { avoid }),
  };
  return { asked, waiting, tiers };
}

/** The least that a car can draw at a point of that power, W: below it there is nothing to offer. */
export const leastPowerW = (maxPowerW: number): number =>
  maxPowerW > MOST_ON_ONE_PHASE_W ? LEAST_ON_THREE_PHASES_W : LEAST_ON_ONE_PHASE_W;

/**
 * The plan of a session now. With `previous`, the plan that was shown, that very plan stays (the same object) while it
 * gives the energy and no other is better by more than a margin, so that what was shown is what runs.
 */
export function planSession(
  terms: SessionTerms,
  wish: SessionWish,
  outlook: Outlook,
  now: number,
  takenWh: number,
  previous?: ChargePlan,
  spentMicro?: number,
): ChargePlan {
  const { asked, waiting, tiers } = wishAndWaiting(terms, wish, outlook, now, takenWh, previous, spentMicro);
  const made = planAgain(asked, tiers, previous);
  const isWaitingFor = waiting.length > 0 && asked.stay === undefined && made.basis !== 'immediate';
  if (!isWaitingFor || isAffordable(made.expectedCostMicro, made.slots, asked, waiting)) return made;
  return planAgain(untilReady(asked, waiting, outlook.grid ?? []), tiers, previous);
}

/** The plan of a wish now, or the very one that was shown while that will do. */
function planAgain(
  today: ChargeWish,
  tiers: readonly PriceTier[],
  previous: ChargePlan | undefined,
): ChargePlan {
  if (tiers.length > 1) return planTiersAgain(today, tiers, previous);
  if (previous === undefined) return plan(today);
  const asked = { ...today, energyWh: toleratedWh(today, previous) };
  const { plan: next } = replan(previous, asked, replanMargin(today));
  return isAhead(previous, next, today.now) ? previous : next;
}

/** The same where prices depend on the energy before: what is left of the shown times stays, or all is planned anew. */
function planTiersAgain(
  today: ChargeWish,
  tiers: readonly PriceTier[],
  previous: ChargePlan | undefined,
): ChargePlan {
  const next = planTiers(today, tiers);
  if (previous === undefined || next.basis !== previous.basis) return next;
  if (next.basis !== 'cheapest' && next.basis !== 'greenest')
    return isAhead(previous, next, today.now) ? previous : next;
  const leftWs = wsFrom(previous, today.now);
  const neededWh = toleratedWh({ ...today, energyWh: next.energyWh }, previous);
  const tooMuchWs = leftWs - neededWh * WS_PER_WH;
  if (leftWs === 0 || tooMuchWs < 0 || tooMuchWs > SLACK_S * today.maxPowerW) return next;
  const slots = slotsFrom(previous.slots, today.now);
  const kept = judgeTiers({ ...previous, slots, energyWh: neededWh }, today, tiers);
  const { maxAmountMicro = Number.POSITIVE_INFINITY } = today;
  if (kept.expectedCostMicro + kept.stayCostMicro > maxAmountMicro) return next;
  return kept.objective <= next.objective + replanMargin(today) ? previous : next;
}

/**
 * The same wish for a driver whose amount would not last until the cheapest times: waiting counts against it, as it does
 * in the bill, and what is minimised is what the session has cost when the car is ready.
 */
function untilReady(wish: ChargeWish, waiting: readonly StaySlot[], grid: readonly GridSlot[]): ChargeWish {
  const { signal: _, avoid: __, ...rest } = wish;
  const avoid = gridAvoid(grid, 'micro');
  const starts = { ...rest.starts, perStart: START_MICRO };
  return {
    ...rest,
    starts,
    mode: 'cheapest',
    stay: waiting.map(whileWaiting),
    ...(avoid.length > 0 && { avoid }),
  };
}

/** Whether what charging at some times costs until the car is ready, waiting counted, is within the amount. */
export function isAffordable(
  costMicro: number,
  charging: ChargePlan['slots'],
  { now, maxAmountMicro = Number.POSITIVE_INFINITY }: ChargeWish,
  waiting: readonly StaySlot[],
): boolean {
  return costMicro + stayCost({ now, stay: waiting.map(whileWaiting) }, charging) <= maxAmountMicro;
}

/** By how much a new plan has to be better, in the unit of `ChargePlan.objective`. */
function replanMargin(wish: ChargeWish): number {
  if (wish.signal === undefined) return REPLAN_MARGIN_MICRO;
  const slots = objectiveSlots(wish, wish.readyBy ?? wish.now);
  // The objective counts kWh × grams × what outweighs the price.
  return REPLAN_MARGIN_GRAMS * signalOutweighs(slots);
}

/** The energy to plan for: a car a minute behind the shown plan makes no new one while there is time to spare. */
function toleratedWh({ now, readyBy = 0, energyWh, maxPowerW }: ChargeWish, shown: ChargePlan): number {
  const leftWs = wsFrom(shown, now);
  const behindWs = energyWh * WS_PER_WH - leftWs;
  const isSpare = shown.readyAt + SPARE_S <= readyBy;
  const tolerableWs = isSpare ? SLACK_S * maxPowerW : GRAIN_WH * WS_PER_WH;
  const isTolerable = leftWs > 0 && behindWs > 0 && behindWs <= tolerableWs;
  return isTolerable ? Math.floor(leftWs / WS_PER_WH) : energyWh;
}

/** What is left of a plan, watt-seconds. */
function wsFrom({ slots }: ChargePlan, now: number): number {
  return slotsFrom(slots, now).reduce((sum, { from, to, powerW }) => sum + (to - from) * powerW, 0);
}

/** Whether the next plan says no other than what is left of the one before. Charging at once goes on as it is. */
function isAhead(previous: ChargePlan, next: ChargePlan, now: number): boolean {
  if (next.basis !== previous.basis) return false;
  const left = slotsFrom(previous.slots, now);
  const isAtOnce = next.basis !== 'cheapest' && next.basis !== 'greenest';
  if (isAtOnce)
    return left.length > 0 && left.length === next.slots.length && areAlike(left, next.slots, false);
  return left.length === next.slots.length && areAlike(left, next.slots, true);
}

function areAlike(some: ChargePlan['slots'], others: ChargePlan['slots'], isToTheSecond: boolean): boolean {
  return some.every(({ from, to, powerW }, index) => {
    const other = others[index];
    const isLast = index === some.length - 1;
    return (
      other !== undefined &&
      from === other.from &&
      powerW === other.powerW &&
      (to === other.to || (isLast && !isToTheSecond))
    );
  });
}

/** Times in which an hour costs something, after tax. */
function hourlySlots(
  tariff: Tariff,
  timeZone: string,
  type: 'TIME' | 'PARKING_TIME',
  from: number,
  to: number,
  assumed: AssumedSession,
): readonly StaySlot[] {
  const periods: readonly ActivePeriod[] =
    from < to ? activePeriods(tariff, timeZone, from, to, assumed) : [];
  return periods.flatMap((period) => {
    const { priceMicro = 0, vatBp = 0 } = period[type]?.component ?? {};
    const microPerHour = withVatMicro(priceMicro, tariff.taxes === undefined ? vatBp : 0);
    return microPerHour === 0 ? [] : [{ from: period.from, to: period.to, microPerHour }];
  });
}

/** The stay's price while waiting only: what time costs while charging is in the price of a kWh. */
const whileWaiting = (slot: StaySlot): StaySlot => ({ ...slot, chargingMicroPerHour: 0 });

/** What an hour's price comes to for a kWh at a power, rounded to the nearest micro-unit. */
const perKwhAt = (microPerHour: number, powerW: number): number =>
  Math.round((microPerHour * 1_000) / powerW);

/** Energy prices with the price of charging time in them. */
function withTime(
  slots: readonly PriceSlot[],
  charging: readonly StaySlot[],
  powerW: number,
): readonly PriceSlot[] {
  if (charging.length === 0) return slots;
  const edges = charging.flatMap(({ from, to }) => [from, to]);
  return cutAt(slots, edges).map((slot) => {
    const hour = charging.find(({ from, to }) => from <= slot.from && slot.from < to)?.microPerHour ?? 0;
    return { ...slot, priceMicroPerKwh: slot.priceMicroPerKwh + perKwhAt(hour, powerW) };
  });
}

/** Two reasons to avoid times, added up where they meet. */
function addAvoid(some: readonly AvoidSlot[], others: readonly AvoidSlot[]): readonly AvoidSlot[] {
  if (some.length === 0) return others.map(({ from, to, perKwh }) => ({ from, to, perKwh }));
  if (others.length === 0) return some;
  const edges = [...new Set([...some, ...others].flatMap(({ from, to }) => [from, to]))].sort(
    (a, b) => a - b,
  );
  const at = (slots: readonly AvoidSlot[], instant: number) =>
    slots.find(({ from, to }) => from <= instant && instant < to)?.perKwh ?? 0;
  return edges.slice(0, -1).flatMap((from, index) => {
    const perKwh = at(some, from) + at(others, from);
    return perKwh === 0 ? [] : [{ from, to: edges[index + 1] as number, perKwh }];
  });
}

/** The quarter-hours of a row that are known, those that touch and are alike as one. */
function signalSlots(row: Outlook['carbon']): readonly SignalSlot[] {
  const slots: SignalSlot[] = [];
  for (const [index, perKwh] of (row?.gramsPerKwh ?? []).entries()) {
    if (row === undefined || perKwh === null) continue;
    const from = row.firstAt + index * QUARTER_S;
    const last = slots.at(-1);
    if (last?.to === from && last.perKwh === perKwh)
      slots[slots.length - 1] = { ...last, to: from + QUARTER_S };
    else slots.push({ from, to: from + QUARTER_S, perKwh });
  }
  return slots;
}

function nothingAt(at: number) {
  const nothing = { importWh: 0, exportWh: 0, state: 'charging' } as const;
  return [
    { at, ...nothing },
    { at: at + 1, ...nothing },
  ];
}
