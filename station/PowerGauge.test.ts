import { expect, test } from 'vitest';
import { powerGauge } from './PowerGauge.ts';

test('tells the mean power of the last 15 seconds out of whole Wh, either way', () => {
  const gauge = powerGauge();
  expect(gauge.powerW()).toBe(0);
  gauge.note(0, 1_000);
  expect(gauge.powerW()).toBe(0);
  for (let second = 1; second <= 60; second += 1) gauge.note(second * 1_000, 1_000 + second * 3);
  expect(gauge.powerW()).toBe(10_800);
  for (let second = 61; second <= 80; second += 1) gauge.note(second * 1_000, 1_180 - (second - 60) * 2);
  expect(gauge.powerW()).toBe(-7_200);
});

test('tells how far apart the last looks were, and forgets all when reset', () => {
  const gauge = powerGauge();
  gauge.note(1_000, 5);
  expect(gauge.lastStepMs()).toBe(0);
  gauge.note(1_250, 6);
  expect(gauge.lastStepMs()).toBe(250);
  gauge.reset();
  expect([gauge.powerW(), gauge.lastStepMs()]).toEqual([0, 0]);
});
