import type { Runs } from './cheapestRuns.ts';
import type { Frame } from './runFrame.ts';

const NEVER = Number.POSITIVE_INFINITY;
/** One start more is worse than anything that is late. */
const PER_START = 2 ** 32;

/** Whether a step is taken whole or not at all, but for the last of the charge, and starts are free to choose. */
export function isWhole({ steps, isEdgeFree, startTakes, onUntil, offUntil, firstUntil }: Frame): boolean {
  return (
    !isEdgeFree &&
    startTakes === 0 &&
    firstUntil === 0 &&
    steps.every(({ leastWs, mostWs }, i) => leastWs === mostWs && onUntil[i] === i + 1) &&
    offUntil.every((next, i) => next === i)
  );
}

/**
 * The runs of `cheapestRuns` for frames that are whole: a car that draws all it can or nothing, where time at the point
 * costs.
 *
 * Exact: dynamic programming forward over the steps with the energy so far as state, least cost on and least cost off for
 * each. Steps of one length and power come to as many energies as steps, so that a day has some thousand states. The
 * charge may end in any step with what is missing then. What has cost too much is left: more, with the rest at the lowest
 * price to come, than a charge already found.
 */
export function wholeRuns(
  { steps, touches, startCost, tieCost, isOn }: Frame,
  needWs: number,
): Runs | undefined {
  const perStart = startCost - tieCost;
  const count = steps.length;
  const mostAfterWs = new Float64Array(count + 1);
  const lowestAfter = new Float64Array(count + 1);
  for (let i = count - 1; i >= 0; i -= 1) {
    mostAfterWs[i] = mostAfterWs[i + 1]! + steps[i]!.mostWs;
    lowestAfter[i] =
      i === count - 1 ? steps[i]!.costPerWs : Math.min(steps[i]!.costPerWs, lowestAfter[i + 1]!);
  }
  // States of one boundary after those of the one before, by rising energy. `from` is the index of the state before,
  // doubled, and one more if it was on.
  const [ws, onCost, offCost, onRank, offRank] = [[0], [isOn ? 0 : NEVER], [0], [0], [0]] as [
    number[],
    number[],
    number[],
    number[],
    number[],
  ];
  const [onFrom, offFrom]: [number[], number[]] = [[-1], [-1]];
  const best = { cost: NEVER, rank: NEVER, end: 0, ws: 0, from: -1 };
  let [begin, end] = [0, 1];
  for (let i = 0; i < count && begin < end; i += 1) {
    const { costPerWs, mostWs, onCost: onI, offCost: offI } = steps[i]!;
    const [restWs, lowest] = [mostAfterWs[i + 1]!, lowestAfter[i + 1]!];
    let [p, q] = [begin, begin];
    while (p < end || q < end) {
      const [waitWs, takeWs] = [p < end ? ws[p]! : NEVER, q < end ? ws[q]! + mostWs : NEVER];
      const nextWs = Math.min(waitWs, takeWs);
      let [nextOn, nextOnRank, nextOnFrom, nextOff, nextOffRank, nextOffFrom] = [NEVER, 0, -1, NEVER, 0, -1];
      if (takeWs === nextWs) {
        const isOnBetter = isLess(onCost[q]!, onRank[q]!, offCost[q]!, offRank[q]!);
        let [cost, rank, from] = isOnBetter
          ? [onCost[q]! + perStart, onRank[q]! + PER_START, 2 * q + 1]
          : [offCost[q]! + perStart, offRank[q]! + PER_START, 2 * q];
        if (touches[i] && isLess(onCost[q]!, onRank[q]!, cost, rank))
          [cost, rank, from] = [onCost[q]!, onRank[q]!, 2 * q + 1];
        rank += i;
        const missingWs = needWs - ws[q]!;
        if (missingWs <= mostWs) {
          const whole = cost + missingWs * costPerWs + onI;
          if (isLess(whole, rank, best.cost, best.rank))
            Object.assign(best, { cost: whole, rank, end: i + 1, ws: missingWs, from });
        } else [nextOn, nextOnRank, nextOnFrom] = [cost + mostWs * costPerWs + onI, rank, from];
        q += 1;
      }
      if (waitWs === nextWs) {
        const isOnBetter = isLess(onCost[p]!, onRank[p]!, offCost[p]!, offRank[p]!);
        nextOff = (isOnBetter ? onCost[p]! : offCost[p]!) + offI;
        nextOffRank = isOnBetter ? onRank[p]! : offRank[p]!;
        nextOffFrom = isOnBetter ? 2 * p + 1 : 2 * p;
        p += 1;
      }
      const missingWs = needWs - nextWs;
      if (missingWs > restWs || Math.min(nextOn, nextOff) + missingWs * lowest > best.cost) continue;
      ws.push(nextWs);
      onCost.push(nextOn);
      onRank.push(nextOnRank);
      onFrom.push(nextOnFrom);
      offCost.push(nextOff);
      offRank.push(nextOffRank);
      offFrom.push(nextOffFrom);
    }
    [begin, end] = [end, ws.length];
  }
  if (best.end === 0) return undefined;
  const energyWs = new Array<number>(count).fill(0);
  energyWs[best.end - 1] = best.ws;
  for (let [at, from] = [best.end - 1, best.from]; at > 0; at -= 1) {
    const [index, wasOn] = [Math.floor(from / 2), from % 2 === 1];
    if (wasOn) energyWs[at - 1] = steps[at - 1]!.mostWs;
    from = (wasOn ? onFrom : offFrom)[index]!;
  }
  return { energyWs, cost: best.cost, starts: Math.floor(best.rank / PER_START), end: best.end };
}

function isLess(cost: number, rank: number, otherCost: number, otherRank: number): boolean {
  return cost < otherCost || (cost === otherCost && rank < otherRank);
}
