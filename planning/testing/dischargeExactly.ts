import { type DischargeWish, exchangeSteps, levelBounds } from '../DischargePlan.ts';
import { type Column, type Row, solveExactly } from './solveExactly.ts';

/**
 * The least cost of a discharge plan, as a mixed-integer program: in each step the car either charges or gives
 * back. In micro-units, not rounded.
 */
export function dischargeExactly(wish: DischargeWish): number | undefined {
  const steps = exchangeSteps(wish);
  const { leastWs, capacity } = levelBounds(wish, steps);
  const unit = 1_000 * wish.chargePerMille * 3_600_000;
  const columns: Column[] = steps.flatMap(({ inCost, outEarn, inWs, outWs }): Column[] => [
    { cost: inCost / unit, lower: 0, upper: inWs },
    { cost: -outEarn / unit, lower: 0, upper: outWs },
    { cost: 0, lower: 0, upper: 1, isWhole: true },
  ]);
  const rows: Row[] = [];
  const level: [number, number][] = [];
  for (const [index, { inWs, outWs }] of steps.entries()) {
    const column = 3 * index;
    level.push([column, 1], [column + 1, -1]);
    const start = wish.levelWh * 3_600;
    rows.push({ lower: (leastWs[index] as number) - start, upper: capacity - start, terms: [...level] });
    rows.push({
      lower: Number.NEGATIVE_INFINITY,
      upper: 0,
      terms: [
        [column, 1],
        [column + 2, -inWs],
      ],
    });
    rows.push({
      lower: Number.NEGATIVE_INFINITY,
      upper: outWs,
      terms: [
        [column + 1, 1],
        [column + 2, outWs],
      ],
    });
  }
  if (wish.mostDrawnWh !== undefined)
    rows.push({
      lower: Number.NEGATIVE_INFINITY,
      // What was drawn is told in whole Wh.
      upper: ((wish.mostDrawnWh + 0.5) * 3_600 * wish.chargePerMille) / 1_000,
      terms: steps.map((_, index) => [3 * index, 1] as const),
    });
  if (steps.length === 0) return 0;
  return solveExactly(columns, rows)?.cost;
}
