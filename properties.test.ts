import fc from 'fast-check';
import { expect, test } from 'vitest';

const draw = () => fc.sample(fc.nat(), 20);

test('properties draw the same cases in every run', () => {
  const seed = fc.readConfigureGlobal().seed;
  expect(seed).toBe(Number(process.env.PROPERTY_SEED ?? 20_160_301));
  expect(draw()).toEqual(draw());
});
