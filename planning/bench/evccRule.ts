/** A slot and its price; whole slots of one length. */
export interface RuleSlot {
  readonly from: number;
  readonly to: number;
  readonly priceMicroPerKwh: number;
}

/**
 * The rule that evcc's planner follows, written anew as the baseline: slots in a stable sort by price, later ones
 * first among equals; taken at full power until the time needed is covered; the last one taken begins late. Gives the
 * times in order.
 */
export function evccRule(slots: readonly RuleSlot[], neededS: number): readonly RuleSlot[] {
  const taken: RuleSlot[] = [];
  let leftS = neededS;
  for (const slot of slots.toReversed().toSorted((a, b) => a.priceMicroPerKwh - b.priceMicroPerKwh)) {
    if (leftS <= 0) break;
    const takenS = Math.min(leftS, slot.to - slot.from);
    taken.push({ ...slot, from: slot.to - takenS });
    leftS -= takenS;
  }
  return taken.toSorted((a, b) => a.from - b.from);
}

/** How often a car is turned on to charge at these times. */
export function startsOf(times: readonly { readonly from: number; readonly to: number }[]): number {
  return times.filter(({ from }, index) => times[index - 1]?.to !== from).length;
}
