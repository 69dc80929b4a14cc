import type { Measure } from './Measure.ts';

/** Measures that belong together: one command, one table. */
export interface Suite {
  /** How people call it, e.g. `npm run bench`. */
  readonly command: string;
  /** One sentence for `--help`. */
  readonly what: string;
  /** How long all of it takes, in words. */
  readonly duration: string;
  /** In the order in which they run. */
  readonly measures: readonly Measure[];
}
