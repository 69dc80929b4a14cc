/** Power out of a register that counts whole Wh: the mean over the last seconds, and how far apart the looks are. */
export interface PowerGauge {
  note(atMs: number, importWh: number): void;
  /** Mean power, W. */
  powerW(): number;
  /** Time between the last two notes, ms. */
  lastStepMs(): number;
  reset(): void;
}

const windowMs = 15_000;

export function powerGauge(): PowerGauge {
  let notes: { readonly atMs: number; readonly importWh: number }[] = [];
  return {
    note(atMs, importWh) {
      notes.push({ atMs, importWh });
      while (notes.length > 2 && (notes[1] as { atMs: number }).atMs <= atMs - windowMs) notes.shift();
    },
    powerW() {
      const [first, last] = [notes[0], notes.at(-1)];
      if (first === undefined || last === undefined || last.atMs === first.atMs) return 0;
      return Math.round(((last.importWh - first.importWh) * 3_600_000) / (last.atMs - first.atMs));
    },
    lastStepMs() {
      const [before, last] = [notes.at(-2), notes.at(-1)];
      return before === undefined || last === undefined ? 0 : last.atMs - before.atMs;
    },
    reset() {
      notes = [];
    },
  };
}
