/**
 * Drives the contracts on a real chain and the model by random traces for as long as it is told, and stops at the first
 * difference with the shortest trace that shows it.
 *
 *   node chain/testing/runTraceCampaign.ts --runs 500 --length 200 --seed 1 [--no-shrink]
 */
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { openTraceWorld, type Seen, traceArbitrary } from './traceWorld.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '200' },
    length: { type: 'string', default: '200' },
    seed: { type: 'string' },
    'no-shrink': { type: 'boolean', default: false },
  },
});
const seen: Seen = new Map();
const startedAt = performance.now();
const world = await openTraceWorld();
try {
  await fc.assert(
    fc.asyncProperty(traceArbitrary(Number(values.length)), (trace) => world.check(trace, seen)),
    {
      numRuns: Number(values.runs),
      ...(values.seed === undefined ? {} : { seed: Number(values.seed) }),
      endOnFailure: values['no-shrink'],
    },
  );
} finally {
  await world.stop();
}
for (const [outcome, times] of [...seen].sort()) console.log(`${String(times).padStart(7)}  ${outcome}`);
const steps = [...seen.values()].reduce((sum, times) => sum + times, 0);
const seconds = Math.round((performance.now() - startedAt) / 1000);
console.log(`${steps} steps in ${values.runs} traces, ${seconds} s: model and contracts agree`);
