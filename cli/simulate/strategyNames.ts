import type { Strategy } from '@p2p-power/planning/study/runStudy';
import type { Colour } from './charts/svg.ts';

/** How a strategy is called, coloured and explained. */
export interface StrategyName {
  readonly name: string;
  readonly colour: Colour;
  readonly isBound: boolean;
  readonly means: string;
}

export const strategyNames: Readonly<Record<Strategy, StrategyName>> = {
  at_once: {
    name: 'At once',
    colour: 'at-once',
    isBound: false,
    means: 'full power from the moment of plugging in',
  },
  evcc: {
    name: 'evcc’s rule',
    colour: 'evcc',
    isBound: false,
    means: 'cheapest known slots by stable sort, decided anew every quarter-hour',
  },
  ours: {
    name: 'Our plan',
    colour: 'ours',
    isBound: false,
    means: 'exact plan with known prices, expected ones beyond them, planned again every quarter-hour',
  },
  ours_grid: {
    name: 'Our plan, grid spared',
    colour: 'grid',
    isBound: false,
    means: 'the same, and red and yellow hours of the grid left out where the departure allows',
  },
  ours_fuse: {
    name: 'Our plan, one limit',
    colour: 'fuse',
    isBound: false,
    means: 'all cars planned together, never above the highest quarter-hour of charging at once',
  },
  ours_discharge: {
    name: 'Our plan, giving back',
    colour: 'giving',
    isBound: false,
    means: 'cars also give back, at known prices only; the battery’s wear is in the cost',
  },
  clairvoyant: {
    name: 'Perfect foresight',
    colour: 'ours',
    isBound: true,
    means: 'the optimum with all prices until departure known: a bound, not a way to charge',
  },
  clairvoyant_discharge: {
    name: 'Foresight, giving back',
    colour: 'giving',
    isBound: true,
    means: 'the same with giving back',
  },
};
