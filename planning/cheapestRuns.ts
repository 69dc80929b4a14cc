import {
  bestDual,
  type Frame,
  leastOn,
  lookOut,
  lookOutMet,
  makeFrame,
  makeOutlook,
  type Outlook,
  type RunLimits,
  type Step,
} from './runFrame.ts';
import { isWhole, wholeRuns } from './wholeRuns.ts';

/** The energy of each step, and what it costs with starts and the time up to the boundary `end`; later time costs nothing. */
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
}

/** The labels of one boundary; no two are alike. */
interface Labels {
  readonly labels: Label[];
  /** The place of the label that is alike at a boundary; that after the last where there is none. */
  readonly find: (label: Label, at: number) => number;
  readonly add: (label: Label) => void;
  readonly clear: () => void;
}

/** So many labels are looked through one by one; more are found by their energy. */
const FEW = 16;

function makeLabels(): Labels {
  const labels: Label[] = [];
  const places = new Map<number, number[]>();
  const put = (place: number): void => {
    const { ws } = labels[place]!;
    const others = places.get(ws);
    if (others === undefined) places.set(ws, [place]);
    else others.push(place);
  };
  return {
    labels,
    find: (label, at) => {
      if (labels.length <= FEW) {
        for (let place = 0; place < labels.length; place += 1) {
          const other = labels[place]!;
          if (other.ws === label.ws && isAlike(label, other, at)) return place;
        }
        return labels.length;
      }
      for (const place of places.get(label.ws) ?? []) if (isAlike(label, labels[place]!, at)) return place;
      return labels.length;
    },
    add: (label) => {
      labels.push(label);
      if (labels.length === FEW + 1) for (let place = 0; place <= FEW; place += 1) put(place);
      else if (labels.length > FEW) put(labels.length - 1);
    },
    clear: () => {
      labels.length = 0;
      if (places.size > 0) places.clear();
    },
  };
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
  const unit = commonDivisor(steps, needWs, limits.perStart);
  const scaled = steps.map((step) => ({
    ...step,
    leastWs: step.leastWs / unit,
    mostWs: step.mostWs / unit,
    onCost: step.onCost / unit,
    offCost: step.offCost / unit,
  }));
  const runs = scaledRuns(scaled, needWs / unit, { ...limits, perStart: limits.perStart / unit });
  return runs && { ...runs, energyWs: runs.energyWs.map((ws) => ws * unit), cost: runs.cost * unit };
}

function commonDivisor(steps: readonly Step[], needWs: number, perStart: number): number {
  let divisor = greatestCommon(needWs, perStart);
  for (const { leastWs, mostWs, onCost, offCost } of steps) {
    if (divisor === 1) break;
    divisor = greatestCommon(divisor, leastWs);
    divisor = greatestCommon(divisor, mostWs);
    divisor = greatestCommon(divisor, onCost);
    divisor = greatestCommon(divisor, offCost);
  }
  return divisor;
}

function greatestCommon(one: number, other: number): number {
  let [divisor, rest] = [one, other];
  while (rest > 0) [divisor, rest] = [rest, divisor % rest];
  return divisor;
}

function scaledRuns(steps: readonly Step[], needWs: number, limits: RunLimits): Runs | undefined {
  const frame = makeFrame(steps, limits);
  if (isWhole(frame)) return wholeRuns(frame, needWs);
  const outlook = makeOutlook(frame);
  const dual = bestDual(frame, outlook, needWs);
  if (dual === undefined) return undefined;
  const { multiplier } = dual;
  const base = multiplier * needWs;
  const bound = dual.least + base;
  const scale = 1 + Math.abs(bound) + Math.abs(base);
  const prices = [...new Set(steps.map(({ costPerWs }) => costPerWs))].sort((a, b) => a - b);
  const above = prices.findIndex((price) => price >= multiplier);
  const middle = above < 0 ? prices.length : above;
  const boundOf = boundsOf(frame, outlook, limits, multiplier, base);
  const searches = new Map<number, { readonly bound: number; readonly unmetBound: number }>();
  const outward = (most: number): Found | undefined => {
    let best: Found | undefined;
    const visit = (index: number): boolean => {
      const price = prices[index] as number;
      const limit = best === undefined ? most : best.cost - frame.tieCost / 2;
      if (boundOf(price) > limit) return true;
      const known = searches.get(price);
      if (known !== undefined && known.unmetBound > limit) return false;
      if (known !== undefined && known.bound > limit) return true;
      const search = searchAt(frame, outlook, needWs, multiplier, price);
      const { bound: least, unmetBound } = search;
      searches.set(price, { bound: least, unmetBound });
      if (unmetBound > limit) return false;
      if (least > limit) return true;
      best = search.run(best?.cost ?? most, best);
      return true;
    };
    for (let index = middle; index < prices.length && visit(index); ) index += 1;
    for (let index = middle - 1; index >= 0 && visit(index); ) index -= 1;
    return best;
  };
  for (let gap = scale / 2 ** 17; gap < scale; gap *= 4) {
    const found = outward(bound + gap);
    if (found !== undefined) return readRuns(frame, needWs, found);
  }
  const found = outward(Number.POSITIVE_INFINITY);
  return found && readRuns(frame, needWs, found);
}

/** What ways cost at least that have a step on at a price, as far as is quickly known. */
function boundsOf(
  frame: Frame,
  outlook: Outlook,
  { mostStarts, minOnS, minOffS }: RunLimits,
  multiplier: number,
  base: number,
): (price: number) => number {
  if (mostStarts < frame.steps.length || minOnS > 0 || minOffS > 0) return () => Number.NEGATIVE_INFINITY;
  lookOut(frame, outlook, multiplier);
  const least = leastOn(frame, outlook);
  const rounding = 1e-9 * (1 + Math.abs(base));
  const bounds = new Map<number, number>();
  for (const [index, { costPerWs }] of frame.steps.entries()) {
    const bound = least[index]! + base - rounding;
    bounds.set(costPerWs, Math.min(bound, bounds.get(costPerWs) ?? bound));
  }
  return (price) => bounds.get(price)!;
}

/** The search with one critical price: the least that its ways can cost, and the run through all up to a cost. */
function searchAt(frame: Frame, outlook: Outlook, needWs: number, multiplier: number, critical: number) {
  const { steps, touches, onUntil, offUntil, isEdgeFree, startTakes, startCost, tieCost } = frame;
  const { least } = lookOut(frame, outlook, multiplier, critical);
  const { on, off, onMet, offMet, innerSum, offSum, edge, mostAfterWs, nextMet } = outlook;
  const count = steps.length;
  const width = count + 1;
  const base = multiplier * needWs;
  const rounding = 1e-9 * (1 + Math.abs(base));
  lookOutMet(frame, outlook, critical);
  const openReduced = Math.min(0, critical - multiplier);

  /** The least that is still to come for a way that is at a boundary, at the multiplier. */
  const costFrom = (isOn: boolean, isMet: boolean, left: number, until: number, at: number): number => {
    const there = left * width;
    if (!isOn) {
      const free = Math.max(at, until);
      return offSum[free]! - offSum[at]! + (isMet ? off : offMet)[there + free]!;
    }
    if (until <= at) return (isMet ? on : onMet)[there + at]!;
    const isIn = isMet || nextMet[at]! < until;
    const last = until - 1;
    const goesOn = innerSum[until]! - innerSum[last]! + (isIn ? on : onMet)[there + until]!;
    return innerSum[last]! - innerSum[at]! + (isIn ? Math.min(goesOn, edge[last]!) : goesOn);
  };

  const run = (most: number, known: Found | undefined): Found | undefined => {
    let best = known;
    let limit = most;
    // Better means better by at least a start; before anything is found, rounding must not cut off.
    let slack = known === undefined ? -rounding : tieCost / 2;
    let labels = makeLabels();
    let nextLabels = makeLabels();

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
        slack = tieCost / 2;
      }
    };
    /** On through step i with some energy, more of which may be open: kept, or the last step of all. */
    const charge = (
      before: Label,
      i: number,
      isEdge: boolean,
      until: number,
      isOn: boolean,
      isLast: boolean,
    ) => {
      const { costPerWs, leastWs, mostWs, onCost } = steps[i]!;
      const lowWs = isEdge ? 0 : leastWs;
      const takenWs = costPerWs < critical ? mostWs : lowWs;
      const takenOpenWs = costPerWs === critical ? mostWs - lowWs : 0;
      const ws = before.ws + takenWs;
      if (ws > needWs) return;
      const openWs = before.openWs + takenOpenWs;
      const isMet = before.isMet || costPerWs === critical;
      const startedFor = before.isOn ? 0 : startCost;
      const left = before.isOn ? before.left : before.left - startTakes;
      const timeCost = onCost + startedFor;
      const reduced =
        before.reduced + takenWs * (costPerWs - multiplier) + takenOpenWs * openReduced + timeCost;
      if (isLast ? !isMet || ws + openWs < needWs : isHopeless(ws, openWs, i + 1)) return;
      if (!isLast && reduced + costFrom(isOn, isMet, left, until, i + 1) + base > limit - slack) return;
      const label: Label = {
        ws,
        openWs,
        cost: before.cost + takenWs * (costPerWs - critical) + timeCost,
        reduced,
        starts: before.isOn ? before.starts : before.starts + 1,
        late: before.late + (takenWs + takenOpenWs) * i,
        left,
        isOn,
        isMet,
        until,
        takenWs,
        takenOpenWs,
        before,
      };
      if (isLast) finish(label, i + 1);
      else keep(label, i + 1);
    };
    const wait = (before: Label, i: number, until: number): void => {
      const { ws, openWs, starts, late, left, isMet } = before;
      const { offCost } = steps[i]!;
      const reduced = before.reduced + offCost;
      if (isHopeless(ws, openWs, i + 1)) return;
      if (reduced + costFrom(false, isMet, left, until, i + 1) + base > limit - slack) return;
      const cost = before.cost + offCost;
      const isOn = false;
      const [takenWs, takenOpenWs] = [0, 0];
      keep(
        { ws, openWs, cost, reduced, starts, late, left, isOn, isMet, until, takenWs, takenOpenWs, before },
        i + 1,
      );
    };
    const isHopeless = (ws: number, openWs: number, at: number): boolean =>
      ws > needWs || ws + openWs + mostAfterWs[at]! < needWs;
    const keep = (label: Label, at: number): void => {
      const place = nextLabels.find(label, at);
      if (place === nextLabels.labels.length) nextLabels.add(label);
      else if (isBefore(label, nextLabels.labels[place]!)) nextLabels.labels[place] = label;
    };
    const waitOrStart = (before: Label, i: number): void => {
      wait(before, i, 0);
      const until = onUntil[i]!;
      if (before.left < startTakes || until < 0) return;
      if (!isEdgeFree || steps[i]!.costPerWs <= critical) charge(before, i, isEdgeFree, until, true, false);
      if (until === i + 1) charge(before, i, true, 0, true, true);
    };

    nextLabels.add(firstLabel(frame));
    for (let i = 0; i <= count && nextLabels.labels.length > 0; i += 1) {
      const emptied = labels;
      labels = nextLabels;
      nextLabels = emptied;
      nextLabels.clear();
      for (const label of labels.labels) {
        const isFree = label.until <= i;
        if (isFree || !label.isOn) finish(label, i);
        if (i === count) continue;
        if (!label.isOn) {
          if (isFree) waitOrStart(label, i);
          else wait(label, i, label.until);
          continue;
        }
        if (touches[i]) {
          charge(label, i, false, label.until, true, false);
          if (label.until <= i + 1) charge(label, i, true, 0, true, true);
          if (isEdgeFree && isFree && steps[i]!.costPerWs <= critical)
            charge(label, i, true, 0, false, false);
        }
        if (!isFree) continue;
        const until = offUntil[i]!;
        if (until > i) wait(label, i, until);
        else waitOrStart({ ...label, isOn: false, until: 0 }, i);
      }
    }
    return best;
  };
  const firstCost = costFrom(frame.isOn, false, frame.starts, frame.firstUntil, 0);
  return { bound: firstCost + base, unmetBound: least + base, run };
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
function readRuns({ steps, tieCost }: Frame, needWs: number, { last, cost, end }: Found): Runs {
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
  return { energyWs, cost: Math.round(cost - last.starts * tieCost), starts: last.starts, end };
}
