import type { ChargeWish } from './ChargeWish.ts';

/**
 * A time and what a plan reckons with in it: `costMicroPerKwh` is what is minimised (the price, with the grid's
 * signal in it), `priceMicroPerKwh` what is paid; `isAssumed` where no price is known.
 */
export interface ObjectiveSlot {
  readonly from: number;
  readonly to: number;
  readonly costMicroPerKwh: number;
  readonly priceMicroPerKwh: number;
  readonly signalPerKwh: number;
  readonly isAssumed: boolean;
}

/** The times from now to `until` in which can be planned, cut wherever a price or the signal changes. */
export function objectiveSlots(wish: ChargeWish, until: number): readonly ObjectiveSlot[] {
  const { now, assumedMicroPerKwh } = wish;
  const slots: ObjectiveSlot[] = [];
  const add = (from: number, to: number, priceMicroPerKwh: number, isAssumed: boolean) => {
    if (from >= to) return;
    slots.push({ from, to, costMicroPerKwh: priceMicroPerKwh, priceMicroPerKwh, signalPerKwh: 0, isAssumed });
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
  return wish.signal === undefined ? slots : withSignal(slots, wish);
}

function withSignal(slots: readonly ObjectiveSlot[], { signal, mode }: ChargeWish): readonly ObjectiveSlot[] {
  const known = signal?.slots ?? [];
  const weightMicro = signal?.weightMicro ?? 0;
  const unknownPerKwh = known.reduce(
    (highest, { perKwh }) => Math.max(highest, perKwh),
    Number.NEGATIVE_INFINITY,
  );
  const prices = slots.map(({ priceMicroPerKwh }) => priceMicroPerKwh);
  // In mode greenest a unit of the signal outweighs any difference between two prices.
  const outweighs = Math.max(...prices) - Math.min(...prices) + 1;
  const parts = cutAt(
    slots,
    known.flatMap(({ from, to }) => [from, to]),
  );
  let next = 0;
  return parts.map((slot) => {
    while (next < known.length && known[next]!.to <= slot.from) next += 1;
    const here = known[next];
    const isKnown = here !== undefined && here.from <= slot.from;
    const signalPerKwh = isKnown ? here.perKwh : unknownPerKwh;
    if (known.length === 0) return slot;
    const { priceMicroPerKwh } = slot;
    const costMicroPerKwh =
      mode === 'greenest'
        ? signalPerKwh * outweighs + priceMicroPerKwh
        : priceMicroPerKwh + signalPerKwh * weightMicro;
    return { ...slot, costMicroPerKwh, signalPerKwh };
  });
}

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
