import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HousePool, openHousePool } from './HousePool.ts';
import { runSeed } from './runSeed.ts';
import { printResult } from './simulate.ts';

/** How many worlds; `SEEDS=10 npx vitest run simulation` for a short look. */
const seeds = Number(process.env.SEEDS ?? 100);
const timeoutMs = 300_000;

let houses: HousePool;
beforeAll(async () => {
  houses = await openHousePool(2);
});
afterAll(() => houses.close());

test(
  'the same seed gives the same world, step by step, in whatever house; another seed another',
  async () => {
    const [once, again, other] = await Promise.all(
      [7, 7, 8].map((seed) => houses.use((house) => runSeed(house, seed))),
    );
    expect(again?.trace).toEqual(once?.trace);
    expect(again?.traceHash).toBe(once?.traceHash);
    expect(other?.traceHash).not.toBe(once?.traceHash);
  },
  timeoutMs,
);

describe.concurrent('every promise is kept at every step', () => {
  for (let seed = 1; seed <= seeds; seed += 1)
    test(
      `seed ${seed}`,
      async () => {
        const began = performance.now();
        const result = await houses.use((house) => runSeed(house, seed));
        if (result.breaches.length > 0)
          throw new Error(`${result.trace.join('\n')}\n${printResult(result, performance.now() - began)}`);
      },
      timeoutMs,
    );
});
