import { expect, test } from 'vitest';
import { assumePowers } from './assumePowers.ts';

const HOUR = 3_600;
const session = (user: string, energyWh: number, seconds: number) => ({
  id: '1',
  garage: 'G',
  user,
  arrivedAt: 0,
  leftAt: seconds,
  energyWh,
});

test('the least charger that gives the highest average power seen', () => {
  const powers = assumePowers([
    session('slow', 3_600, HOUR),
    session('slow', 10_000, 20 * HOUR),
    session('rounded', 7_760, HOUR),
    session('three phases', 10_500, HOUR),
    session('van', 40_000, HOUR),
  ]);
  expect(Object.fromEntries(powers)).toEqual({
    slow: 3_600,
    rounded: 7_200,
    'three phases': 11_000,
    van: 40_000,
  });
});

test('short sessions tell nothing', () => {
  expect(assumePowers([session('short', 5_000, 60)]).get('short')).toBe(3_600);
});
