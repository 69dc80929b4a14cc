import type { SignalFault, SourceAnswer } from './SignalFault.ts';
import { type QuarterRow, quarterS, type Span } from './SignalSeries.ts';

/** A value over [from, to), epoch seconds, as a source says it: any number of quarter-hours; null = not known. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly value: number | null;
}

/** A source may not say more than this in one answer: a year of quarter-hours and some. */
export const maxStretches = 40_000;

/**
 * Brings what a source says into a row of quarter-hours: of any order, the same said twice is once, what is
 * not said is null, an hour is four quarters. Two values for one time are a contradiction, and times off the
 * quarter-hours are no signal. The row covers the span from its beginning to the last value known in it.
 */
export function quarterHours(stretches: readonly Stretch[], { from, to }: Span): SourceAnswer<QuarterRow> {
  if (stretches.length > maxStretches)
    return fault('answer-too-large', `${stretches.length} values, at most ${maxStretches} are read`);
  const values: (number | null)[] = Array.from({ length: (to - from) / quarterS }, () => null);
  for (const stretch of stretches) {
    if (stretch.to <= stretch.from || stretch.from % quarterS !== 0 || stretch.to % quarterS !== 0)
      return fault('unexpected-form', `${stretch.from} to ${stretch.to} is not of whole quarter-hours`);
    if (stretch.value === null) continue;
    const end = Math.min(stretch.to, to);
    for (let at = Math.max(stretch.from, from); at < end; at += quarterS) {
      const index = (at - from) / quarterS;
      const before = values[index] ?? null;
      if (before !== null && before !== stretch.value)
        return fault('contradicting-values', `${before} and ${stretch.value} at ${at}`);
      values[index] = stretch.value;
    }
  }
  const last = values.findLastIndex((value) => value !== null);
  if (last < 0) return fault('not-published', `no value from ${from} to ${to}`);
  return { ok: true, value: { firstAt: from, values: values.slice(0, last + 1) } };
}

/** Of several rows of one span the value of the first that knows one. */
export function firstKnown(rows: readonly QuarterRow[]): QuarterRow | undefined {
  const [first] = rows;
  if (first === undefined) return undefined;
  const length = Math.max(...rows.map(({ values }) => values.length));
  const at = (index: number) => rows.find(({ values }) => (values[index] ?? null) !== null)?.values[index];
  return { firstAt: first.firstAt, values: Array.from({ length }, (_, index) => at(index) ?? null) };
}

export const fault = (
  refusal: SignalFault,
  detail: string,
): { readonly ok: false; readonly refusal: SignalFault; readonly detail: string } => ({
  ok: false,
  refusal,
  detail,
});
