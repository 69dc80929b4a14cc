import type { PriceSlot } from '@p2p-power/tariff/tariffSlots';
import { type Account, account, portionsOf } from './account.ts';
import { type ChargePlan, plan, stayCost } from './ChargePlan.ts';
import type { ChargeWish } from './ChargeWish.ts';
import { joinedByPower, type PlannedSlot } from './cheapestSlots.ts';
import { countStarts, startCost } from './chooseTimes.ts';
import { objectiveSlots } from './objectiveSlots.ts';

/** The prices that hold from so much energy on, Wh from now; the first tier begins at 0. */
export interface PriceTier {
  readonly fromWh: number;
  readonly slots: readonly PriceSlot[];
}

/** With more than one bound ahead the energy passes each at one of so many times at most, at first. */
const MOST_EDGES = 24;
const WS_PER_WH = 3_600;

/**
 * A plan where prices depend on the energy before (OCPI `min_kwh`, `max_kwh`): energy is priced in the order in which it is
 * drawn. Otherwise as `plan`; the prices of the wish are those of the first tier.
 *
 * Before the instant at which the energy passes a bound the prices of one tier hold, after it those of the next, and each
 * part is a plan of its own. With one bound ahead all instants are tried: those at which a price changes, and within a
 * slot, where the cost is convex in the instant, every second that may be better. So the price is the least there is, to a
 * second's energy, where neither starts nor a stay count. These are weighed within the parts, and what comes out is compared
 * with the plan at the prices of now. With more bounds the instants are first chosen from some, then moved one after the other.
 */
export function planTiers(wish: ChargeWish, tiers: readonly PriceTier[]): ChargePlan {
  const { maxAmountMicro, ...asked } = wish;
  const whole = planWhole(asked, tiers);
  const isAffordable = (made: ChargePlan) =>
    maxAmountMicro === undefined || made.expectedCostMicro + made.stayCostMicro <= maxAmountMicro;
  if (isAffordable(whole)) return whole;
  let bought = planWhole({ ...asked, energyWh: 0 }, tiers);
  let tooMuchWh = asked.energyWh;
  while (tooMuchWh - bought.energyWh > 1) {
    const energyWh = Math.floor((bought.energyWh + tooMuchWh) / 2);
    const made = planWhole({ ...asked, energyWh }, tiers);
    if (isAffordable(made)) bought = made;
    else tooMuchWh = energyWh;
  }
  return bought;
}

function planWhole(wish: ChargeWish, all: readonly PriceTier[]): ChargePlan {
  const tiers = all.filter(({ fromWh }) => fromWh < wish.energyWh);
  const flat = plan({ ...wish, slots: all[0]!.slots });
  if (tiers.length < 2 || (flat.basis !== 'cheapest' && flat.basis !== 'greenest'))
    return judgeTiers(flat, wish, all);
  const now = judgeTiers(flat, wish, all);
  // A signal outweighs every price.
  if (flat.basis === 'greenest') return now;
  const parts = planParts(wish, tiers, bestSplit({ ...wish, starts: {} }, tiers, flat.slots));
  if (parts === undefined) return now;
  const slots = joinedByPower(parts.flatMap((part) => part.slots));
  const made = judgeTiers({ ...flat, slots, readyAt: slots.at(-1)?.to ?? wish.now }, wish, all);
  return made.objective < now.objective ? made : now;
}

/** What a plan comes to with the prices of the tiers in which its energy falls. */
export function judgeTiers(made: ChargePlan, wish: ChargeWish, tiers: readonly PriceTier[]): ChargePlan {
  const sums: Account[] = tiers.map(({ fromWh, slots }, index) => {
    const toWh = Math.min(made.energyWh, tiers[index + 1]?.fromWh ?? made.energyWh);
    const needWs = Math.max(0, toWh - fromWh) * WS_PER_WH;
    const times = between(made.slots, fromWh * WS_PER_WH, toWh * WS_PER_WH);
    const readyBy = made.slots.at(-1)?.to ?? wish.now;
    const priced = objectiveSlots({ ...wish, slots, readyBy }, readyBy);
    return account(portionsOf(times, priced, needWs, 'end'), needWs);
  });
  const total = (of: (sum: Account) => number) => sums.reduce((sum, one) => sum + of(one), 0);
  const isPlanned = made.basis === 'cheapest' || made.basis === 'greenest';
  const until = wish.readyBy ?? made.readyAt;
  const perStart = isPlanned ? startCost(wish, objectiveSlots(wish, until)) : 0;
  const starts = countStarts(made.slots, wish.now, wish.starts?.isOn === true);
  const stayCostMicro = stayCost(wish, made.slots);
  const minimised = total(({ objective }) => objective) + starts * perStart;
  return {
    ...made,
    stayCostMicro,
    expectedCostMicro: total(({ priceMicro }) => priceMicro),
    objective: made.basis === 'greenest' ? minimised : minimised + stayCostMicro,
    unpricedWh: total(({ unpricedWh }) => unpricedWh),
  };
}

/** The planned times in which the energy from one sum to another is drawn, to the second. */
function between(planned: readonly PlannedSlot[], fromWs: number, toWs: number): readonly PlannedSlot[] {
  let drawnWs = 0;
  return planned.flatMap(({ from, to, powerW }) => {
    const before = drawnWs;
    drawnWs += (to - from) * powerW;
    const begin = Math.max(from, from + Math.floor((fromWs - before) / powerW));
    const end = Math.min(to, from + Math.ceil((toWs - before) / powerW));
    return begin < end ? [{ from: begin, to: end, powerW }] : [];
  });
}

/** The plans of the parts between instants; `undefined` where one of them has too little time. */
function planParts(
  wish: ChargeWish,
  tiers: readonly PriceTier[],
  split: readonly number[],
): readonly ChargePlan[] | undefined {
  const parts: ChargePlan[] = [];
  for (const [index, tier] of tiers.entries()) {
    const begins = split[index - 1] ?? wish.now;
    const goesOn = parts.at(-1)?.slots.at(-1)?.to === begins;
    const starts = index === 0 ? wish.starts : { ...wish.starts, isOn: goesOn };
    const asked = { ...wish, now: begins, ...(starts && { starts }) };
    const part = planPart(asked, tiers, index, split[index] ?? wish.readyBy, tier);
    if (part === undefined) return undefined;
    parts.push(part);
  }
  return parts;
}

function planPart(
  wish: ChargeWish,
  tiers: readonly PriceTier[],
  index: number,
  readyBy: number | undefined,
  { fromWh, slots }: PriceTier,
): ChargePlan | undefined {
  const energyWh = (tiers[index + 1]?.fromWh ?? wish.energyWh) - fromWh;
  if (readyBy !== undefined && readyBy <= wish.now) return undefined;
  const made = plan({ ...wish, energyWh, slots, ...(readyBy !== undefined && { readyBy }) });
  return made.basis === 'cheapest' ? made : undefined;
}

/** The instants at which the energy had best pass the bounds; those of a plan are among them. */
function bestSplit(
  wish: ChargeWish,
  tiers: readonly PriceTier[],
  planned: readonly PlannedSlot[],
): readonly number[] {
  const { now, readyBy } = wish;
  const last = tiers.reduce((latest, { slots }) => Math.max(latest, slots.at(-1)?.to ?? now), now);
  const until = Math.min(readyBy ?? last, last);
  const all = [...(wish.limits ?? []), ...(wish.avoid ?? []), ...tiers.flatMap(({ slots }) => slots)]
    .flatMap(({ from, to }) => [from, to])
    .filter((at) => at > now && at < until);
  const passed = tiers.slice(1).flatMap(({ fromWh }) => {
    const [first] = between(planned, fromWh * WS_PER_WH, Number.MAX_SAFE_INTEGER);
    return first === undefined ? [] : [first.from, first.from + 1];
  });
  const every = [now, ...new Set([...all, ...passed].sort((a, b) => a - b)), until];
  const apart = tiers.length === 2 ? 1 : Math.ceil(every.length / MOST_EDGES);
  const edges = every.filter(
    (at, index) => index % apart === 0 || index === every.length - 1 || passed.includes(at),
  );
  const known = new Map<string, number>();
  /** What the part of a tier costs from one instant to another. */
  const costOf = (index: number, from: number, to: number): number => {
    const key = `${index} ${from} ${to}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const part = planPart({ ...wish, now: from }, tiers, index, to, tiers[index]!);
    const cost = part === undefined ? Number.POSITIVE_INFINITY : part.objective;
    known.set(key, cost);
    return cost;
  };
  const split = [...(chooseEdges(edges, tiers.length, costOf) ?? tiers.slice(1).map(() => now))];
  for (let bound = 0; bound < split.length; bound += 1) {
    const [from, to] = [split[bound - 1] ?? now, split[bound + 1] ?? until];
    split[bound] = bestInstant(
      every.filter((at) => at >= from && at <= to),
      split[bound]!,
      (at) => costOf(bound, from, at),
      (at) => costOf(bound + 1, at, to),
    );
  }
  return split;
}

/** The instants, one of the edges for each bound, of least cost in all. */
function chooseEdges(
  edges: readonly number[],
  count: number,
  costOf: (index: number, from: number, to: number) => number,
): readonly number[] | undefined {
  let ways = edges.map((at) => ({ cost: costOf(0, edges[0]!, at), split: [at] as readonly number[] }));
  for (let index = 1; index < count; index += 1) {
    const ends = index === count - 1 ? edges.slice(-1) : edges;
    ways = ends.map((end) => {
      let best = { cost: Number.POSITIVE_INFINITY, split: [] as readonly number[] };
      for (const { cost, split } of ways) {
        if (cost >= best.cost || split.at(-1)! >= end) continue;
        const sum = cost + costOf(index, split.at(-1)!, end);
        if (sum < best.cost) best = { cost: sum, split: [...split, end] };
      }
      return best;
    });
  }
  return ways[0]!.cost === Number.POSITIVE_INFINITY ? undefined : ways[0]!.split.slice(0, -1);
}

/**
 * The best instant between edges. The part before has the more time the later it is, the part after the earlier, so
 * that both at their best bound what is between two edges; there the sum is convex.
 */
function bestInstant(
  edges: readonly number[],
  known: number,
  before: (at: number) => number,
  after: (at: number) => number,
): number {
  let best = { at: known, cost: before(known) + after(known) };
  const consider = (at: number): number => {
    const cost = before(at) + after(at);
    if (cost < best.cost) best = { at, cost };
    return cost;
  };
  for (const [index, from] of edges.slice(0, -1).entries()) {
    let [low, high] = [from, edges[index + 1]!];
    if (before(high) + after(low) >= best.cost) continue;
    while (high - low > 2) {
      const middle = Math.floor((low + high) / 2);
      const [here, next] = [consider(middle), consider(middle + 1)];
      // Where neither is possible, it is too early while the part before has too little time.
      const isTooLate = here < next || (here === next && before(middle) < Number.POSITIVE_INFINITY);
      if (isTooLate) high = middle;
      else low = middle + 1;
    }
    for (let at = low; at <= high; at += 1) consider(at);
  }
  return best.at;
}
