import { makeFrame, type RunLimits, type Step } from '../runFrame.ts';
import { type Column, type Row, solveExactly } from './solveExactly.ts';

/**
 * The least cost of runs, starts in it, as a mixed-integer program, and among those of that cost the fewest starts:
 * `cheapestRuns` said again in the solver's words. `undefined` where the limits leave no way.
 */
export function runsExactly(
  steps: readonly Step[],
  needWs: number,
  limits: RunLimits,
): { readonly cost: number; readonly starts: number } | undefined {
  const frame = makeFrame(steps, limits);
  const least = programOf(steps, needWs, limits, frame);
  const cheapest = solveExactly(least.columns, least.rows);
  if (cheapest === undefined) return undefined;
  const cost = Math.round(cheapest.cost + least.fixed);
  const withCost: Row = {
    lower: Number.NEGATIVE_INFINITY,
    upper: cost - least.fixed + 0.25,
    terms: least.columns.map((column, index) => [index, column.cost] as const),
  };
  const counted = least.columns.map((column, index) => ({ ...column, cost: least.isStart(index) ? 1 : 0 }));
  const fewest = solveExactly(counted, [...least.rows, withCost]);
  return { cost, starts: Math.round(fewest?.cost ?? Number.NaN) };
}

/** The least cost alone, not rounded. */
export function leastRunsCost(steps: readonly Step[], needWs: number, limits: RunLimits): number | undefined {
  const { columns, rows, fixed } = programOf(steps, needWs, limits, makeFrame(steps, limits));
  const cheapest = solveExactly(columns, rows);
  return cheapest && cheapest.cost + fixed;
}

function programOf(
  steps: readonly Step[],
  needWs: number,
  limits: RunLimits,
  frame: ReturnType<typeof makeFrame>,
) {
  const count = steps.length;
  const columns: Column[] = [];
  const rows: Row[] = [];
  const binary = (cost: number, upper = 1) => columns.push({ cost, lower: 0, upper, isWhole: true }) - 1;
  const [atLeast, atMost] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const firstStart = 0;
  const starts = steps.map((_, i) => binary(limits.perStart, (frame.onUntil[i] as number) < 0 ? 0 : 1));
  const on = steps.map(({ onCost, offCost }) => binary(onCost - offCost));
  const stops = Array.from({ length: count + 1 }, () => binary(0));
  // Over after this many steps; nothing happens and nothing is paid any more.
  const over = Array.from({ length: count + 1 }, (_, i) =>
    binary(i < count ? -(steps[i] as Step).offCost : 0),
  );
  const final = steps.map(() => binary(0));
  const energy = steps.map(
    ({ costPerWs, mostWs }) => columns.push({ cost: costPerWs, lower: 0, upper: mostWs }) - 1,
  );
  const row = (lower: number, upper: number, ...terms: (readonly [number, number])[]) =>
    rows.push({ lower, upper, terms });
  for (const [i, { leastWs, mostWs }] of steps.entries()) {
    const [onI, startI, stopI, overI, finalI, energyI] = [on, starts, stops, over, final, energy].map(
      (of) => of[i] as number,
    ) as [number, number, number, number, number, number];
    const next = i + 1;
    row(atLeast, 0, [energyI, 1], [onI, -mostWs]);
    const relaxed = [[finalI, leastWs] as const];
    if (frame.isEdgeFree) relaxed.push([startI, leastWs], [stops[next] as number, leastWs]);
    row(0, atMost, [energyI, 1], [onI, -leastWs], ...relaxed);
    row(atLeast, 0, [finalI, 1], [onI, -1]);
    row(atLeast, 0, [finalI, 1], [over[next] as number, -1]);
    row(atLeast, 1, [onI, 1], [overI, 1]);
    row(atLeast, 0, [overI, 1], [over[next] as number, -1]);
    if (i === 0 && limits.isOn) row(1, 1, [onI, 1], [startI, -1], [stopI, 1]);
    else if (i === 0 || !frame.touches[i]) {
      row(0, 0, [onI, 1], [startI, -1]);
      if (i > 0) row(0, 0, [on[i - 1] as number, 1], [stopI, -1]);
    } else row(0, 0, [onI, 1], [on[i - 1] as number, -1], [startI, -1], [stopI, 1]);
    // Without a shortest time off a run may end and the next begin at one boundary.
    if (frame.touches[i] && (frame.offUntil[i] as number) > i) row(atLeast, 1, [startI, 1], [stopI, 1]);
    for (let j = i; j < (frame.onUntil[i] as number); j += 1)
      row(0, atMost, [on[j] as number, 1], [startI, -1]);
    for (let j = i; j < (frame.offUntil[i] as number); j += 1)
      row(atLeast, 1, [starts[j] as number, 1], [stopI, 1]);
    if (i < frame.firstUntil) row(limits.isOn ? 1 : 0, limits.isOn ? 1 : 0, [onI, 1]);
  }
  if (count > 0) row(0, 0, [stops[count] as number, 1], [on[count - 1] as number, -1]);
  row(needWs, needWs, ...energy.map((index) => [index, 1] as const));
  if (limits.mostStarts < count)
    row(atLeast, limits.mostStarts, ...starts.map((index) => [index, 1] as const));
  return {
    columns,
    rows,
    fixed: steps.reduce((sum, { offCost }) => sum + offCost, 0),
    isStart: (index: number) => index >= firstStart && index < count,
  };
}
