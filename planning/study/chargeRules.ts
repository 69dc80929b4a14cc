import type { PriceSlot } from '@p2p-power/tariff/tariffSlots';
import { type ChargePlan, nextPower, plan } from '../ChargePlan.ts';
import type { AvoidSlot, ChargeWish } from '../ChargeWish.ts';
import { gridAvoid } from '../gridState.ts';
import { replan } from '../replan.ts';
import { START_MICRO } from '../sessionWish.ts';
import { knownUntil } from './dayAhead.ts';
import { evccTimes } from './evccRule.ts';
import { expectedPrices } from './expectedPrices.ts';
import { follow, ticksOf } from './follow.ts';
import { type GridHours, gridSlots } from './gridHours.ts';
import { priceSlots, QUARTER_S, type QuarterHours } from './QuarterHours.ts';
import type { Stretch, StudyCharge } from './StudySession.ts';

/** What the rules charge by: prices per kWh by quarter-hour, and the zone whose days the auction sells. */
export interface Market {
  readonly prices: QuarterHours;
  readonly timeZone: string;
}

/** A way to charge: what is done from arrival to departure, with nothing known before its time. */
export type ChargeRule = (charge: StudyCharge, market: Market) => readonly Stretch[];

/** The least that a car draws when it charges: 6 A on one phase (IEC 61851-1). */
export const LEAST_POWER_W = 1_380;
/** What a new plan must save to replace the one shown: a tenth of a cent. */
const REPLAN_MARGIN_MICRO = 1_000;

/** Full power from the moment of plugging in. */
export const chargeAtOnce: ChargeRule = (charge) =>
  follow(charge, [charge.arrivedAt], (at) => [{ from: at, to: charge.leftAt, powerW: charge.powerW }]);

/** evcc's rule with the prices known at each moment, decided anew at every tick. */
export const chargeByEvcc: ChargeRule = (charge, { prices, timeZone }) => {
  const { leftAt, powerW } = charge;
  return follow(charge, ticksOf(charge), (at, leftWs) => {
    const until = Math.min(leftAt, knownUntil(timeZone, at));
    const times = evccTimes(quarters(prices, at, until), at, leftAt, Math.ceil(leftWs / powerW));
    return times.map(({ from, to }) => ({ from, to, powerW }));
  });
};

/**
 * Our plan with the prices known at each moment, beyond them the mean of the days before; planned again when
 * the next day's prices are there. A start counts what it does at a station.
 */
export const chargeByPlan: ChargeRule = (charge, market) => planTickByTick(charge, market);

/** The same plan that also leaves out red and yellow hours of the grid where the departure allows it. */
export function chargeBySparingPlan(hours: GridHours): ChargeRule {
  return (charge, market) => {
    const grid = gridSlots(hours, market.timeZone, charge.arrivedAt, charge.leftAt);
    return planTickByTick(charge, market, gridAvoid(grid, 'micro'));
  };
}

function planTickByTick(charge: StudyCharge, market: Market, avoid?: readonly AvoidSlot[]) {
  const { prices, timeZone } = market;
  let shown: ChargePlan | undefined;
  // What is expected changes only when more is known.
  let [known, expected]: [number, readonly PriceSlot[]] = [0, []];
  return follow(charge, ticksOf(charge), (at, leftWs) => {
    const knownNow = knownUntil(timeZone, at);
    // While nothing more is known, what is left of the best plan is the best for what is left.
    if (shown !== undefined && knownNow === known) return shown.slots;
    expected = expectedPrices(prices, timeZone, knownNow, charge.leftAt);
    known = knownNow;
    const slots = [...priceSlots(prices, at, Math.min(charge.leftAt, known)), ...expected];
    const starts = {
      perStart: START_MICRO,
      isOn: shown !== undefined && nextPower(shown, at).powerW > 0,
    };
    const wish = { ...wishOf(charge, at, leftWs, slots), starts, ...(avoid && { avoid }) };
    shown = shown === undefined ? plan(wish) : replan(shown, wish, REPLAN_MARGIN_MICRO).plan;
    return shown.slots;
  });
}

/** The best there could have been: one plan with all prices until departure known at arrival. */
export const chargeClairvoyantly: ChargeRule = (charge, { prices }) =>
  follow(
    charge,
    [charge.arrivedAt],
    (at, leftWs) => plan(wishOf(charge, at, leftWs, priceSlots(prices, at, charge.leftAt))).slots,
  );

/** The prices to plan with at an instant: known ones, then expected ones. */
export function foreseenPrices({ prices, timeZone }: Market, at: number, to: number): readonly PriceSlot[] {
  const known = knownUntil(timeZone, at);
  const slots = priceSlots(prices, at, Math.min(to, known));
  return known < to ? [...slots, ...expectedPrices(prices, timeZone, known, to)] : slots;
}

/** The wish of a charge at an instant, by prices. */
export function wishOf(
  { leftAt, powerW }: StudyCharge,
  now: number,
  leftWs: number,
  slots: readonly PriceSlot[],
): ChargeWish {
  return {
    now,
    readyBy: leftAt,
    energyWh: Math.ceil(leftWs / 3_600),
    maxPowerW: powerW,
    minPowerW: Math.min(LEAST_POWER_W, powerW),
    slots,
    mode: 'cheapest',
  };
}

/** Prices quarter by quarter, none joined. */
function quarters(prices: QuarterHours, from: number, to: number): readonly PriceSlot[] {
  const slots: PriceSlot[] = [];
  for (let at = from; at < to; at = (Math.floor(at / QUARTER_S) + 1) * QUARTER_S) {
    const until = Math.min(to, (Math.floor(at / QUARTER_S) + 1) * QUARTER_S);
    slots.push(...priceSlots(prices, at, until));
  }
  return slots;
}
