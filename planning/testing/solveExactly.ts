import loadHighs, { type VariableType } from 'highs';

/** A variable of a program: what one unit costs, and its bounds. */
export interface Column {
  readonly cost: number;
  readonly lower: number;
  readonly upper: number;
  readonly isWhole?: boolean;
}

/** A constraint: `lower` ≤ Σ coefficient × column ≤ `upper`. */
export interface Row {
  readonly lower: number;
  readonly upper: number;
  readonly terms: readonly (readonly [column: number, coefficient: number])[];
}

/** What the solver found; `undefined` where nothing meets the constraints. */
export interface Exact {
  readonly cost: number;
  readonly values: Float64Array;
}

/** The package's types describe its CommonJS face; Node gives the function itself. */
const highs = await (loadHighs as unknown as typeof loadHighs.default)();

/**
 * Minimises a linear or mixed-integer program with HiGHS, to its end (no gap allowed). Throws where the
 * solver comes to no end.
 */
export function solveExactly(columns: readonly Column[], rows: readonly Row[]): Exact | undefined {
  if (columns.length === 0) return { cost: 0, values: new Float64Array() };
  const { continuous, integer } = highs.constants.variableType;
  const bound = (value: number) =>
    value === Number.POSITIVE_INFINITY
      ? highs.infinity
      : value === Number.NEGATIVE_INFINITY
        ? -highs.infinity
        : value;
  const starts = new Int32Array(rows.length + 1);
  for (const [index, { terms }] of rows.entries())
    starts[index + 1] = (starts[index] as number) + terms.length;
  const isMixed = columns.some(({ isWhole }) => isWhole);
  const model = highs.createModel({
    numCols: columns.length,
    numRows: rows.length,
    colCost: Float64Array.from(columns, ({ cost }) => cost),
    colLower: Float64Array.from(columns, ({ lower }) => bound(lower)),
    colUpper: Float64Array.from(columns, ({ upper }) => bound(upper)),
    rowLower: Float64Array.from(rows, ({ lower }) => bound(lower)),
    rowUpper: Float64Array.from(rows, ({ upper }) => bound(upper)),
    matrix: {
      format: 'csr',
      numRows: rows.length,
      numCols: columns.length,
      starts,
      indices: Int32Array.from(rows.flatMap(({ terms }) => terms.map(([column]) => column))),
      values: Float64Array.from(rows.flatMap(({ terms }) => terms.map(([, coefficient]) => coefficient))),
    },
    ...(isMixed && {
      integrality: columns.map(({ isWhole }): VariableType => (isWhole ? integer : continuous)),
    }),
  });
  try {
    model.options.set({
      output_flag: false,
      mip_rel_gap: 0,
      mip_abs_gap: 0,
      mip_feasibility_tolerance: 1e-9,
    });
    model.run();
    const status = model.getModelStatus();
    const { optimal, infeasible, unboundedOrInfeasible } = highs.constants.modelStatus;
    if (status === infeasible || status === unboundedOrInfeasible) return undefined;
    if (status !== optimal) throw new Error(`HiGHS ended with status ${status}`);
    return { cost: model.getObjectiveValue(), values: Float64Array.from(model.getSolution().colValue) };
  } finally {
    model.dispose();
  }
}
