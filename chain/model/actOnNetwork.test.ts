import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTraceWorld, type Seen, traceArbitrary } from '../testing/traceWorld.ts';

/**
 * The contracts on a real chain and the model, driven by the same random traces; after each step the same outcome, by
 * refusal's name, and the same whole state. `node chain/testing/runTraceCampaign.ts` does it for longer.
 */
let world: Awaited<ReturnType<typeof openTraceWorld>>;
beforeAll(async () => {
  world = await openTraceWorld();
});
afterAll(() => world?.stop());

test('model and contracts agree on every step of random traces', { timeout: 120_000 }, async () => {
  const seen: Seen = new Map();
  await fc.assert(
    fc.asyncProperty(traceArbitrary(150), (trace) => world.check(trace, seen)),
    { numRuns: 40, seed: 20_261_122, endOnFailure: false },
  );
  expect(seen.size).toBeGreaterThan(0);
  console.log(
    [...seen]
      .sort()
      .map(([a, b]) => `${a} ${b}`)
      .join('\n'),
  );
});
