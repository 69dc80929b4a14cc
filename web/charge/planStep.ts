/** Power from `from` to `to`, epoch seconds; negative while the car gives back. */
interface Planned {
  readonly from: number;
  readonly to: number;
  readonly powerW: number;
}

/** What a plan says of this moment: what the car does, and when that changes (epoch seconds). */
export type PlanStep =
  | { readonly kind: 'starts' | 'gives-back-later'; readonly at: number }
  | { readonly kind: 'charges' | 'pauses' | 'gives-back'; readonly until: number }
  | { readonly kind: 'through' };

/**
 * Where a plan stands at an instant: it `charges` until it is through or the car gives back, `pauses` after a time
 * because it charges again later, `starts` later, gives back, or is `through`. Slots that touch are one run.
 */
export function stepAt(slots: readonly Planned[], now: number): PlanStep {
  const runs = runsOf(slots).filter(({ to }) => to > now);
  const [run, next] = runs;
  if (run === undefined) return { kind: 'through' };
  const givesBack = run.powerW < 0;
  if (run.from > now) return { kind: givesBack ? 'gives-back-later' : 'starts', at: run.from };
  if (givesBack) return { kind: 'gives-back', until: run.to };
  return { kind: next !== undefined && next.from > run.to ? 'pauses' : 'charges', until: run.to };
}

/** Slots that touch and go the same way, as one each; what has no power is none. */
export function runsOf(slots: readonly Planned[]): readonly Planned[] {
  const runs: Planned[] = [];
  for (const slot of slots) {
    if (slot.powerW === 0) continue;
    const last = runs.at(-1);
    if (last?.to === slot.from && Math.sign(last.powerW) === Math.sign(slot.powerW))
      runs[runs.length - 1] = { ...last, to: slot.to };
    else runs.push(slot);
  }
  return runs;
}
