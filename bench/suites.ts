import { clearingMeasures } from './clearingMeasures.ts';
import { measures } from './measures.ts';
import type { Suite } from './Suite.ts';

/** All suites by the name that `bench/run.ts` takes first; `house` where none is named. */
export const suites: Readonly<Record<string, Suite>> = {
  house: {
    command: 'npm run bench',
    what: 'Measures what matters, each figure beside the limit that this machine sets in the same run.',
    duration: 'two minutes',
    measures,
  },
  clearing: {
    command: 'npm run bench:clearing',
    what: 'Measures what clearing costs, beside what the same charges would cost one by one on the same chain.',
    duration: 'five minutes',
    measures: clearingMeasures,
  },
};
