import { hash } from 'node:crypto';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** All the chance there is in a world: the same seed and name draw the same, in the same order. */
export interface SeededRandom {
  /** A whole number from `least` to `most`, both included. */
  integer(least: number, most: number): number;
  /** True in `percent` of a hundred cases. */
  chance(percent: number): boolean;
  /** One of the list, which is not empty. */
  pick<Item>(list: readonly Item[]): Item;
  /** One of the names, each as likely as its weight says. */
  weigh<Name extends string>(weights: Readonly<Record<Name, number>>): Name;
  bytes(length: number): Uint8Array;
  /** The list in another order. */
  shuffle<Item>(list: readonly Item[]): Item[];
  /** Chance of its own for a part of the world, so that one part's draws do not shift another's. */
  fork(name: string): SeededRandom;
}

/** Chance that follows from a seed and a name. */
export function seededRandom(seed: number, name = 'world'): SeededRandom {
  const generator = xoroshiro128plus(hash('sha256', `${seed} ${name}`, 'buffer').readInt32BE(0));
  const integer = (least: number, most: number) => uniformInt(generator, least, most);
  return {
    integer,
    chance: (percent) => integer(1, 100) <= percent,
    pick: (list) => {
      if (list.length === 0) throw new RangeError('nothing to pick from');
      return list[integer(0, list.length - 1)] as (typeof list)[number];
    },
    weigh(weights) {
      const entries = Object.entries(weights) as [keyof typeof weights, number][];
      let left = integer(
        1,
        entries.reduce((sum, [, weight]) => sum + weight, 0),
      );
      for (const [found, weight] of entries) {
        left -= weight;
        if (left <= 0) return found;
      }
      throw new RangeError('no weights');
    },
    bytes: (length) => Uint8Array.from({ length }, () => integer(0, 255)),
    shuffle(list) {
      const shuffled = [...list];
      for (let at = shuffled.length - 1; at > 0; at -= 1) {
        const other = integer(0, at);
        [shuffled[at], shuffled[other]] = [shuffled[other], shuffled[at]] as [never, never];
      }
      return shuffled;
    },
    fork: (part) => seededRandom(seed, `${name}/${part}`),
  };
}
