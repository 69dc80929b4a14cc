import type { ChargePlan } from '@p2p-power/planning/ChargePlan';
import {
  LOOK_AHEAD_S,
  type Outlook,
  planSession,
  type SessionTerms,
  type SessionWish,
} from '@p2p-power/planning/sessionWish';
import { QUARTER_HOUR_S } from '@p2p-power/tariff/EnergyPrices';
import { price } from '@p2p-power/tariff/price';
import type { SessionReading } from '@p2p-power/tariff/Tariff';
import { tariffSlots } from '@p2p-power/tariff/tariffSlots';
import type { ChartSlot, Stretch } from '../design/chartScale.ts';

/** A plan as it is shown before the driver agrees to it. Money in micro-units with tax, CO2 in grams. */
export interface PlanPreview {
  readonly plan: ChargePlan;
  /** What of the plan will happen before the driver leaves. */
  readonly slots: ChargePlan['slots'];
  /** What the charge costs by this plan, all components of the tariff counted. */
  readonly costMicro: number;
  /** What the same energy costs at once. */
  readonly atOnceMicro: number;
  /** Known only where the carbon signal covers the whole charge. */
  readonly carbonG?: number;
  readonly atOnceCarbonG?: number;
  /** What is in the car when the driver leaves; less than wished where the time is too short. */
  readonly byLeavingWh: number;
}

/**
 * The very plan that the station will make if the driver signs this wish now (epoch seconds), and what it
 * comes to: priced as the finished session will be, beside the same energy charged at once.
 */
export function previewPlan(
  terms: SessionTerms,
  wish: SessionWish,
  outlook: Outlook,
  now: number,
): PlanPreview {
  const plan = planSession(terms, wish, outlook, now, 0);
  const atOnce = planSession(
    terms,
    {
      ...wish,
      mode: 'immediate',
      maxEnergyWh: plan.energyWh,
      maxAmountMicro: Number.MAX_SAFE_INTEGER,
      mayDischarge: false,
    },
    outlook,
    now,
    0,
  );
  // A charge ends when the driver leaves.
  const slots = before(plan.slots, wish.leaveAt);
  const atOnceSlots = before(atOnce.slots, wish.leaveAt);
  const byLeavingWh = Math.min(plan.energyWh, energyOf(slots));
  const carbonG = carbonOf(slots, outlook.carbon);
  const atOnceCarbonG = carbonOf(atOnceSlots, outlook.carbon);
  return {
    plan,
    slots,
    costMicro: priceOfSlots(terms, slots, byLeavingWh, now),
    atOnceMicro: priceOfSlots(terms, atOnceSlots, byLeavingWh, now),
    ...(carbonG !== undefined && atOnceCarbonG !== undefined && { carbonG, atOnceCarbonG }),
    byLeavingWh,
  };
}

interface Powered extends Stretch {
  readonly powerW: number;
}

/**
 * The price of `energyWh` drawn in these slots from `now` on, as the session will be priced that ends when the
 * energy is in the car, or at `endsAt`: between slots the car stands (OCPI PARKING_TIME).
 */
export function priceOfSlots(
  { tariff, timeZone, prices }: Pick<SessionTerms, 'tariff' | 'timeZone' | 'prices'>,
  slots: readonly Powered[],
  energyWh: number,
  now: number,
  endsAt = 0,
): number {
  if (slots.length === 0 && endsAt <= now) return 0;
  const readings: SessionReading[] = [{ at: now, importWh: 0, exportWh: 0, state: 'parking' }];
  const note = (at: number, importWh: number, state: SessionReading['state']) => {
    if (readings.at(-1)?.at === at) readings.pop();
    readings.push({ at, importWh, exportWh: 0, state });
  };
  let importWs = 0;
  for (const { from, to, powerW } of slots) {
    note(from, wattHours(importWs, energyWh), 'charging');
    importWs += (to - from) * powerW;
    note(to, wattHours(importWs, energyWh), 'parking');
  }
  const last = readings.at(-1) as SessionReading;
  readings[readings.length - 1] = { ...last, importWh: energyWh };
  if (endsAt > last.at) readings.push({ at: endsAt, importWh: energyWh, exportWh: 0, state: 'parking' });
  return price(tariff, { timeZone, readings, ...(prices && { prices }) }).inclVatMicro;
}

const wattHours = (wattSeconds: number, most: number) => Math.min(most, Math.floor(wattSeconds / 3_600));

/** The slots up to an instant; 0 is never. */
function before(slots: ChargePlan['slots'], at: number): ChargePlan['slots'] {
  if (at === 0) return slots;
  return slots.flatMap((slot) => (slot.from < at ? [{ ...slot, to: Math.min(slot.to, at) }] : []));
}

/** The energy of slots, Wh. */
function energyOf(slots: readonly Powered[]): number {
  return Math.floor(slots.reduce((sum, { from, to, powerW }) => sum + (to - from) * powerW, 0) / 3_600);
}

/** CO2 of slots in grams, rounded; undefined where the signal does not cover them. */
export function carbonOf(slots: readonly Powered[], carbon: Outlook['carbon']): number | undefined {
  let gramWs = 0;
  for (const { from, to, powerW } of slots)
    for (let at = from; at < to; ) {
      const next = Math.min(to, (Math.floor(at / QUARTER_HOUR_S) + 1) * QUARTER_HOUR_S);
      const grams = carbon?.gramsPerKwh[Math.floor((at - carbon.firstAt) / QUARTER_HOUR_S)];
      if (grams === undefined || grams === null) return undefined;
      gramWs += grams * powerW * (next - at);
      at = next;
    }
  return Math.round(gramWs / 3_600_000);
}

/** The hours that a picture of the plan shows: until the driver leaves, or until all is charged, half a day at least. */
export function spanOf(plan: Pick<ChargePlan, 'readyAt'>, leaveAt: number, now: number): Stretch {
  const to = leaveAt > now ? leaveAt : Math.max(plan.readyAt, now + LOOK_AHEAD_S / 2);
  return { from: now, to: Math.max(to, now + QUARTER_HOUR_S) };
}

/** Energy prices with tax over a span, for a chart. */
export function priceChartSlots(
  { tariff, timeZone, prices }: Pick<SessionTerms, 'tariff' | 'timeZone' | 'prices'>,
  { from, to }: Stretch,
): readonly ChartSlot[] {
  return tariffSlots(tariff, timeZone, from, to, prices).map((slot) => ({
    from: slot.from,
    to: slot.to,
    value: slot.priceMicroPerKwh,
  }));
}

/** A carbon signal over a span, for a chart; nothing where it says nothing. */
export function carbonChartSlots(carbon: Outlook['carbon'], { from, to }: Stretch): readonly ChartSlot[] {
  return (carbon?.gramsPerKwh ?? []).flatMap((grams, index) => {
    const at = (carbon?.firstAt ?? 0) + index * QUARTER_HOUR_S;
    if (grams === null || at >= to || at + QUARTER_HOUR_S <= from) return [];
    return [{ from: at, to: at + QUARTER_HOUR_S, value: grams }];
  });
}
