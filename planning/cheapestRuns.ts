import {
  bestOutlook,
  type Frame,
  lookOut,
  lookOutMet,
  makeFrame,
  type RunLimits,
  type Step,
} from './runFrame.ts';

/** The energy of each step, and what it costs with the time up to the boundary `end`; later time costs nothing. */
export interface Runs {
  readonly energyWs: readonly number[];
  readonly cost: number;
  readonly starts: number;
  readonly end: number;
}

/** A way to be at a boundary between steps: sums so far, with the open steps at their least. */
interface Label {
  readonly ws: number;
  /** How much more the open steps may take. */
  readonly openWs: number;
  /** What was spent, the energy counted with what it costs beyond the critical price. */
  readonly cost: number;
  /** The same beyond the multiplier, open steps at what is least so: for the bound. */
  readonly reduced: number;
  readonly starts: number;
  /** Energy weighed by the number of its step: less is earlier. */
  readonly late: number;
  readonly left: number;
  readonly isOn: boolean;
  /** Whether there was a step on with the critical price. */
  readonly isMet: boolean;
  /** Boundary before which it may not change between on and off. */
  readonly until: number;
  readonly takenWs: number;
  readonly takenOpenWs: number;
  readonly before: Label | undefined;
  /** Another label with the same `ws`. */
  next: Label | undefined;
}

/** The best so far of all that is searched. */
interface Found {
  readonly last: Label;
  readonly cost: number;
  readonly starts: number;
  readonly late: number;
  readonly end: number;
}

/**
 * The runs of least cost that give exactly `needWs`; `undefined` where the limits leave none. A run is a step
 * or several that touch, each with its least to its most energy. Without a shortest time on or off (and where
 * time costs the same on and off) a run may begin and end inside a step, so that its first and last step have
 * no least. The last step of all never has one: charging stops when the energy is in the car. Of what costs
 * the same the fewest starts are taken, and of those an early one.
 *
 * Exact: once the runs are fixed, the rest is a linear program with one equation, so that there is a critical
 * price, that of a step: what is cheaper takes its most, what is dearer its least, what costs the same is open.
 * For each price that may be the critical one all runs are searched whose bound is not above the best known.
 * The bound is the Lagrangian dual's, with each step's energy as the critical price has it: the further that is
 * from the dual's multiplier the higher is the bound, so that few prices are looked at. Whole numbers throughout:
 * exact while costs stay below 2^53, beyond that to the 15th digit.
 */
export function cheapestRuns(steps: readonly Step[], needWs: number, limits: RunLimits): Runs | undefined {
  // In the largest unit that all are whole in, costs are small enough to be exact.
  const unit = commonDivisor(steps, needWs);
  const scaled = steps.map((step) => ({
    ...step,
    leastWs: step.leastWs / unit,
    mostWs: step.mostWs / unit,
    onCost: step.onCost / unit,
    offCost: step.offCost / unit,
  }));
  const runs = scaledRuns(scaled, needWs / unit, limits);
  return runs && { ...runs, energyWs: runs.energyWs.map((ws) => ws * unit), cost: runs.cost * unit };
}

function commonDivisor(steps: readonly Step[], needWs: number): number {
  let divisor = needWs;
  for (const { leastWs, mostWs, onCost, offCost } of steps)
    for (const value of [leastWs, mostWs, onCost, offCost])
      for (let rest = Math.abs(value); rest > 0; ) [divisor, rest] = [rest, divisor % rest];
  return divisor;
}

function scaledRuns(steps: readonly Step[], needWs: number, limits: RunLimits): Runs | undefined {
  const frame = makeFrame(steps, limits);
  const dual = bestOutlook(frame, needWs);
  if (dual === undefined) return undefined;
  const { multiplier } = dual;
  const bound = dual.least + multiplier * needWs;
  const scale = 1 + Math.abs(bound) + Math.abs(multiplier) * needWs;
  const prices = [...new Set(steps.map(({ costPerWs }) => costPerWs))].sort((a, b) => a - b);
  const above = prices.findIndex((price) => price >= multiplier);
  const middle = above < 0 ? prices.length : above;
  const searches = new Map<number, ReturnType<typeof searchAt>>();
  const outward = (most: number): Found | undefined => {
    let best: Found | undefined;
    const visit = (index: number): boolean => {
      const price = prices[index] as number;
      const search = searches.get(price) ?? searchAt(frame, needWs, multiplier, price);
      searches.set(price, search);
      const limit = best?.cost ?? most;
      if (search.unmetBound > limit - (best === undefined ? 0 : frame.startCost / 2)) return false;
      if (search.bound > limit - (best === undefined ? 0 : frame.startCost / 2)) return true;
      best = search.run(limit, best);
      return true;
    };
    for (let index = middle; index < prices.length && visit(index); ) index += 1;
    for (let index = middle - 1; index >= 0 && visit(index); ) index -= 1;
    return best;
  };
  for (let gap = scale / 2 ** 20; gap < scale; gap *= 4) {
    const found = outward(bound + gap);
    if (found !== undefined) return readRuns(frame, needWs, found);
  }
  const found = outward(Number.POSITIVE_INFINITY);
  return found && readRuns(frame, needWs, found);
}

/** The search with one critical price: the least that its ways can cost, and the run through all up to a cost. */
function searchAt(frame: Frame, needWs: number, multiplier: number, critical: number) {
  const { steps, touches, onUntil, offUntil, isEdgeFree, startTakes, startCost } = frame;
  const outlook = lookOut(frame, multiplier, critical);
  const { on, off, innerSum, offSum, edge } = outlook;
  const count = steps.length;
  const width = count + 1;
  const mostAfterWs = new Float64Array(width);
  const nextMet = new Int32Array(width).fill(count);
  for (let i = count - 1; i >= 0; i -= 1) {
    const { costPerWs, mostWs, leastWs } = steps[i]!;
    mostAfterWs[i] = mostAfterWs[i + 1]! + (costPerWs > critical ? leastWs : mostWs);
    nextMet[i] = costPerWs === critical ? i : nextMet[i + 1]!;
  }
  const base = multiplier * needWs;
  const rounding = 1e-9 * (1 + Math.abs(base));
  const met = lookOutMet(frame, outlook, critical);
  const openReduced = Math.min(0, critical - multiplier);

  /** The least that is still to come, at the multiplier. */
  const costFrom = ({ isOn, isMet, left, until }: Label, at: number): number => {
    const there = left * width;
    if (!isOn) {
      const free = Math.max(at, until);
      return offSum[free]! - offSum[at]! + (isMet ? off : met.off)[there + free]!;
    }
    if (until <= at) return (isMet ? on : met.on)[there + at]!;
    const isIn = isMet || nextMet[at]! < until;
    const last = until - 1;
    const goesOn = innerSum[until]! - innerSum[last]! + (isIn ? on : met.on)[there + until]!;
    return innerSum[last]! - innerSum[at]! + (isIn ? Math.min(goesOn, edge[last]!) : goesOn);
  };

  const run = (most: number, known: Found | undefined): Found | undefined => {
    let best = known;
    let limit = most;
    // Better means better by at least a start; before anything is found, rounding must not cut off.
    let slack = known === undefined ? -rounding : startCost / 2;
    let labels = new Map<number, Label>();
    let nextLabels = new Map<number, Label>();

    /** Finishes with a label whose sums are given, up to the boundary `end`. */
    const finish = (last: Label, end: number): void => {
      const restWs = needWs - last.ws;
      if (restWs < 0 || restWs > last.openWs) return;
      const cost = last.cost + critical * needWs;
      if (cost > limit || !last.isMet) return;
      const found = { last, cost, starts: last.starts, late: last.late, end };
      if (best === undefined || isBefore(found, best)) {
        best = found;
        limit = cost;
        slack = startCost / 2;
      }
    };
    /** On through step i with some energy, more of which may be open. */
    const charge = (before: Label, i: number, isEdge: boolean, until: number, isOn: boolean): Label => {
      const { costPerWs, leastWs, mostWs, onCost } = steps[i]!;
      const lowWs = isEdge ? 0 : leastWs;
      const ws = costPerWs < critical ? mostWs : lowWs;
      const openWs = costPerWs === critical ? mostWs - lowWs : 0;
      const startedFor = before.isOn ? 0 : startCost;
      return {
        ws: before.ws + ws,
        openWs: before.openWs + openWs,
        cost: before.cost + ws * (costPerWs - critical) + onCost + startedFor,
        reduced: before.reduced + ws * (costPerWs - multiplier) + openWs * openReduced + onCost + startedFor,
        starts: before.isOn ? before.starts : before.starts + 1,
        late: before.late + (ws + openWs) * i,
        left: before.isOn ? before.left : before.left - startTakes,
        isOn,
        isMet: before.isMet || costPerWs === critical,
        until,
        takenWs: ws,
        takenOpenWs: openWs,
        before,
        next: undefined,
      };
    };
    const wait = (before: Label, i: number, until: number): Label => ({
      ...before,
      cost: before.cost + steps[i]!.offCost,
      reduced: before.reduced + steps[i]!.offCost,
      isOn: false,
      until,
      takenWs: 0,
      takenOpenWs: 0,
      before,
      next: undefined,
    });
    const keep = (label: Label, at: number): void => {
      if (label.ws > needWs || label.ws + label.openWs + mostAfterWs[at]! < needWs) return;
      if (label.reduced + costFrom(label, at) + base > limit - slack) return;
      const first = nextLabels.get(label.ws);
      let previous: Label | undefined;
      for (let other = first; other !== undefined; previous = other, other = other.next) {
        if (!isAlike(label, other, at)) continue;
        if (!isBefore(label, other)) return;
        label.next = other.next;
        if (previous === undefined) nextLabels.set(label.ws, label);
        else previous.next = label;
        return;
      }
      label.next = first;
      nextLabels.set(label.ws, label);
    };
    const waitOrStart = (before: Label, i: number): void => {
      keep(wait(before, i, 0), i + 1);
      const until = onUntil[i]!;
      if (before.left === 0 || until < 0) return;
      if (!isEdgeFree || steps[i]!.costPerWs <= critical)
        keep(charge(before, i, isEdgeFree, until, true), i + 1);
      if (until === i + 1) finish(charge(before, i, true, 0, true), i + 1);
    };

    nextLabels.set(0, firstLabel(frame));
    for (let i = 0; i <= count && nextLabels.size > 0; i += 1) {
      [labels, nextLabels] = [nextLabels, new Map()];
      for (const first of labels.values()) {
        for (let label: Label | undefined = first; label !== undefined; label = label.next) {
          const isFree = label.until <= i;
          if (isFree || !label.isOn) finish(label, i);
          if (i === count) continue;
          if (!label.isOn) {
            if (isFree) waitOrStart(label, i);
            else keep(wait(label, i, label.until), i + 1);
            continue;
          }
          if (touches[i]) {
            keep(charge(label, i, false, label.until, true), i + 1);
            if (label.until <= i + 1) finish(charge(label, i, true, 0, true), i + 1);
            if (isEdgeFree && isFree && steps[i]!.costPerWs <= critical)
              keep(charge(label, i, true, 0, false), i + 1);
          }
          if (!isFree) continue;
          const until = offUntil[i]!;
          if (until > i) keep(wait(label, i, until), i + 1);
          else waitOrStart({ ...label, isOn: false, until: 0, next: undefined }, i);
        }
      }
    }
    return best;
  };
  const firstCost = costFrom(firstLabel(frame), 0);
  return { bound: firstCost + base, unmetBound: outlook.least + base, run };
}

function firstLabel({ starts, isOn, firstUntil }: Frame): Label {
  return {
    ws: 0,
    openWs: 0,
    cost: 0,
    reduced: 0,
    starts: 0,
    late: 0,
    left: starts,
    isOn,
    isMet: false,
    until: firstUntil,
    takenWs: 0,
    takenOpenWs: 0,
    before: undefined,
    next: undefined,
  };
}

/** Whether two labels at a boundary, with the same `ws`, have the same future. */
function isAlike(one: Label, other: Label, at: number): boolean {
  return (
    one.isOn === other.isOn &&
    one.isMet === other.isMet &&
    one.left === other.left &&
    one.openWs === other.openWs &&
    Math.max(one.until, at) === Math.max(other.until, at)
  );
}

interface Rank {
  readonly cost: number;
  readonly starts: number;
  readonly late: number;
}

function isBefore(one: Rank, other: Rank): boolean {
  if (one.cost !== other.cost) return one.cost < other.cost;
  return one.starts === other.starts ? one.late < other.late : one.starts < other.starts;
}

/** The energies of the labels' chain; the open steps take what is missing, the earliest first. */
function readRuns({ steps, startCost }: Frame, needWs: number, { last, cost, end }: Found): Runs {
  const energyWs = new Array<number>(steps.length).fill(0);
  const openWs = new Array<number>(steps.length).fill(0);
  let at = end;
  for (let label = last; label.before !== undefined; label = label.before) {
    at -= 1;
    energyWs[at] = label.takenWs;
    openWs[at] = label.takenOpenWs;
  }
  let restWs = needWs - last.ws;
  for (const [index, ws] of openWs.entries()) {
    const moreWs = Math.min(ws, restWs);
    energyWs[index] = energyWs[index]! + moreWs;
    restWs -= moreWs;
  }
  return { energyWs, cost: Math.round(cost - last.starts * startCost), starts: last.starts, end };
}
