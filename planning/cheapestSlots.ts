import type { PriceSlot } from '@p2p-power/tariff/tariffSlots';

/** A time, `to` exclusive (epoch seconds), and the power to charge with in it. */
export interface PlannedSlot {
  readonly from: number;
  readonly to: number;
  readonly powerW: number;
}

/** The car's limits: it charges with 0 W or with `minPowerW` to `maxPowerW`. */
export interface PowerLimits {
  readonly minPowerW: number;
  readonly maxPowerW: number;
}

/** Time without a gap whose every second is worth the same to the plan. */
interface Segment {
  readonly from: number;
  readonly to: number;
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
  slots: readonly PriceSlot[],
  needWs: number,
  limits: PowerLimits,
): readonly PlannedSlot[] {
  const { maxPowerW } = limits;
  const marginalPrice = findMarginalPrice(slots, needWs, maxPowerW);
  const runs = joined(slots.filter(({ priceMicroPerKwh }) => priceMicroPerKwh < marginalPrice));
  const marginal = slots.filter(({ priceMicroPerKwh }) => priceMicroPerKwh === marginalPrice);
  const ends = new Set(runs.map(({ to }) => to));
  const begins = new Set(runs.map(({ from }) => from));
  const segments = joined(marginal).map(({ from, to }) => ({
    from,
    to,
    followsRun: ends.has(from),
    leadsToRun: begins.has(to),
  }));
  const restWs = needWs - capacityWs(runs, maxPowerW);
  const planned = [
    ...runs.map(({ from, to }) => ({ from, to, powerW: maxPowerW })),
    ...dealOut(segments, restWs, limits),
  ];
  return joinedByPower(planned.toSorted((a, b) => a.from - b.from));
}

/** The lowest price up to which slots have to be used. */
function findMarginalPrice(slots: readonly PriceSlot[], needWs: number, maxPowerW: number): number {
  let coveredWs = 0;
  for (const { from, to, priceMicroPerKwh } of slots.toSorted(
    (a, b) => a.priceMicroPerKwh - b.priceMicroPerKwh,
  )) {
    coveredWs += (to - from) * maxPowerW;
    if (coveredWs >= needWs) return priceMicroPerKwh;
  }
  throw new RangeError('the slots do not suffice');
}

/** Deals energy out to segments of one price; `restWs` is above 0 and fits. */
function dealOut(segments: readonly Segment[], restWs: number, limits: PowerLimits): readonly PlannedSlot[] {
  const { minPowerW, maxPowerW } = limits;
  const attached = segments.filter(({ followsRun, leadsToRun }) => followsRun || leadsToRun);
  const isolated = segments.filter((segment) => !attached.includes(segment));
  const attachedWs = capacityWs(attached, maxPowerW);
  if (restWs > attachedWs) {
    const startedWs = restWs - attachedWs;
    const started = earliestSufficient(isolated, startedWs, maxPowerW);
    return [...fill(attached, new Set(), attachedWs, limits), ...fill(started, new Set(), startedWs, limits)];
  }
  const gaps = attached.filter(({ followsRun, leadsToRun }) => followsRun && leadsToRun);
  const bridged = new Set(earliestBridges(gaps, restWs, minPowerW));
  return fill(attached, bridged, restWs, limits);
}

/** Fills segments in order of time; bridged ones have their least energy from the outset. */
function fill(
  segments: readonly Segment[],
  bridged: ReadonlySet<Segment>,
  restWs: number,
  { minPowerW, maxPowerW }: PowerLimits,
): readonly PlannedSlot[] {
  let leftWs = restWs - capacityWs([...bridged], minPowerW);
  return segments
    .toSorted((a, b) => a.from - b.from)
    .flatMap((segment): readonly PlannedSlot[] => {
      const { from, to } = segment;
      const basePowerW = bridged.has(segment) ? minPowerW : 0;
      const addedWs = Math.min(leftWs, (to - from) * (maxPowerW - basePowerW));
      leftWs -= addedWs;
      const fullS = addedWs === 0 ? 0 : Math.ceil(addedWs / (maxPowerW - basePowerW));
      if (!segment.followsRun && segment.leadsToRun) return [{ from: to - fullS, to, powerW: maxPowerW }];
      return [
        { from, to: from + fullS, powerW: maxPowerW },
        { from: from + fullS, to, powerW: basePowerW },
      ];
    })
    .filter(({ from, to, powerW }) => from < to && powerW > 0);
}

/** As many gaps as can be bridged at the least power; of the ways to choose them the earliest. */
function earliestBridges(gaps: readonly Segment[], restWs: number, minPowerW: number): readonly Segment[] {
  const leastWs = (some: readonly Segment[]) => capacityWs(some, minPowerW);
  const shortestFirst = (some: readonly Segment[]) => some.toSorted((a, b) => lengthS(a) - lengthS(b));
  let count = 0;
  while (count < gaps.length && leastWs(shortestFirst(gaps).slice(0, count + 1)) <= restWs) count += 1;
  return earliest(gaps, count, (chosen, later) => {
    const others = shortestFirst(later).slice(0, count - chosen.length);
    return leastWs(chosen) + leastWs(others) <= restWs;
  });
}

/** As few segments as can take the energy; of the ways to choose them the earliest. */
function earliestSufficient(
  segments: readonly Segment[],
  needWs: number,
  maxPowerW: number,
): readonly Segment[] {
  const longestFirst = (some: readonly Segment[]) => some.toSorted((a, b) => lengthS(b) - lengthS(a));
  let count = 0;
  while (capacityWs(longestFirst(segments).slice(0, count), maxPowerW) < needWs) count += 1;
  return earliest(segments, count, (chosen, later) => {
    const others = longestFirst(later).slice(0, count - chosen.length);
    return capacityWs(chosen, maxPowerW) + capacityWs(others, maxPowerW) >= needWs;
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

function capacityWs(
  spans: readonly { readonly from: number; readonly to: number }[],
  powerW: number,
): number {
  return spans.reduce((sum, { from, to }) => sum + (to - from) * powerW, 0);
}

/** Spans that touch, joined. */
function joined(spans: readonly { readonly from: number; readonly to: number }[]) {
  return joinedByPower(spans.map(({ from, to }) => ({ from, to, powerW: 0 })));
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
