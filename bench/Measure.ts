/** One figure of one measure. */
export interface Figure {
  /** Flat name under which `--json` writes it; the unit is in it. */
  readonly key: string;
  readonly value: number;
  /** For people. */
  readonly what: string;
  readonly unit: string;
  /** What this run says the figure is to be held against: a limit of the machine, measured in the same run. */
  readonly beside?: { readonly what: string; readonly value: number };
  readonly target?: Target;
}

/** What was aimed at, and what of the figure is compared with it. */
interface Target {
  readonly words: string;
  readonly isReached: boolean;
}

/** One of the benchmarks: what it takes and what it gives. */
export interface Measure {
  readonly name: string;
  /** One line for `--help` and the progress. */
  readonly what: string;
  run(): Promise<readonly Figure[]>;
}
