import type { PriceSlot } from '@p2p-power/tariff/tariffSlots';

/** A time, `to` exclusive (epoch seconds), and the power to charge with in it. */
export interface PlannedSlot {
  readonly from: number;
  readonly to: number;
  readonly powerW: number;
}

/** A time with its price and the most that may be drawn in it, not below the car's least. */
export interface RankedSlot extends PriceSlot {
  readonly maxPowerW: number;
}

/** Time without a gap whose every second is worth the same to the plan; `parts` by what may be drawn. */
interface Segment {
  readonly from: number;
  readonly to: number;
  readonly parts: readonly PlannedSlot[];
  /** Charging goes on right before and right after anyway. */
  readonly followsRun: boolean;
  readonly leadsToRun: boolean;
}

/**
 * The cheapest way to charge `needWs` (watt-seconds) in the given slots, which stand in order, do not
 * overlap, and suffice: everything cheaper than some marginal price in full, the rest at that price.
 * How the rest is dealt out costs the same, so it is dealt for the fewest starts, and among those early:
 * gaps between runs are bridged, at lower power if need be; then runs are made longer; and only what is
 * left then starts anew, in as few stretches as possible.
 */
export function cheapestSlots(
  slots: readonly RankedSlot[],
  needWs: number,
  minPowerW: number,
): readonly PlannedSlot[] {
  const marginalPrice = findMarginalPrice(slots, needWs);
  const full = (some: readonly RankedSlot[]) =>
    joinedByPower(some.map(({ from, to, maxPowerW }) => ({ from, to, powerW: maxPowerW })));
  const runs = full(slots.filter(({ priceMicroPerKwh }) => priceMicroPerKwh < marginalPrice));
  const marginal = full(slots.filter(({ priceMicroPerKwh }) => priceMicroPerKwh === marginalPrice));
  const ends = new Set(runs.map(({ to }) => to));
  const begins = new Set(runs.map(({ from }) => from));
  const segments = touching(marginal).map((parts): Segment => {
    const [from, to] = [parts[0]!.from, parts.at(-1)!.to];
    return { from, to, parts, followsRun: ends.has(from), leadsToRun: begins.has(to) };
  });
  const planned = [...runs, ...dealOut(segments, needWs - fullWs(runs), minPowerW)];
  return joinedByPower(planned.toSorted((a, b) => a.from - b.from));
}

/** The lowest price up to which slots have to be used. */
function findMarginalPrice(slots: readonly RankedSlot[], needWs: number): number {
  let coveredWs = 0;
  for (const { from, to, priceMicroPerKwh, maxPowerW } of slots.toSorted(
    (a, b) => a.priceMicroPerKwh - b.priceMicroPerKwh,
  )) {
    coveredWs += (to - from) * maxPowerW;
    if (coveredWs >= needWs) return priceMicroPerKwh;
  }
  throw new RangeError('the slots do not suffice');
}

/** Deals energy out to segments of one price; `restWs` is above 0 and fits. */
function dealOut(segments: readonly Segment[], restWs: number, minPowerW: number): readonly PlannedSlot[] {
  const attached = segments.filter(({ followsRun, leadsToRun }) => followsRun || leadsToRun);
  const isolated = segments.filter((segment) => !attached.includes(segment));
  const attachedWs = capacityWs(attached);
  if (restWs > attachedWs) {
    const startedWs = restWs - attachedWs;
    const started = earliestSufficient(isolated, startedWs);
    return [
      ...fill(attached, new Set(), attachedWs, minPowerW),
      ...fill(started, new Set(), startedWs, minPowerW),
    ];
  }
  const gaps = attached.filter(({ followsRun, leadsToRun }) => followsRun && leadsToRun);
  const bridged = new Set(earliestBridges(gaps, restWs, minPowerW));
  return fill(attached, bridged, restWs, minPowerW);
}

/** Fills segments in order of time; bridged ones have their least energy from the outset. */
function fill(
  segments: readonly Segment[],
  bridged: ReadonlySet<Segment>,
  restWs: number,
  minPowerW: number,
): readonly PlannedSlot[] {
  let leftWs = restWs - leastWs([...bridged], minPowerW);
  const filled: PlannedSlot[] = [];
  for (const segment of segments.toSorted((a, b) => a.from - b.from)) {
    const basePowerW = bridged.has(segment) ? minPowerW : 0;
    const isLate = !segment.followsRun && segment.leadsToRun;
    for (const { from, to, powerW } of isLate ? segment.parts.toReversed() : segment.parts) {
      const addedWs = Math.min(leftWs, (to - from) * (powerW - basePowerW));
      leftWs -= addedWs;
      const fullS = addedWs === 0 ? 0 : Math.ceil(addedWs / (powerW - basePowerW));
      if (isLate) filled.push({ from: to - fullS, to, powerW });
      else filled.push({ from, to: from + fullS, powerW }, { from: from + fullS, to, powerW: basePowerW });
    }
  }
  return filled.filter(({ from, to, powerW }) => from < to && powerW > 0);
}

/** As many gaps as can be bridged at the least power; of the ways to choose them the earliest. */
function earliestBridges(gaps: readonly Segment[], restWs: number, minPowerW: number): readonly Segment[] {
  const shortestFirst = (some: readonly Segment[]) => some.toSorted((a, b) => lengthS(a) - lengthS(b));
  let count = 0;
  while (count < gaps.length && leastWs(shortestFirst(gaps).slice(0, count + 1), minPowerW) <= restWs)
    count += 1;
  return earliest(gaps, count, (chosen, later) => {
    const others = shortestFirst(later).slice(0, count - chosen.length);
    return leastWs([...chosen, ...others], minPowerW) <= restWs;
  });
}

/** As few segments as can take the energy; of the ways to choose them the earliest. */
function earliestSufficient(segments: readonly Segment[], needWs: number): readonly Segment[] {
  const largestFirst = (some: readonly Segment[]) =>
    some.toSorted((a, b) => fullWs(b.parts) - fullWs(a.parts));
  let count = 0;
  while (capacityWs(largestFirst(segments).slice(0, count)) < needWs) count += 1;
  return earliest(segments, count, (chosen, later) => {
    const others = largestFirst(later).slice(0, count - chosen.length);
    return capacityWs([...chosen, ...others]) >= needWs;
  });
}

/** Takes each segment in turn if `count` in all can still be had with it. */
function earliest(
  segments: readonly Segment[],
  count: number,
  isPossible: (chosen: readonly Segment[], later: readonly Segment[]) => boolean,
): readonly Segment[] {
  let chosen: readonly Segment[] = [];
  for (const [index, segment] of segments.entries()) {
    const later = segments.slice(index + 1);
    const isEnoughLeft = chosen.length + 1 + later.length >= count;
    if (chosen.length < count && isEnoughLeft && isPossible([...chosen, segment], later)) {
      chosen = [...chosen, segment];
    }
  }
  return chosen;
}

function lengthS({ from, to }: Segment): number {
  return to - from;
}

function fullWs(slots: readonly PlannedSlot[]): number {
  return slots.reduce((sum, { from, to, powerW }) => sum + (to - from) * powerW, 0);
}

function capacityWs(segments: readonly Segment[]): number {
  return segments.reduce((sum, { parts }) => sum + fullWs(parts), 0);
}

function leastWs(segments: readonly Segment[], minPowerW: number): number {
  return segments.reduce((sum, segment) => sum + lengthS(segment) * minPowerW, 0);
}

/** Slots in order, those that touch together. */
function touching(slots: readonly PlannedSlot[]): readonly (readonly PlannedSlot[])[] {
  const groups: PlannedSlot[][] = [];
  for (const slot of slots) {
    const last = groups.at(-1);
    if (last?.at(-1)?.to === slot.from) last.push(slot);
    else groups.push([slot]);
  }
  return groups;
}

/** Planned slots in order; those that touch and have the same power are one. */
export function joinedByPower(slots: readonly PlannedSlot[]): readonly PlannedSlot[] {
  const result: PlannedSlot[] = [];
  for (const slot of slots) {
    const last = result.at(-1);
    if (last?.to === slot.from && last.powerW === slot.powerW)
      result[result.length - 1] = { ...last, to: slot.to };
    else result.push(slot);
  }
  return result;
}
