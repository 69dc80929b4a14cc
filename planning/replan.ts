import { type ChargePlan, planAround } from './ChargePlan.ts';
import { assertWish, type ChargeWish } from './ChargeWish.ts';
import { slotsFrom } from './chooseTimes.ts';

/** The plan to go by from now on; whether it keeps to the times shown; and what the best plan would gain on them, at most. */
export interface Replanned {
  readonly plan: ChargePlan;
  readonly isKept: boolean;
  readonly gain: number;
}

/**
 * Plans again without jitter: what the driver was shown stays, unless the best plan now is better by more than
 * `margin`, in the unit of `ChargePlan.objective` (micro-units of money, but in mode greenest the signal's).
 *
 * `wish` is the wish as it is now: what the car has meanwhile taken, prices that have come since. The shown plan
 * is judged by that, not by what it promised: its remaining times are used as far as the energy needs, dearest
 * left out first, and only what they cannot give is planned elsewhere. A plan of another basis (a deadline that
 * cannot be met any more, say) always replaces.
 */
export function replan(previous: ChargePlan, wish: ChargeWish, margin: number): Replanned {
  assertWish(wish);
  const shownWs = slotsFrom(previous.slots, wish.now).reduce(
    (sum, { from, to, powerW }) => sum + (to - from) * powerW,
    0,
  );
  const shownWh = Math.min(previous.energyWh, Math.floor(shownWs / 3_600));
  const kept = keptWithin(previous, wish, margin, shownWh);
  if (kept !== undefined) return kept;
  const next = planAround(wish, [], shownWh);
  return choose(previous, planAround(wish, previous.slots, next.energyWh), next, 0, margin);
}

/**
 * The shown times where no plan can be better by more than the margin: none counts less than the best without what starts
 * count, and one start. That is quickly found. `undefined` where it does not tell.
 */
function keptWithin(
  previous: ChargePlan,
  wish: ChargeWish,
  margin: number,
  shownWh: number,
): Replanned | undefined {
  const { perStart = 0, mostStarts, minOnS = 0, minOffS = 0, isOn = false } = wish.starts ?? {};
  if (perStart === 0 || mostStarts !== undefined || minOnS + minOffS > 0 || wish.stay !== undefined)
    return undefined;
  const least = planAround({ ...wish, starts: {} }, [], shownWh);
  const kept = planAround(wish, previous.slots, least.energyWh);
  const startsOnce = !isOn && least.energyWh > 0 && least.basis === 'cheapest';
  const chosen = choose(previous, kept, least, startsOnce ? perStart : 0, margin);
  return chosen.isKept ? chosen : undefined;
}

/** The kept plan, or the next one if that is better by more than a margin; it counts `besides` more. */
function choose(
  previous: ChargePlan,
  kept: ChargePlan,
  next: ChargePlan,
  besides: number,
  margin: number,
): Replanned {
  const isSame = kept.basis === previous.basis && next.basis === previous.basis;
  const gain = isSame ? kept.objective - next.objective - besides : 0;
  // Where an amount limits the energy, a plan that buys more is better whatever it costs.
  const isKept = isSame && kept.energyWh >= next.energyWh && gain <= margin;
  return { plan: isKept ? kept : next, isKept, gain };
}
