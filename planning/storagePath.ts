/** What a stretch of time can do to a store, and what it costs; `outEarn` is at most `inCost`. */
export interface StorageStep {
  readonly inWs: number;
  readonly outWs: number;
  readonly inCost: number;
  readonly outEarn: number;
}

/** A convex function of the level, from `from` on: pieces of rising slope. */
interface Convex {
  readonly from: number;
  readonly slopes: readonly number[];
  readonly lengths: readonly number[];
}

/**
 * The change of level in each step that costs least in all, keeping the level after step i within
 * `leastWs[i]` and `mostWs`. The bounds must be reachable.
 *
 * Exact (dynamic programming over the level): what it costs at least to have come to a level is convex and made
 * of straight pieces, because each step's cost is. A step adds its two pieces in order of slope, the bounds cut
 * what lies beyond; back from the cheapest end, each step took the pieces of lowest slope. Only slopes are
 * compared and lengths added, in whole numbers. Of what costs the same: less is given, and charged earlier.
 */
export function storagePath(
  steps: readonly StorageStep[],
  levelWs: number,
  leastWs: readonly number[],
  mostWs: number,
): readonly number[] {
  const costs: Convex[] = [{ from: levelWs, slopes: [], lengths: [] }];
  for (const [index, step] of steps.entries())
    costs.push(bounded(extended(costs[index]!, step), leastWs[index]!, mostWs));
  const changes = new Array<number>(steps.length).fill(0);
  let level = cheapestLevel(costs.at(-1)!);
  for (let index = steps.length - 1; index >= 0; index -= 1) {
    const change = changeTo(level, costs[index]!, steps[index]!);
    changes[index] = change;
    level -= change;
  }
  return changes;
}

/** The function after a step: its pieces put in by slope. */
function extended({ from, slopes, lengths }: Convex, { inWs, outWs, inCost, outEarn }: StorageStep): Convex {
  const next = { from: from - outWs, slopes: [] as number[], lengths: [] as number[] };
  const put = (slope: number, length: number) => {
    if (length === 0) return;
    const last = next.slopes.length - 1;
    if (next.slopes[last] === slope) next.lengths[last] = next.lengths[last]! + length;
    else {
      next.slopes.push(slope);
      next.lengths.push(length);
    }
  };
  let isOutIn = false;
  let isInIn = false;
  for (const [index, slope] of slopes.entries()) {
    if (!isOutIn && slope >= outEarn) {
      put(outEarn, outWs);
      isOutIn = true;
    }
    if (!isInIn && slope > inCost) {
      put(inCost, inWs);
      isInIn = true;
    }
    put(slope, lengths[index]!);
  }
  if (!isOutIn) put(outEarn, outWs);
  if (!isInIn) put(inCost, inWs);
  return next;
}

/** The function without the levels below `least` and above `most`. */
function bounded({ from, slopes, lengths }: Convex, least: number, most: number): Convex {
  const cut = { from: Math.max(from, least), slopes: [] as number[], lengths: [] as number[] };
  let at = from;
  for (const [index, length] of lengths.entries()) {
    const rest = Math.min(at + length, most) - Math.max(at, least);
    at += length;
    if (rest <= 0) continue;
    cut.slopes.push(slopes[index]!);
    cut.lengths.push(rest);
  }
  return cut;
}

/** The lowest of the levels that cost least. */
function cheapestLevel({ from, slopes, lengths }: Convex): number {
  let level = from;
  for (const [index, slope] of slopes.entries()) {
    if (slope >= 0) break;
    level += lengths[index]!;
  }
  return level;
}

/** By how much a step changes the level to come to `level` at least cost. */
function changeTo(level: number, { from, slopes, lengths }: Convex, step: StorageStep): number {
  const { inWs, outWs, inCost, outEarn } = step;
  let left = level - (from - outWs);
  let [below, between] = [0, 0];
  for (const [index, slope] of slopes.entries()) {
    if (slope < outEarn) below += lengths[index]!;
    else if (slope <= inCost) between += lengths[index]!;
  }
  left -= Math.min(left, below);
  const kept = Math.min(left, outWs);
  left -= kept;
  left -= Math.min(left, between);
  return kept - outWs + Math.min(left, inWs);
}
