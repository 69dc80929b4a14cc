import type { ChargeWish } from './ChargeWish.ts';

/**
 * A time and what a plan reckons with in it: `costMicroPerKwh` is what is minimised (the price, with the grid's
 * signal in it), `priceMicroPerKwh` what is paid; `isAssumed` where no price is known; `maxPowerW` the most that may be
 * drawn.
 */
export interface ObjectiveSlot {
  readonly from: number;
  readonly to: number;
  readonly costMicroPerKwh: number;
  readonly priceMicroPerKwh: number;
  readonly signalPerKwh: number;
  readonly isAssumed: boolean;
  readonly maxPowerW: number;
}

/** The times from now to `until` in which can be planned, cut wherever a price, the signal or a limit changes. */
export function objectiveSlots(wish: ChargeWish, until: number): readonly ObjectiveSlot[] {
  const { now, assumedMicroPerKwh, maxPowerW } = wish;
  const slots: ObjectiveSlot[] = [];
  const add = (from: number, to: number, priceMicroPerKwh: number, isAssumed: boolean) => {
    if (from >= to) return;
    slots.push({
      from,
      to,
      costMicroPerKwh: priceMicroPerKwh,
      priceMicroPerKwh,
      signalPerKwh: 0,
      isAssumed,
      maxPowerW,
    });
  };
  let at = now;
  for (const { from, to, priceMicroPerKwh } of wish.slots) {
    if (to <= now || from >= until) continue;
    const begin = Math.max(from, now);
    if (assumedMicroPerKwh !== undefined) add(at, begin, assumedMicroPerKwh, true);
    at = Math.min(to, until);
    add(begin, at, priceMicroPerKwh, false);
  }
  if (assumedMicroPerKwh !== undefined && wish.readyBy !== undefined)
    add(at, until, assumedMicroPerKwh, true);
  return withLimits(withSignal(slots, wish), wish);
}

/** What is drawn from slots with limits: those in which the car cannot charge at all are left out. */
function withLimits(slots: readonly ObjectiveSlot[], wish: ChargeWish): readonly ObjectiveSlot[] {
  const { limits = [], minPowerW } = wish;
  if (limits.length === 0) return slots;
  const limitAt = findIn(limits);
  return cutAtSlots(slots, limits).flatMap((slot) => {
    const maxPowerW = Math.min(slot.maxPowerW, limitAt(slot.from)?.maxPowerW ?? slot.maxPowerW);
    return maxPowerW < Math.max(1, minPowerW) ? [] : [{ ...slot, maxPowerW }];
  });
}

function withSignal(slots: readonly ObjectiveSlot[], wish: ChargeWish): readonly ObjectiveSlot[] {
  const { signal, mode, avoid = [] } = wish;
  const known = signal?.slots ?? [];
  if (known.length === 0 && avoid.length === 0) return slots;
  const weightMicro = signal?.weightMicro ?? 0;
  const unknownPerKwh =
    known.length === 0 ? 0 : known.reduce((highest, { perKwh }) => Math.max(highest, perKwh), -MOST);
  const isGreenest = mode === 'greenest' && known.length > 0;
  const outweighs = signalOutweighs(slots);
  const [signalAt, avoidAt] = [findIn(known), findIn(avoid)];
  return cutAtSlots(cutAtSlots(slots, known), avoid).map((slot) => {
    const signalPerKwh = signalAt(slot.from)?.perKwh ?? unknownPerKwh;
    const besides = avoidAt(slot.from)?.perKwh ?? 0;
    const { priceMicroPerKwh } = slot;
    const costMicroPerKwh = isGreenest
      ? (signalPerKwh + besides) * outweighs + priceMicroPerKwh
      : priceMicroPerKwh + signalPerKwh * weightMicro + besides;
    return { ...slot, costMicroPerKwh, signalPerKwh };
  });
}

const MOST = Number.MAX_SAFE_INTEGER;

/** What a unit of the signal counts in mode greenest, in micro-units: more than any two prices of the slots differ. */
export function signalOutweighs(slots: readonly { readonly priceMicroPerKwh: number }[]): number {
  const prices = slots.map(({ priceMicroPerKwh }) => priceMicroPerKwh);
  return prices.length === 0 ? 1 : Math.max(...prices) - Math.min(...prices) + 1;
}

/** Finds what holds at an instant in slots in order; asked at rising instants only. */
function findIn<Slot extends { readonly from: number; readonly to: number }>(
  slots: readonly Slot[],
): (at: number) => Slot | undefined {
  let next = 0;
  return (at) => {
    while (next < slots.length && slots[next]!.to <= at) next += 1;
    const here = slots[next];
    return here !== undefined && here.from <= at ? here : undefined;
  };
}

const cutAtSlots = <Slot extends { readonly from: number; readonly to: number }>(
  slots: readonly Slot[],
  others: readonly { readonly from: number; readonly to: number }[],
): readonly Slot[] =>
  others.length === 0
    ? slots
    : cutAt(
        slots,
        others.flatMap(({ from, to }) => [from, to]),
      );

/** Slots in order, cut at times. */
export function cutAt<Slot extends { readonly from: number; readonly to: number }>(
  slots: readonly Slot[],
  times: readonly number[],
): readonly Slot[] {
  const sorted = [...times].sort((a, b) => a - b);
  const parts: Slot[] = [];
  let next = 0;
  for (const slot of slots) {
    let from = slot.from;
    while (next < sorted.length && sorted[next]! <= from) next += 1;
    for (; next < sorted.length && sorted[next]! < slot.to; next += 1) {
      if (sorted[next]! === from) continue;
      parts.push({ ...slot, from, to: sorted[next]! });
      from = sorted[next]!;
    }
    parts.push(from === slot.from ? slot : { ...slot, from });
  }
  return parts;
}
