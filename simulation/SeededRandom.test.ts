import { expect, test } from 'vitest';
import { seededRandom } from './SeededRandom.ts';

const draws = (seed: number, name?: string) => {
  const random = seededRandom(seed, name);
  return Array.from({ length: 50 }, () => random.integer(0, 1_000_000));
};

test('a seed draws the same always, another seed or name others', () => {
  expect(draws(17)).toEqual(draws(17));
  expect(draws(17)).not.toEqual(draws(18));
  expect(draws(17)).not.toEqual(draws(17, 'network'));
});

test('a part’s draws do not shift another’s', () => {
  const one = seededRandom(3);
  const other = seededRandom(3);
  one.fork('network').bytes(100);
  expect(one.integer(0, 1_000_000)).toBe(other.integer(0, 1_000_000));
});

test('bounds are included, weights of nothing are never drawn, a shuffle keeps everything', () => {
  const random = seededRandom(5);
  const numbers = Array.from({ length: 400 }, () => random.integer(2, 4));
  expect(new Set(numbers)).toEqual(new Set([2, 3, 4]));
  const names = Array.from({ length: 400 }, () => random.weigh({ often: 9, seldom: 1, never: 0 }));
  expect(new Set(names)).toEqual(new Set(['often', 'seldom']));
  expect(names.filter((name) => name === 'often').length).toBeGreaterThan(300);
  expect(random.shuffle([1, 2, 3, 4, 5, 6, 7]).toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(() => random.pick([])).toThrow(RangeError);
});
