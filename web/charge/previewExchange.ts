import {
  type BatteryState,
  planSessionDischarge,
  type SessionExchange,
} from '@p2p-power/planning/sessionDischarge';
import {
  type Outlook,
  planSession,
  type SessionTerms,
  type SessionWish,
} from '@p2p-power/planning/sessionWish';
import { creditOf } from '@p2p-power/protocol/verifyEvidence';
import { priceOfSlots } from './previewPlan.ts';

/** A plan of charging and giving back as it is shown before the driver agrees to it. Money in micro-units with tax. */
export interface ExchangePreview {
  readonly plan: SessionExchange;
  readonly battery: BatteryState;
  /** What the driver pays for the charge, all components of the tariff counted, until the time to leave. */
  readonly paidMicro: number;
  /** What is credited for the energy given back. */
  readonly earnedMicro: number;
  /** What charging now to the same level would cost; that ends when the energy is in the car. */
  readonly atOnceMicro: number;
  /** The last less what is paid, plus what is earned, less the battery's wear; below 0 the plan costs more. */
  readonly savedMicro: number;
}

/**
 * The plan that the station will make if the driver signs this wish now (epoch seconds) and the car says of its battery
 * what the driver said; undefined where it would plan as for a car that gives nothing back.
 */
export function previewExchange(
  terms: SessionTerms,
  wish: SessionWish,
  outlook: Outlook,
  battery: BatteryState,
  now: number,
): ExchangePreview | undefined {
  const plan = planSessionDischarge(terms, wish, outlook, battery, now, 0);
  if (plan === undefined) return undefined;
  const charging = plan.slots.filter(({ powerW }) => powerW > 0);
  const paidMicro = priceOfSlots(terms, charging, plan.drawnWh, now, wish.leaveAt);
  const earnedMicro = Number(creditOf(plan.givenWh, terms.feedInMicroPerKwh));
  const missingWh = Math.max(0, plan.levelWh - Math.min(battery.levelWh, battery.capacityWh));
  const energyWh = Math.ceil((missingWh * 1_000) / battery.chargePerMille);
  const unbound = { ...wish, maxEnergyWh: energyWh, maxAmountMicro: Number.MAX_SAFE_INTEGER };
  const atOnce = planSession(terms, { ...unbound, mode: 'immediate', mayDischarge: false }, outlook, now, 0);
  const atOnceMicro = priceOfSlots(terms, atOnce.slots, energyWh, now);
  const savedMicro = atOnceMicro - paidMicro + earnedMicro - plan.wearMicro;
  return { plan, battery, paidMicro, earnedMicro, atOnceMicro, savedMicro };
}
