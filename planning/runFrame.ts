/**
 * A stretch of time in which a car is on throughout or off throughout. `costPerWs` is what a watt-second
 * costs in it, in any whole unit; `onCost` and `offCost`, not negative, are what the time itself costs then,
 * in that unit.
 */
export interface Step {
  readonly from: number;
  readonly to: number;
  readonly costPerWs: number;
  readonly leastWs: number;
  readonly mostWs: number;
  readonly onCost: number;
  readonly offCost: number;
}

/**
 * How often and for how long a car may be turned on. `mostStarts` counts from now and may be infinite; `perStart`, not
 * negative, is what a start counts, in the unit of the steps' costs; `isOn` is what the car is now, and `since` (epoch
 * seconds) since when.
 */
export interface RunLimits {
  readonly mostStarts: number;
  readonly perStart: number;
  readonly minOnS: number;
  readonly minOffS: number;
  readonly isOn: boolean;
  readonly since: number;
}

/** What steps and limits come to, prepared once. Boundary i lies before step i. */
export interface Frame {
  readonly steps: readonly Step[];
  readonly isOn: boolean;
  /** Whether runs may begin and end inside a step. */
  readonly isEdgeFree: boolean;
  /** Whether a run may come into step i from before it. */
  readonly touches: readonly boolean[];
  /** A run that starts with step i lasts at least to this boundary; −1 where it cannot. */
  readonly onUntil: readonly number[];
  /** After a stop at boundary i, the first step with which a run may start. */
  readonly offUntil: readonly number[];
  /** The first boundary at which the car may change from what it is now. */
  readonly firstUntil: number;
  /** Starts that are left at the outset, and what one takes off them: both 0 where there is no limit. */
  readonly starts: number;
  readonly startTakes: number;
  /** What tells plans of equal cost apart: so little for each start that all together are below one unit. */
  readonly tieCost: number;
  /** What a start counts, that included. */
  readonly startCost: number;
}

export function makeFrame(steps: readonly Step[], limits: RunLimits): Frame {
  const { mostStarts, perStart, minOnS, minOffS, isOn, since } = limits;
  const count = steps.length;
  const tieCost = 1 / 2 ** Math.ceil(Math.log2(count + 2));
  const step = (index: number) => steps[index] as Step;
  const touches = steps.map(({ from }, index) => (index === 0 ? isOn : step(index - 1).to === from));
  const onUntil = (first: number, at: number): number => {
    if (first < count && step(first).from >= at) return first;
    for (let end = first; end < count; end += 1) {
      if (end > first && !touches[end]) return -1;
      if (step(end).to >= at) return end + 1;
    }
    return -1;
  };
  const offUntil = (first: number, at: number): number => {
    let next = first;
    while (next < count && step(next).from < at) next += 1;
    return next;
  };
  const isLimited = mostStarts < count;
  return {
    steps,
    isOn,
    isEdgeFree: minOnS === 0 && minOffS === 0 && steps.every(({ onCost, offCost }) => onCost === offCost),
    touches,
    onUntil: steps.map(({ from }, index) => onUntil(index, from + Math.max(1, minOnS))),
    offUntil: [
      ...steps.slice(0, 1).map(({ from }) => offUntil(0, from + minOffS)),
      ...steps.map(({ to }, index) => offUntil(index + 1, to + minOffS)),
    ],
    firstUntil: Math.max(0, isOn ? onUntil(0, since + minOnS) : offUntil(0, since + minOffS)),
    starts: isLimited ? mostStarts : 0,
    startTakes: isLimited ? 1 : 0,
    tieCost,
    startCost: perStart + tieCost,
  };
}

/** What an outlook comes to: the least cost of all, what is earned taken off, and the energy of the way that attains it. */
export interface Dual {
  readonly multiplier: number;
  readonly least: number;
  readonly ws: number;
}

/**
 * What each way to be at a boundary costs at least from there on, if every watt-second earns `multiplier`:
 * at `left × (count + 1) + boundary`, on or off and free to change, with so many starts left. Written by {@link lookOut}
 * and {@link lookOutMet}, again and again: arrays are dearer than what is reckoned in them.
 */
export interface Outlook {
  readonly on: Float64Array;
  readonly off: Float64Array;
  /** The same for ways that still take a step at the critical price. */
  readonly onMet: Float64Array;
  readonly offMet: Float64Array;
  /** The energy of those ways. */
  readonly onWs: Float64Array;
  readonly offWs: Float64Array;
  /** Sums over the steps before a boundary: on in the midst of a run, its energy, and off. */
  readonly innerSum: Float64Array;
  readonly innerWs: Float64Array;
  readonly offSum: Float64Array;
  /** A step that is the last of a charge, or first or last of a run that may begin and end inside it; and its energy. */
  readonly edge: Float64Array;
  readonly edgeWs: Float64Array;
  /** The most energy that the steps from a boundary on may take, and the first of them with the critical price. */
  readonly mostAfterWs: Float64Array;
  readonly nextMet: Float64Array;
}

/** Room for an outlook, all of it one piece. */
export function makeOutlook({ steps, starts }: Frame): Outlook {
  const width = steps.length + 1;
  const rows = (starts + 1) * width;
  const room = new Float64Array(6 * rows + 7 * width);
  let taken = 0;
  const take = (length: number) => {
    taken += length;
    return room.subarray(taken - length, taken);
  };
  return {
    on: take(rows),
    off: take(rows),
    onMet: take(rows),
    offMet: take(rows),
    onWs: take(rows),
    offWs: take(rows),
    innerSum: take(width),
    innerWs: take(width),
    offSum: take(width),
    edge: take(width),
    edgeWs: take(width),
    mostAfterWs: take(width),
    nextMet: take(width),
  };
}

/**
 * Looks out with every step on at its most if it is cheaper than `critical`, at its least if dearer, and at
 * whichever costs less at the multiplier if equal.
 */
export function lookOut(frame: Frame, outlook: Outlook, multiplier: number, critical = multiplier): Dual {
  const { steps, touches, onUntil, offUntil, starts, startTakes, startCost, isEdgeFree, isOn, firstUntil } =
    frame;
  const { on, off, onWs, offWs, innerSum, innerWs, offSum, edge, edgeWs } = outlook;
  const count = steps.length;
  const width = count + 1;
  for (let i = 0; i < count; i += 1) {
    const { costPerWs, leastWs, mostWs, onCost, offCost } = steps[i] as Step;
    const reduced = costPerWs - multiplier;
    const isFull = costPerWs === critical ? reduced < 0 : costPerWs < critical;
    const ws = isFull ? mostWs : leastWs;
    innerSum[i + 1] = innerSum[i]! + reduced * ws + onCost;
    innerWs[i + 1] = innerWs[i]! + ws;
    offSum[i + 1] = offSum[i]! + offCost;
    edgeWs[i] = isFull ? mostWs : 0;
    edge[i] = reduced * edgeWs[i]! + onCost;
  }
  let [best, bestWs] = [0, 0];
  const offer = (cost: number, ws: number): void => {
    if (cost < best) [best, bestWs] = [cost, ws];
  };
  /** On from boundary i, to stay so to `until`, whose step may end the charge. */
  const offerForced = (i: number, until: number, left: number, cost: number, ws: number): void => {
    const last = until - 1;
    const midSum = cost + innerSum[last]! - innerSum[i]!;
    const midWs = ws + innerWs[last]! - innerWs[i]!;
    const there = left * width + until;
    offer(
      midSum + innerSum[until]! - innerSum[last]! + on[there]!,
      midWs + innerWs[until]! - innerWs[last]! + onWs[there]!,
    );
    offer(midSum + edge[last]!, midWs + edgeWs[last]!);
  };
  for (let i = count; i >= 0; i -= 1) {
    for (let left = 0; left <= starts; left += 1) {
      const here = left * width + i;
      best = 0;
      bestWs = 0;
      if (i < count) {
        offer(steps[i]!.offCost + off[here + 1]!, offWs[here + 1]!);
        const until = onUntil[i]!;
        if (left >= startTakes && until > 0) {
          const there = here + 1 - startTakes * width;
          if (isEdgeFree) offer(startCost + edge[i]! + on[there]!, edgeWs[i]! + onWs[there]!);
          else offerForced(i, until, left - startTakes, startCost, 0);
          if (until === i + 1) offer(startCost + edge[i]!, edgeWs[i]!);
        }
      }
      off[here] = best;
      offWs[here] = bestWs;
      best = 0;
      bestWs = 0;
      const next = offUntil[i]!;
      offer(offSum[next]! - offSum[i]! + off[left * width + next]!, offWs[left * width + next]!);
      if (i < count && touches[i]) {
        offer(
          innerSum[i + 1]! - innerSum[i]! + on[here + 1]!,
          innerWs[i + 1]! - innerWs[i]! + onWs[here + 1]!,
        );
        offer(edge[i]!, edgeWs[i]!);
        if (isEdgeFree) offer(edge[i]! + off[here + 1]!, edgeWs[i]! + offWs[here + 1]!);
      }
      on[here] = best;
      onWs[here] = bestWs;
    }
  }
  const first = starts * width + firstUntil;
  if (!isOn) [best, bestWs] = [offSum[firstUntil]! + off[first]!, offWs[first]!];
  else if (firstUntil === 0) [best, bestWs] = [on[first]!, onWs[first]!];
  else {
    [best, bestWs] = [Number.POSITIVE_INFINITY, 0];
    offerForced(0, firstUntil, starts, 0, 0);
  }
  // Off for good from the outset, where the car may.
  return { multiplier, least: best, ws: bestWs };
}

/** Looks out for ways that still take a step at the critical price; after {@link lookOut} with that. */
export function lookOutMet(frame: Frame, outlook: Outlook, critical: number): void {
  const { on, off, onMet, offMet, innerSum, offSum, edge, mostAfterWs, nextMet } = outlook;
  const { steps, touches, onUntil, offUntil, starts, startTakes, startCost, isEdgeFree } = frame;
  const count = steps.length;
  const width = count + 1;
  const never = Number.POSITIVE_INFINITY;
  for (let left = 0; left <= starts; left += 1) {
    onMet[left * width + count] = never;
    offMet[left * width + count] = never;
  }
  mostAfterWs[count] = 0;
  nextMet[count] = count;
  for (let i = count - 1; i >= 0; i -= 1) {
    const { costPerWs, mostWs, leastWs } = steps[i]!;
    mostAfterWs[i] = mostAfterWs[i + 1]! + (costPerWs > critical ? leastWs : mostWs);
    nextMet[i] = costPerWs === critical ? i : nextMet[i + 1]!;
  }
  const inner = (from: number, to: number) => innerSum[to]! - innerSum[from]!;
  for (let i = count - 1; i >= 0; i -= 1) {
    const isMet = nextMet[i] === i;
    for (let left = 0; left <= starts; left += 1) {
      const here = left * width + i;
      let best = steps[i]!.offCost + offMet[here + 1]!;
      const until = onUntil[i]!;
      if (left >= startTakes && until > 0) {
        const row = (left - startTakes) * width;
        if (isEdgeFree) best = Math.min(best, startCost + edge[i]! + (isMet ? on : onMet)[row + i + 1]!);
        else {
          const last = until - 1;
          const isIn = nextMet[i]! < until;
          const goesOn = inner(last, until) + (isIn ? on : onMet)[row + until]!;
          const ends = isIn ? edge[last]! : never;
          best = Math.min(best, startCost + inner(i, last) + Math.min(goesOn, ends));
        }
        if (until === i + 1 && isMet) best = Math.min(best, startCost + edge[i]!);
      }
      offMet[here] = best;
      const next = offUntil[i]!;
      best = offSum[next]! - offSum[i]! + offMet[left * width + next]!;
      if (touches[i]) {
        best = Math.min(best, inner(i, i + 1) + (isMet ? on : onMet)[here + 1]!);
        if (isMet) best = Math.min(best, edge[i]!);
        if (isEdgeFree) best = Math.min(best, edge[i]! + (isMet ? off : offMet)[here + 1]!);
      }
      onMet[here] = best;
    }
  }
}

/**
 * The multiplier whose bound, `least` + `multiplier` × `needWs`, is the highest (the Lagrangian dual, a concave
 * function of straight pieces: the chord between too little and too much energy leads to its top);
 * `undefined` where no way gives so much energy.
 */
export function bestDual(frame: Frame, outlook: Outlook, needWs: number): Dual | undefined {
  let [lowest, highest, scale] = [0, 0, 1];
  for (const { costPerWs } of frame.steps) {
    lowest = Math.min(lowest, costPerWs);
    highest = Math.max(highest, costPerWs);
  }
  for (const { onCost, offCost, mostWs } of frame.steps)
    scale += onCost + offCost + frame.startCost + (highest - lowest) * mostWs;
  let low = lookOut(frame, outlook, lowest - 1);
  if (low.ws >= needWs) return low;
  let high = lookOut(frame, outlook, highest + 1);
  for (let above = highest - lowest + 1; high.ws < needWs; above *= 8) {
    if (above > 8 * scale) return undefined;
    high = lookOut(frame, outlook, highest + above);
  }
  const costOf = ({ least, multiplier, ws }: Dual) => least + multiplier * ws;
  while (high.ws > low.ws) {
    const middle = lookOut(frame, outlook, (costOf(high) - costOf(low)) / (high.ws - low.ws));
    if (middle.ws === needWs) return middle;
    if (middle.ws <= low.ws || middle.ws >= high.ws) return middle;
    if (middle.ws < needWs) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * For each step the least that ways cost in which it is on, at the multiplier of the last {@link lookOut}, what is earned
 * taken off. Only without a limit of starts and without shortest times.
 */
export function leastOn(frame: Frame, { on, off, innerSum, edge }: Outlook): Float64Array {
  const { steps, touches, startCost, isEdgeFree } = frame;
  const least = new Float64Array(steps.length);
  let [cameOff, cameOn] = [0, frame.isOn ? 0 : Number.POSITIVE_INFINITY];
  for (let i = 0; i < steps.length; i += 1) {
    const inner = innerSum[i + 1]! - innerSum[i]!;
    const edged = edge[i]!;
    const free = Math.min(cameOff, cameOn);
    const started = free + startCost;
    const goesOn = touches[i] ? cameOn : Number.POSITIVE_INFINITY;
    const toOn = Math.min(started + (isEdgeFree ? edged : inner), goesOn + inner);
    const toOff = isEdgeFree ? goesOn + edged : Number.POSITIVE_INFINITY;
    const toEnd = Math.min(started, goesOn) + edged;
    least[i] = Math.min(toOn + on[i + 1]!, toOff + off[i + 1]!, toEnd);
    cameOff = Math.min(free + steps[i]!.offCost, toOff);
    cameOn = toOn;
  }
  return least;
}
