import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assumeCapacities, BATTERY_ASSUMPTIONS, batteryOf } from './Battery.ts';
import { charge } from './testing/arbitraries.ts';

const session = (user: string, energyWh: number) => ({
  id: user,
  garage: 'G',
  user,
  arrivedAt: 0,
  leftAt: 100_000,
  energyWh,
});

test('levels are in order, and the charge fits', () => {
  fc.assert(
    fc.property(charge, fc.constantFrom(...BATTERY_ASSUMPTIONS.capacitiesWh, 100_000), (one, capacityWh) => {
      fc.pre((one.needWs * 0.93) / 3_600 <= capacityWh);
      const { levelWh, targetWh, reserveWh } = batteryOf(one, capacityWh);
      expect(0 <= reserveWh && reserveWh <= levelWh && levelWh <= targetWh && targetWh <= capacityWh).toBe(
        true,
      );
      expect(targetWh - levelWh).toBe(Math.floor((one.needWs * 930) / 3_600_000));
    }),
  );
});

test('the same seed gives a user the same battery, whoever else is there, and another seed others', () => {
  const users = Array.from({ length: 40 }, (_, index) => session(`U${index}`, 10_000));
  const drawn = assumeCapacities(users, 7);
  expect(assumeCapacities(users.slice(20), 7).get('U30')).toBe(drawn.get('U30'));
  expect([...assumeCapacities(users, 8).values()]).not.toEqual([...drawn.values()]);
  expect(new Set(drawn.values())).toEqual(new Set(BATTERY_ASSUMPTIONS.capacitiesWh));
});

test('a session that fits no drawn battery has a larger one', () => {
  expect(assumeCapacities([session('big', 80_000)], 1).get('big')).toBe(100_000);
  expect(assumeCapacities([session('lorry', 900_000)], 1).get('lorry')).toBe(1_800_000);
});
