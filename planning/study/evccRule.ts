/** A slot and its price; whole slots of one length. */
export interface RuleSlot {
  readonly from: number;
  readonly to: number;
  readonly priceMicroPerKwh: number;
}

/**
 * The rule that evcc's planner follows, written anew as the baseline: slots in a stable sort by price, later ones
 * first among equals; taken at full power until the time needed is covered; of the last one only a part, late if
 * the charge begins with it, early if something was on before. Gives the times in order.
 */
export function evccRule(slots: readonly RuleSlot[], neededS: number): readonly RuleSlot[] {
  const taken: RuleSlot[] = [];
  let leftS = neededS;
  for (const slot of slots.toReversed().toSorted((a, b) => a.priceMicroPerKwh - b.priceMicroPerKwh)) {
    if (leftS <= 0) break;
    const takenS = Math.min(leftS, slot.to - slot.from);
    const isFirst = taken.length > 0 && taken.every(({ from }) => slot.from < from);
    taken.push(isFirst ? { ...slot, from: slot.to - takenS } : { ...slot, to: slot.from + takenS });
    leftS -= takenS;
  }
  return taken.toSorted((a, b) => a.from - b.from);
}

/**
 * What the same planner does with prices known for a time only: what fits after the known prices is left until
 * then, the rest goes to the cheapest of them; and where time is short, or the prices do not cover the need, it charges
 * in one go, in the second case as late as can be.
 */
export function evccTimes(
  known: readonly RuleSlot[],
  now: number,
  readyBy: number,
  neededS: number,
): readonly { readonly from: number; readonly to: number }[] {
  if (neededS <= 0) return [];
  if (readyBy - now <= neededS) return [{ from: now, to: readyBy }];
  const last = known.at(-1);
  const late = [{ from: readyBy - neededS, to: readyBy }];
  if (last === undefined) return late;
  const afterS = Math.max(0, readyBy - last.to);
  if (afterS >= neededS) return [];
  const coveredS = known.reduce((sum, { from, to }) => sum + to - from, 0);
  if (coveredS < neededS - afterS) return late;
  return evccRule(known, neededS - afterS);
}

/** How often a car is turned on to charge at these times. */
export function startsOf(times: readonly { readonly from: number; readonly to: number }[]): number {
  return times.filter(({ from }, index) => times[index - 1]?.to !== from).length;
}
