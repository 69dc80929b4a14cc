import type { Shares, Taker } from '../solveShares.ts';
import { type Column, type Exact, type Row, solveExactly } from './solveExactly.ts';

/** The least cost of a site's linear program, by the exact solver. */
export function siteExactly(takers: readonly Taker[], { costs, capacities, rows, weights }: Shares): Exact {
  const columns: Column[] = [];
  const shared = capacities.map((): [number, number][] => []);
  const own: Row[] = takers.map(({ demand, kind, first, most, without }) => {
    const terms: [number, number][] = [];
    const add = (cost: number, upper: number) => {
      terms.push([columns.length, 1]);
      columns.push({ cost, lower: 0, upper });
    };
    for (const [index, upper] of most.entries()) {
      for (const row of rows[kind]?.[first + index] ?? [])
        shared[row]?.push([columns.length, weights[kind] as number]);
      add(costs[first + index] as number, upper);
    }
    for (const band of without) add(band.cost, band.most);
    return { lower: demand, upper: demand, terms };
  });
  const behind = shared.map(
    (terms, row): Row => ({ lower: Number.NEGATIVE_INFINITY, upper: capacities[row] as number, terms }),
  );
  // The solver dislikes costs of nine digits.
  const scale = columns.reduce((most, { cost }) => Math.max(most, Math.abs(cost)), 1) / 1_000;
  const scaled = columns.map((column) => ({ ...column, cost: column.cost / scale }));
  const exact = solveExactly(scaled, [...own, ...behind]);
  if (exact === undefined) throw new Error('going without is always possible');
  return { ...exact, cost: exact.cost * scale };
}
