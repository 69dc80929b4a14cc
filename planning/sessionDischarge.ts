import { durationInWords, energyInWords } from '@p2p-power/tariff/words';
import { type DischargePlan, type ExchangeSlot, planDischarge } from './DischargePlan.ts';
import { gridAvoid } from './gridState.ts';
import {
  isAffordable,
  type Outlook,
  type SessionTerms,
  type SessionWish,
  wishAndWaiting,
} from './sessionWish.ts';

/** What a car says of its battery. Powers are at the point's meter; efficiencies hold between meter and battery. */
export interface BatteryState {
  readonly levelWh: number;
  readonly capacityWh: number;
  readonly maxChargeW: number;
  readonly maxDischargeW: number;
  readonly chargePerMille: number;
  readonly dischargePerMille: number;
  /** What a kWh taken out to be given back wears the battery, in money. */
  readonly wearMicroPerKwh: number;
}

/** A plan of charging and giving back, with why it is so. */
export interface SessionExchange extends DischargePlan {
  readonly reason: string;
}

/** Less than this is not worth a battery's cycle: 5 cents. More than whole Wh and seconds can make of it. */
export const DISCHARGE_MARGIN_MICRO = 50_000;
/** How far the battery may be from the plan before it is planned anew, Wh. */
const OFF_COURSE_WH = 100;
/** How closely the energy to be drawn is chosen where the amount bounds it, Wh. */
const GRAIN_WH = 250;
const WS_PER_WH = 3_600;

/**
 * The plan of a session whose driver consented to giving back: the target at the cheapest by the time to leave. Only in
 * mode cheapest, with a time to leave and a price for what is given back; else, and where the bounds of energy or money
 * do not suffice for the target, `undefined`: then it is planned as any other. Giving back has to save more than
 * {@link DISCHARGE_MARGIN_MICRO}, losses and wear counted, whatever the grid's red and yellow count; and never takes more
 * from the grid than `maxEnergyWh`.
 */
export function planSessionDischarge(
  terms: SessionTerms,
  wish: SessionWish,
  outlook: Outlook,
  battery: BatteryState,
  now: number,
  takenWh: number,
  spentMicro?: number,
): SessionExchange | undefined {
  const { feedInMicroPerKwh } = terms;
  if (!wish.mayDischarge || wish.mode !== 'cheapest' || wish.leaveAt <= now || feedInMicroPerKwh === 0)
    return undefined;
  const session = wishAndWaiting(terms, wish, outlook, now, takenWh, undefined, spentMicro);
  const { asked: charge, waiting } = session;
  const { now: from, readyBy = from, energyWh, maxPowerW, limits } = charge;
  if (from >= readyBy) return undefined;
  const { capacityWh, chargePerMille } = battery;
  const levelWh = Math.min(battery.levelWh, capacityWh);
  const mostWh = Math.min(capacityWh, levelWh + Math.floor((energyWh * chargePerMille) / 1_000));
  const asked = {
    now: from,
    readyBy,
    levelWh,
    capacityWh,
    reserveWh: Math.min(wish.reserveWh, mostWh),
    targetWh: wish.targetWh === 0 ? mostWh : Math.min(wish.targetWh, mostWh),
    maxChargeW: Math.min(maxPowerW, battery.maxChargeW),
    maxDischargeW: Math.min(maxPowerW, battery.maxDischargeW),
    chargePerMille,
    dischargePerMille: battery.dischargePerMille,
    wearMicroPerKwh: battery.wearMicroPerKwh,
    slots: charge.slots,
    feedInSlots: [{ from, to: readyBy, priceMicroPerKwh: feedInMicroPerKwh }],
    ...(limits && { limits }),
    avoid: gridAvoid(outlook.grid ?? [], 'micro'),
    leastSavedMicro: DISCHARGE_MARGIN_MICRO,
  };
  const isWithin = ({ drawnWh, drawnMicro, slots }: DischargePlan) => {
    const charging = slots.filter(({ powerW }) => powerW > 0);
    return drawnWh <= energyWh && isAffordable(drawnMicro, charging, charge, waiting);
  };
  const giving = (mostDrawnWh: number) => planDischarge({ ...asked, isConsented: true, mostDrawnWh });
  const alone = planDischarge({ ...asked, isConsented: false });
  const most = giving(energyWh);
  const both = isWithin(most) ? most : giveLess(giving, isWithin, alone.drawnWh, energyWh);
  const made = both !== undefined && both.givenWh > 0 ? both : alone;
  if (!isWithin(made) || made.basis !== 'cheapest') return undefined;
  return {
    ...made,
    slots: made.slots.flatMap((slot) => atFullPower(slot, asked)),
    reason: wordsFor(made, readyBy - from),
  };
}

/** Of the plans within the bounds that with the most drawn, between `low` and `high` Wh; `undefined` where none was found. */
function giveLess(
  giving: (mostDrawnWh: number) => DischargePlan,
  isWithin: (made: DischargePlan) => boolean,
  low: number,
  high: number,
): DischargePlan | undefined {
  if (high - low <= GRAIN_WH) return undefined;
  const middle = Math.floor((low + high) / 2);
  const made = giving(middle);
  if (!isWithin(made)) return giveLess(giving, isWithin, low, middle);
  return giveLess(giving, isWithin, middle, high) ?? made;
}

/** The energy of a slot at full power from its beginning on: cars do not charge with a trickle. */
function atFullPower(
  { from, to, powerW }: ExchangeSlot,
  {
    maxChargeW,
    maxDischargeW,
    limits,
  }: {
    readonly maxChargeW: number;
    readonly maxDischargeW: number;
    readonly limits?: readonly { readonly from: number; readonly to: number; readonly maxPowerW: number }[];
  },
): readonly ExchangeSlot[] {
  const limitW = limits?.find((limit) => limit.from <= from && from < limit.to)?.maxPowerW ?? maxChargeW;
  const mostW = powerW > 0 ? Math.min(maxChargeW, limitW) : maxDischargeW;
  const energyWs = Math.abs(powerW) * (to - from);
  const seconds = powerW > 0 ? Math.ceil(energyWs / mostW) : Math.floor(energyWs / mostW);
  if (seconds === 0) return [];
  return [{ from, to: Math.min(to, from + seconds), powerW: powerW > 0 ? mostW : -mostW }];
}

function wordsFor({ givenWh, drawnWh, levelWh }: DischargePlan, lastsS: number): string {
  const target = `${energyInWords(levelWh)} in the battery in ${durationInWords(lastsS)}`;
  const drawn = `at the cheapest times: ${energyInWords(drawnWh)} for ${target}`;
  return givenWh === 0 ? drawn : `${drawn}, ${energyInWords(givenWh)} given back when it pays`;
}

/** Whether the battery is where the plan, made `at` an instant with `levelWh` in it, wants it now. */
export function isOnCourse(
  shown: { readonly plan: DischargePlan; readonly levelWh: number; readonly at: number },
  battery: BatteryState,
  now: number,
): boolean {
  if (now < shown.at) return false;
  let levelWs = shown.levelWh * WS_PER_WH;
  for (const { from, to, powerW } of shown.plan.slots) {
    const seconds = Math.max(0, Math.min(to, now) - Math.max(from, shown.at));
    levelWs +=
      powerW > 0
        ? Math.floor((seconds * powerW * battery.chargePerMille) / 1_000)
        : Math.ceil((seconds * powerW * 1_000) / battery.dischargePerMille);
  }
  return Math.abs(battery.levelWh - levelWs / WS_PER_WH) <= OFF_COURSE_WH;
}
