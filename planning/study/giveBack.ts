import { type DischargePlan, type DischargeWish, planDischarge } from '../DischargePlan.ts';
import { BATTERY_ASSUMPTIONS, type ChargeBattery } from './Battery.ts';
import { foreseenPrices, type Market } from './chargeRules.ts';
import { knownUntil } from './dayAhead.ts';
import { ticksOf } from './follow.ts';
import { priceSlots } from './QuarterHours.ts';
import type { Stretch, StudyCharge } from './StudySession.ts';

/** What a charge with giving back came to: what was done, and the level (battery's watt-seconds) at departure. */
export interface GivenBack {
  readonly stretches: readonly Stretch[];
  readonly levelWs: number;
}

/**
 * Charges and gives back by plans made at arrival and whenever new prices are known. Energy is only given where the
 * prices of giving and of getting it back are both known: beyond the known prices the battery is to stand as it would
 * by the plan that gives nothing, so that no forecast can turn it into a loss.
 */
export function chargeAndGiveBack(charge: StudyCharge, market: Market, battery: ChargeBattery): GivenBack {
  const { leftAt } = charge;
  const { timeZone, prices } = market;
  const instants: number[] = [];
  let horizon = 0;
  for (const at of ticksOf(charge)) {
    const known = Math.min(leftAt, knownUntil(timeZone, at));
    if (known > horizon) instants.push(at);
    horizon = Math.max(horizon, known);
  }
  return act(charge, battery, instants, (now, levelWh) => {
    const known = Math.min(leftAt, knownUntil(timeZone, now));
    const slots = priceSlots(prices, now, known);
    const wish = dischargeWish(charge, battery, now, levelWh);
    if (known === leftAt) return planDischarge({ ...wish, slots, feedInSlots: slots });
    const alone = planDischarge({
      ...wish,
      isConsented: false,
      slots: foreseenPrices(market, now, leftAt),
    });
    const { chargePerMille } = BATTERY_ASSUMPTIONS;
    const storedWs = alone.slots.reduce(
      (sum, { from, to, powerW }) =>
        sum + Math.floor((Math.max(0, Math.min(to, known) - from) * powerW * chargePerMille) / 1_000),
      0,
    );
    const targetWh = Math.min(battery.capacityWh, levelWh + Math.floor(storedWs / 3_600));
    return planDischarge({ ...wish, readyBy: known, targetWh, slots, feedInSlots: slots });
  });
}

/** The best that giving back could have done: one plan with all prices until departure known at arrival. */
export function giveBackClairvoyantly(
  charge: StudyCharge,
  { prices }: Market,
  battery: ChargeBattery,
): GivenBack {
  return act(charge, battery, [charge.arrivedAt], (now, levelWh) => {
    const slots = priceSlots(prices, now, charge.leftAt);
    return planDischarge({ ...dischargeWish(charge, battery, now, levelWh), slots, feedInSlots: slots });
  });
}

function dischargeWish(
  { leftAt, powerW }: StudyCharge,
  { capacityWh, reserveWh, targetWh }: ChargeBattery,
  now: number,
  levelWh: number,
): DischargeWish {
  const { chargePerMille, dischargePerMille, wearMicroPerKwh } = BATTERY_ASSUMPTIONS;
  return {
    now,
    readyBy: leftAt,
    levelWh,
    capacityWh,
    reserveWh,
    targetWh,
    maxChargeW: powerW,
    maxDischargeW: powerW,
    chargePerMille,
    dischargePerMille,
    wearMicroPerKwh,
    isConsented: true,
    slots: [],
    feedInSlots: [],
  };
}

/** Does what each plan says until the next is made, as far as the battery lets: it takes no more than it holds, and gives nothing of the reserve. */
function act(
  { leftAt, arrivedAt }: StudyCharge,
  battery: ChargeBattery,
  instants: readonly number[],
  planAt: (now: number, levelWh: number) => DischargePlan,
): GivenBack {
  const { chargePerMille, dischargePerMille } = BATTERY_ASSUMPTIONS;
  const [capacityWs, reserveWs] = [battery.capacityWh * 3_600, battery.reserveWh * 3_600];
  const stretches: Stretch[] = [];
  let levelWs = battery.levelWh * 3_600;
  if (arrivedAt >= leftAt) return { stretches, levelWs };
  for (const [index, now] of instants.entries()) {
    const until = instants[index + 1] ?? leftAt;
    const made = planAt(now, Math.floor(levelWs / 3_600));
    for (const slot of made.slots) {
      const [from, to] = [Math.max(slot.from, now), Math.min(slot.to, until)];
      if (from >= to) continue;
      const { powerW } = slot;
      const wantedWs = (to - from) * powerW;
      const roomWs = Math.floor(((capacityWs - levelWs) * 1_000) / chargePerMille);
      const spareWs = Math.floor((Math.max(0, levelWs - reserveWs) * dischargePerMille) / 1_000);
      const ws = Math.max(-spareWs, Math.min(wantedWs, roomWs));
      if (ws === 0) continue;
      levelWs += levelChange(ws);
      stretches.push({ from, to, powerW, ws });
    }
    if (until === leftAt) {
      // Powers are whole watts, so that the end would have a little more than was planned: charging stops before.
      const last = stretches.at(-1);
      const tooMuchWs = levelWs - Math.max(battery.targetWh, made.levelWh) * 3_600;
      const lessWs = Math.floor((tooMuchWs * 1_000) / chargePerMille);
      if (last === undefined || last.from < now || lessWs <= 0 || last.ws <= lessWs) continue;
      levelWs += levelChange(last.ws - lessWs) - levelChange(last.ws);
      stretches[stretches.length - 1] = { ...last, ws: last.ws - lessWs };
    }
  }
  return { stretches, levelWs };
}

/** What energy at the meter does to the level, watt-seconds; never in the battery's favour. */
function levelChange(ws: number): number {
  const { chargePerMille, dischargePerMille } = BATTERY_ASSUMPTIONS;
  return ws > 0 ? Math.floor((ws * chargePerMille) / 1_000) : -Math.ceil((-ws * 1_000) / dischargePerMille);
}
