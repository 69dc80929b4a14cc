import { plan } from '../ChargePlan.ts';
import type { ChargeWish } from '../ChargeWish.ts';
import { START_MICRO } from '../sessionWish.ts';
import { evccRule, startsOf } from '../study/evccRule.ts';
import { leastRunsCost } from '../testing/runsExactly.ts';
import { solveExactly } from '../testing/solveExactly.ts';
import { drawing, quarterPrices } from './garage.ts';

/** Plans of one car: mean time of one, and mean cost and starts, ours and the others' on the same wishes. */
export interface PlanFigures {
  readonly ms: number;
  readonly highsMs: number;
  readonly evccMs: number;
  readonly costMicro: number;
  readonly highsCostMicro: number;
  readonly evccCostMicro: number;
  readonly starts: number;
  readonly evccStarts: number;
}

const QUARTER_S = 900;
const POWER_W = 11_040;

/** Wishes over so many quarter-hours: 10 to 50 kWh a day at 11 kW. */
function wishesOf(quarters: number, count: number): readonly ChargeWish[] {
  return Array.from({ length: count }, (_, index): ChargeWish => {
    const draw = drawing(index + 1);
    const prices = quarterPrices(quarters, index + 1);
    return {
      now: 0,
      readyBy: quarters * QUARTER_S,
      energyWh: Math.round(((10_000 + draw(40_000)) * quarters) / 96),
      maxPowerW: POWER_W,
      minPowerW: 4_140,
      slots: prices.map((priceMicroPerKwh, quarter) => ({
        from: quarter * QUARTER_S,
        to: (quarter + 1) * QUARTER_S,
        priceMicroPerKwh,
      })),
      mode: 'cheapest',
    };
  });
}

/** Measures plans over a horizon for about `durationMs`; `nowMs` is a steady clock. */
export function measurePlans(quarters: number, nowMs: () => number, durationMs: number): PlanFigures {
  const wishes = wishesOf(quarters, 20);
  const timed = (run: (wish: ChargeWish) => void): number => {
    for (const wish of wishes) run(wish);
    const began = nowMs();
    let [rounds, elapsed] = [0, 0];
    while (elapsed < durationMs) {
      for (const wish of wishes) run(wish);
      rounds += wishes.length;
      elapsed = nowMs() - began;
    }
    return elapsed / rounds;
  };
  const mean = (of: (wish: ChargeWish) => number) =>
    wishes.reduce((sum, wish) => sum + of(wish), 0) / wishes.length;
  const ruled = ({ slots, energyWh }: ChargeWish) => evccRule(slots, (energyWh * 3_600) / POWER_W);
  return {
    ms: timed(plan),
    highsMs: timed(exactCost),
    evccMs: timed(ruled),
    costMicro: mean((wish) => plan(wish).expectedCostMicro),
    highsCostMicro: mean(exactCost),
    evccCostMicro: mean((wish) =>
      ruled(wish).reduce(
        (sum, { from, to, priceMicroPerKwh }) => sum + ((to - from) * POWER_W * priceMicroPerKwh) / 3_600_000,
        0,
      ),
    ),
    starts: mean((wish) => startsOf(plan(wish).slots)),
    evccStarts: mean((wish) => startsOf(ruled(wish))),
  };
}

/** Plans of one car over a day in which starts or the stay count: mean, median and longest time of one, and starts. */
export interface SpecialFigures {
  readonly key: string;
  readonly what: string;
  readonly ms: number;
  readonly medianMs: number;
  readonly mostMs: number;
  readonly starts: number;
  /** What HiGHS takes for the same as a mixed-integer program, mean of some; left out where it was not asked. */
  readonly highsMs?: number;
}

const DAY_S = 96 * QUARTER_S;
const STAY = [{ from: 0, to: DAY_S, microPerHour: 300_000, chargingMicroPerHour: 0 }];
const SPECIAL: readonly {
  readonly key: string;
  readonly what: string;
  readonly change: Partial<ChargeWish>;
}[] = [
  {
    key: 'start_price',
    what: 'half a cent a start, as at a station',
    change: { starts: { perStart: START_MICRO } },
  },
  {
    key: 'parking',
    what: 'parking at 0.30 an hour, no departure',
    change: { stay: STAY, minPowerW: POWER_W, starts: { perStart: START_MICRO } },
  },
  {
    key: 'parking_amount',
    what: 'the same up to 4.00',
    change: { stay: STAY, minPowerW: POWER_W, starts: { perStart: START_MICRO }, maxAmountMicro: 4_000_000 },
  },
  { key: 'one_start', what: 'one start', change: { starts: { mostStarts: 1 } } },
  {
    key: 'limited',
    what: '2 starts, 30 min on, 15 min off',
    change: { starts: { mostStarts: 2, minOnS: 1_800, minOffS: 900 } },
  },
];

/** Measures each special plan on the same wishes, the best of five times each, after three rounds to warm up. */
export function measureSpecialPlans(nowMs: () => number): readonly SpecialFigures[] {
  return SPECIAL.map(({ key, what, change }) => {
    const wishes = wishesOf(96, 20).map((wish) => ({ ...wish, ...change }));
    for (let round = 0; round < 3; round += 1) for (const wish of wishes) plan(wish);
    const times = Float64Array.from(wishes, (wish) => {
      let best = Number.POSITIVE_INFINITY;
      for (let turn = 0; turn < 5; turn += 1) {
        const began = nowMs();
        plan(wish);
        best = Math.min(best, nowMs() - began);
      }
      return best;
    }).sort();
    const starts = wishes.reduce((sum, wish) => sum + startsOf(plan(wish).slots), 0) / wishes.length;
    const isAsked = change.maxAmountMicro === undefined;
    return {
      key,
      what,
      ms: times.reduce((sum, ms) => sum + ms, 0) / times.length,
      medianMs: times[times.length / 2] as number,
      mostMs: times.at(-1) as number,
      starts,
      ...(isAsked && { highsMs: exactRunsMs(wishes.slice(0, 2), nowMs) }),
    };
  });
}

/** How long HiGHS takes for the runs of wishes, mean of one. */
function exactRunsMs(wishes: readonly ChargeWish[], nowMs: () => number): number {
  const began = nowMs();
  for (const { slots, energyWh, maxPowerW, minPowerW, starts = {}, stay } of wishes) {
    const steps = slots.map(({ from, to, priceMicroPerKwh }) => ({
      from,
      to,
      costPerWs: priceMicroPerKwh / 3_600_000,
      leastWs: (to - from) * minPowerW,
      mostWs: (to - from) * maxPowerW,
      onCost: 0,
      offCost: stay === undefined ? 0 : ((to - from) * 300_000) / 3_600,
    }));
    const { mostStarts = Number.POSITIVE_INFINITY, perStart = 0, minOnS = 0, minOffS = 0 } = starts;
    const limits = { mostStarts, perStart, minOnS, minOffS, isOn: false, since: 0 };
    leastRunsCost(steps, energyWh * 3_600, limits);
  }
  return (nowMs() - began) / wishes.length;
}

function exactCost({ slots, energyWh, maxPowerW }: ChargeWish): number {
  const columns = slots.map(({ from, to, priceMicroPerKwh }) => ({
    cost: priceMicroPerKwh / 3_600_000,
    lower: 0,
    upper: (to - from) * maxPowerW,
  }));
  const needWs = energyWh * 3_600;
  const terms = columns.map((_, index) => [index, 1] as const);
  return solveExactly(columns, [{ lower: needWs, upper: needWs, terms }])?.cost ?? Number.NaN;
}
