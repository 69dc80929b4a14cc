import type { PlannedSlot } from './cheapestSlots.ts';
import type { ObjectiveSlot } from './objectiveSlots.ts';

/** Energy that a plan takes from one slot. */
export interface Portion {
  readonly slot: ObjectiveSlot;
  readonly ws: number;
}

/** What portions come to, in micro-units and signal × Wh / 1000, each rounded once, half away from zero. */
export interface Account {
  readonly priceMicro: number;
  /** By what was minimised. */
  readonly objective: number;
  readonly signal: number;
  /** Energy at times without a known price: outside the slots, or at an assumed one. */
  readonly unpricedWh: number;
}

const WS_PER_WH = 3_600;
const WS_PER_KWH = 3_600_000;

/**
 * The portions of planned slots, `needWs` in all at most. What whole seconds make too much is taken off the
 * dearest portions, the last first (all of them at the marginal price), or off the `end` of the plan.
 */
export function portionsOf(
  planned: readonly PlannedSlot[],
  slots: readonly ObjectiveSlot[],
  needWs: number,
  trim: 'dearest' | 'end',
): readonly Portion[] {
  const portions: Portion[] = [];
  let next = 0;
  let tooMuchWs = -needWs;
  for (const { from, to, powerW } of planned) {
    tooMuchWs += (to - from) * powerW;
    while (next < slots.length && slots[next]!.to <= from) next += 1;
    for (let index = next; index < slots.length && slots[index]!.from < to; index += 1) {
      const slot = slots[index]!;
      const seconds = Math.min(to, slot.to) - Math.max(from, slot.from);
      if (seconds > 0) portions.push({ slot, ws: seconds * powerW });
    }
  }
  if (tooMuchWs <= 0 || portions.length === 0) return portions;
  let dearest = Number.NEGATIVE_INFINITY;
  if (trim === 'dearest') for (const { slot } of portions) dearest = Math.max(dearest, slot.costMicroPerKwh);
  for (let index = portions.length - 1; index >= 0 && tooMuchWs > 0; index -= 1) {
    const { slot, ws } = portions[index]!;
    if (slot.costMicroPerKwh < dearest) continue;
    const lessWs = Math.min(ws, tooMuchWs);
    portions[index] = { slot, ws: ws - lessWs };
    tooMuchWs -= lessWs;
  }
  return portions;
}

/** Sums portions up; `needWs` in all, of which what is in no portion has no price. */
export function account(portions: readonly Portion[], needWs: number): Account {
  let unpricedWs = needWs;
  for (const { slot, ws } of portions) if (!slot.isAssumed) unpricedWs -= ws;
  return {
    priceMicro: sumUp(portions, ({ priceMicroPerKwh }) => priceMicroPerKwh),
    objective: sumUp(portions, ({ costMicroPerKwh }) => costMicroPerKwh),
    signal: sumUp(portions, ({ signalPerKwh }) => signalPerKwh),
    unpricedWh: Math.ceil(Math.max(0, unpricedWs) / WS_PER_WH),
  };
}

function sumUp(portions: readonly Portion[], perKwh: (slot: ObjectiveSlot) => number): number {
  let sum = 0;
  let size = 0;
  for (const { slot, ws } of portions) {
    const product = ws * perKwh(slot);
    sum += product;
    size += Math.abs(product);
  }
  if (size <= Number.MAX_SAFE_INTEGER / 2) return divideRounded(sum, WS_PER_KWH);
  let exact = 0n;
  for (const { slot, ws } of portions) exact += BigInt(ws) * BigInt(perKwh(slot));
  const scale = BigInt(WS_PER_KWH);
  const size2 = exact < 0n ? -exact : exact;
  const rounded = Number((2n * size2 + scale) / (2n * scale));
  return exact < 0n && rounded > 0 ? -rounded : rounded;
}

/** A quotient of whole numbers, rounded half away from zero. */
export function divideRounded(numerator: number, divisor: number): number {
  const size = Math.abs(numerator);
  const rest = size % divisor;
  const rounded = (size - rest) / divisor + (2 * rest >= divisor ? 1 : 0);
  return numerator < 0 && rounded > 0 ? -rounded : rounded;
}
