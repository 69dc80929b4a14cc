import { assertInOrder, assertWhole } from './ChargeWish.ts';
import { type Shares, solveShares, type Taker } from './solveShares.ts';

/** Power on each of the three phases, W. */
export type PhasePower = readonly [l1: number, l2: number, l3: number];

/** A time, `to` exclusive (epoch seconds), what a kWh costs the site in it, and what all cars together may draw. */
export interface SiteSlot {
  readonly from: number;
  readonly to: number;
  readonly priceMicroPerKwh: number;
  readonly limitW: PhasePower;
}

/**
 * A car at the site, from `arrivesAt` to `leavesAt` (epoch seconds). `phases` are those of the site that its point
 * loads, evenly. Where there is not enough for all, a higher `priority` (0 to 3) goes first.
 */
export interface SiteCar {
  readonly id: string;
  readonly arrivesAt: number;
  readonly leavesAt: number;
  readonly energyWh: number;
  readonly maxPowerW: number;
  readonly phases: readonly (1 | 2 | 3)[];
  readonly priority: number;
}

/**
 * Who gets what the fuse cannot give to all of one priority: `first-come`, who came first; `equal`, everyone as
 * much; `proportional`, everyone the same part of the wish. The last two in eighths.
 */
export type Fairness = 'first-come' | 'equal' | 'proportional';

/** A car's part of a site's plan: the energy of each slot from the site's slot number `first` on, in whole Wh. */
export interface CarPlan {
  readonly id: string;
  readonly first: number;
  readonly energyWh: readonly number[];
  readonly unmetWh: number;
}

/**
 * A plan for all cars of a site. `costMicro` is what the energy costs. `gapPerMillion` is how far at most the plan is
 * above the best possible (cost and what cars go without, weighed as asked), as the solver's bound proves.
 */
export interface SitePlan {
  readonly cars: readonly CarPlan[];
  readonly costMicro: number;
  readonly unmetWh: number;
  readonly gapPerMillion: number;
}

const HOUR_S = 3_600;
/** Rows are in Wh times six, so that a half and a third of a car's energy are whole. */
const PARTS = 6;
const BANDS = 8;
/** By so much the solver may stay below a whole Wh. */
const SHY_WH = 0.02;

/**
 * Plans all cars of a site behind one fuse: as much of the wished energy as the fuse and the times allow, by
 * priority and fairness; that at least cost; on no phase more than its limit in any slot. Cars that come or go
 * are planned by calling it again. Deterministic: the same input gives the same plan. Throws RangeError on input
 * that makes no sense.
 */
export function planSite(slots: readonly SiteSlot[], cars: readonly SiteCar[], fairness: Fairness): SitePlan {
  assertSite(slots, cars);
  const program = siteProgram(slots, cars, fairness);
  const solved = solveShares(program.takers, program.shares);
  const plans = wholePlans(cars, program.takers, solved.taken, slots);
  const costMicro = Math.round(
    plans.reduce(
      (sum, { first, energyWh }) =>
        energyWh.reduce((at, wh, index) => at + wh * slots[first + index]!.priceMicroPerKwh, sum),
      0,
    ) / 1_000,
  );
  const objective = plans.reduce(
    (sum, { unmetWh }, index) => sum + withoutCost(program.takers[index]!, unmetWh),
    costMicro * 1_000,
  );
  const gap = (objective - solved.bound) / Math.max(1, Math.abs(objective));
  return {
    cars: plans,
    costMicro,
    unmetWh: plans.reduce((sum, { unmetWh }) => sum + unmetWh, 0),
    gapPerMillion: Math.max(0, Math.round(gap * 1_000_000)),
  };
}

/** The linear program of a site, in Wh; costs in micro-units per kWh. */
export function siteProgram(
  slots: readonly SiteSlot[],
  cars: readonly SiteCar[],
  fairness: Fairness,
): { readonly takers: readonly Taker[]; readonly shares: Shares } {
  const kinds = [...new Set(cars.map(({ phases }) => kindOf(phases)))].sort();
  const costs = slots.map(({ priceMicroPerKwh }) => priceMicroPerKwh);
  const spread = costs.reduce((most, cost) => Math.max(most, Math.abs(cost)), 1_000);
  const greatestWh = cars.reduce((most, { energyWh }) => Math.max(most, energyWh), 1);
  const byArrival = cars
    .map((_, index) => index)
    .sort((a, b) => cars[a]!.arrivesAt - cars[b]!.arrivesAt || a - b);
  const rank = new Map(byArrival.map((index, place) => [index, place]));
  const takers = cars.map((car, index): Taker => {
    const first = slots.findIndex(({ to }) => to > car.arrivesAt);
    const here = first < 0 ? [] : slots.slice(first).filter(({ from }) => from < car.leavesAt);
    const late = (rank.get(index) ?? 0) / cars.length;
    return {
      demand: car.energyWh,
      kind: kinds.indexOf(kindOf(car.phases)),
      first: Math.max(0, first),
      most: here.map(({ from, to }) => {
        const seconds = Math.min(to, car.leavesAt) - Math.max(from, car.arrivesAt);
        return Math.floor((Math.max(0, seconds) * car.maxPowerW) / HOUR_S);
      }),
      without: bandsOf(car, fairness, late, greatestWh, 200 * spread * 4 ** car.priority),
    };
  });
  const weights = kinds.map((kind) => PARTS / kind.length);
  const { capacities, rows } = rowsOf(slots, kinds, takers, weights);
  return { takers, shares: { costs, capacities, rows, weights } };
}

/** Only capacities that can bind; of several that always carry the same load the least. */
function rowsOf(
  slots: readonly SiteSlot[],
  kinds: readonly string[],
  takers: readonly Taker[],
  weights: readonly number[],
): { readonly capacities: readonly number[]; readonly rows: readonly (readonly (readonly number[])[])[] } {
  const most = kinds.map(() => new Float64Array(slots.length));
  for (const taker of takers)
    for (const [index, wh] of taker.most.entries())
      most[taker.kind]![taker.first + index]! += wh * weights[taker.kind]!;
  const capacities: number[] = [];
  const rows = kinds.map(() => slots.map((): number[] => []));
  for (const [time, { from, to, limitW }] of slots.entries()) {
    const byLoad = new Map<string, number>();
    for (const phase of [0, 1, 2]) {
      const loading = kinds.flatMap((kind, index) => (kind.includes(`${phase + 1}`) ? [index] : []));
      const capacity = Math.floor(((to - from) * limitW[phase]! * PARTS) / HOUR_S);
      const load = loading.filter((kind) => most[kind]![time]! > 0).join();
      const highest = loading.reduce((sum, kind) => sum + most[kind]![time]!, 0);
      if (highest > capacity) byLoad.set(load, Math.min(capacity, byLoad.get(load) ?? capacity));
    }
    for (const [load, capacity] of byLoad) {
      for (const kind of load.split(',')) rows[Number(kind)]![time]!.push(capacities.length);
      capacities.push(capacity);
    }
  }
  return { capacities, rows };
}

function kindOf(phases: readonly number[]): string {
  return [...phases].sort().join('');
}

/** What each part of a car's wish is worth: the parts that fairness gives up first cost least to go without. */
function bandsOf(
  { energyWh }: SiteCar,
  fairness: Fairness,
  late: number,
  greatestWh: number,
  worth: number,
): Taker['without'] {
  if (fairness === 'first-come') return [{ most: energyWh, cost: worth * (2 - late) }];
  const bandWh = Math.max(1, Math.ceil((fairness === 'equal' ? greatestWh : energyWh) / BANDS));
  const bands: { most: number; cost: number }[] = [];
  // From the top: the last band of energy received is given up first.
  for (let band = BANDS - 1; band >= 0; band -= 1) {
    const most = Math.min(energyWh, (band + 1) * bandWh) - Math.min(energyWh, band * bandWh);
    if (most > 0 || band === 0) bands.push({ most, cost: worth * (1 + (BANDS - band) / BANDS) });
  }
  return bands;
}

function withoutCost({ without }: Taker, unmetWh: number): number {
  let left = unmetWh;
  return without.reduce((sum, { most, cost }) => {
    const here = Math.min(left, most);
    left -= here;
    return sum + here * cost;
  }, 0);
}

/** Whole Wh of what the solver gave: all rounded down first, and then what that leaves filled in where there is room. */
function wholePlans(
  cars: readonly SiteCar[],
  takers: readonly Taker[],
  taken: readonly Float64Array[],
  slots: readonly SiteSlot[],
): readonly CarPlan[] {
  const roomWh = slots.map(({ from, to, limitW }) => limitW.map((powerW) => ((to - from) * powerW) / HOUR_S));
  const take = (time: number, phases: readonly number[], mostWh: number): number => {
    const room = roomWh[time]!;
    const least = Math.min(...phases.map((phase) => room[phase - 1]!));
    const wh = Math.max(0, Math.min(mostWh, Math.floor(least * phases.length + 1e-9)));
    for (const phase of phases) room[phase - 1] = room[phase - 1]! - wh / phases.length;
    return wh;
  };
  const left = cars.map(({ energyWh }) => energyWh);
  const takeFor = (n: number, index: number, mostWh: number): number => {
    const { first } = takers[n]!;
    const wh = take(first + index, cars[n]!.phases, Math.min(left[n]!, mostWh));
    left[n] = left[n]! - wh;
    return wh;
  };
  const whole = takers.map(({ most }, n) =>
    Array.from(taken[n]!, (wh, index) => takeFor(n, index, Math.min(most[index]!, Math.floor(wh + SHY_WH)))),
  );
  return cars.map(({ id }, n) => {
    const { first, most } = takers[n]!;
    const mine = whole[n]!;
    const cheapest = left[n]! > 0 ? mine.map((_, index) => index) : [];
    cheapest.sort((a, b) => slots[first + a]!.priceMicroPerKwh - slots[first + b]!.priceMicroPerKwh);
    for (const index of cheapest) mine[index] = mine[index]! + takeFor(n, index, most[index]! - mine[index]!);
    return { id, first, energyWh: mine, unmetWh: left[n]! };
  });
}

function assertSite(slots: readonly SiteSlot[], cars: readonly SiteCar[]): void {
  assertInOrder('slot', slots);
  for (const { limitW, priceMicroPerKwh } of slots) {
    for (const powerW of limitW) assertWhole('slot.limitW', powerW, 0, 1_000_000_000);
    assertWhole('slot.priceMicroPerKwh', priceMicroPerKwh, -1_000_000_000, 1_000_000_000);
  }
  for (const { arrivesAt, leavesAt, energyWh, maxPowerW, phases, priority } of cars) {
    assertWhole('car.arrivesAt', arrivesAt, 0, 253_402_300_799);
    assertWhole('car.leavesAt', leavesAt, arrivesAt, 253_402_300_799);
    assertWhole('car.energyWh', energyWh, 0, 10_000_000);
    assertWhole('car.maxPowerW', maxPowerW, 0, 10_000_000);
    assertWhole('car.priority', priority, 0, 3);
    assertWhole('car.phases.length', new Set(phases).size, Math.max(1, phases.length), 3);
  }
}
