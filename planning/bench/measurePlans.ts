import { plan } from '../ChargePlan.ts';
import type { ChargeWish } from '../ChargeWish.ts';
import { evccRule, startsOf } from '../study/evccRule.ts';
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

/** The same with at most two starts, half an hour on and a quarter off at least: mean time of one. */
export function measureLimitedPlans(nowMs: () => number): {
  readonly ms: number;
  readonly costMicro: number;
} {
  const wishes = wishesOf(96, 20).map((wish) => ({
    ...wish,
    starts: { mostStarts: 2, minOnS: 1_800, minOffS: 900 },
  }));
  for (const wish of wishes) plan(wish);
  const began = nowMs();
  const costMicro = wishes.reduce((sum, wish) => sum + plan(wish).expectedCostMicro, 0) / wishes.length;
  return { ms: (nowMs() - began) / wishes.length, costMicro };
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
