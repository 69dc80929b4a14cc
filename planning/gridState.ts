import type { AvoidSlot, PowerLimit } from './ChargeWish.ts';

/** The state of a grid in a time, `to` exclusive (epoch seconds); `limitW` is the most that one point may draw then. */
export interface GridSlot {
  readonly from: number;
  readonly to: number;
  readonly state: 'green' | 'yellow' | 'red';
  readonly limitW?: number;
}

/**
 * What a kWh in a yellow or red time counts besides its price, micro-units: yellow as 5 cents, so that a plan leaves it
 * for a little money; red as a whole unit of the currency, more than prices of a day differ, so that only the deadline
 * leads there.
 */
export const YELLOW_MICRO = 50_000;
export const RED_MICRO = 1_000_000;
/** The same where grams of CO2 are minimised: more than clean and dirty hours differ is red. */
export const YELLOW_GRAMS = 50;
export const RED_GRAMS = 5_000;

/** What to avoid in the states of a grid, in the unit that a plan minimises: micro-units, or grams. */
export function gridAvoid(grid: readonly GridSlot[], unit: 'micro' | 'grams'): readonly AvoidSlot[] {
  const [yellow, red] = unit === 'micro' ? [YELLOW_MICRO, RED_MICRO] : [YELLOW_GRAMS, RED_GRAMS];
  return grid.flatMap(({ from, to, state }) =>
    state === 'green' ? [] : [{ from, to, perKwh: state === 'red' ? red : yellow }],
  );
}

/** The limits that a grid sets, as a plan takes them. */
export function gridLimits(grid: readonly GridSlot[]): readonly PowerLimit[] {
  return grid.flatMap(({ from, to, limitW }) =>
    limitW === undefined ? [] : [{ from, to, maxPowerW: limitW }],
  );
}

/** What holds in the grid at an instant; nothing is said: undefined. */
export function gridAt(grid: readonly GridSlot[], at: number): GridSlot | undefined {
  return grid.find(({ from, to }) => from <= at && at < to);
}
