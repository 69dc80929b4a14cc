import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type House, openHouse } from './House.ts';
import { runSeed } from './runSeed.ts';
import { printResult } from './simulate.ts';

/** How many worlds; `SEEDS=10 npx vitest run simulation` for a short look. */
const seeds = Number(process.env.SEEDS ?? 100);

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

test('the same seed gives the same world, step by step; another seed another', async () => {
  const [once, again, other] = [await runSeed(house, 7), await runSeed(house, 7), await runSeed(house, 8)];
  expect(again.trace).toEqual(once.trace);
  expect(again.traceHash).toBe(once.traceHash);
  expect(other.traceHash).not.toBe(once.traceHash);
});

describe('every promise is kept at every step', () => {
  for (let seed = 1; seed <= seeds; seed += 1)
    test(`seed ${seed}`, async () => {
      const began = performance.now();
      const result = await runSeed(house, seed);
      if (result.breaches.length > 0)
        expect.fail(`${result.trace.join('\n')}\n${printResult(result, performance.now() - began)}`);
    });
});
