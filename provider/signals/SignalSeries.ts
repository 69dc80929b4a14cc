import type { SignalContent } from '@p2p-power/protocol/Signal';

/** Values by quarter-hour from `firstAt` (epoch s, a multiple of 900); null where none is known. */
export interface QuarterRow {
  readonly firstAt: number;
  readonly values: readonly (number | null)[];
}

/** [from, to), epoch seconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export const quarterS = 900;
const dayS = 86_400;

/**
 * What of a signal is kept at a time: the day before, this one and the two after, by UTC. Four days fit a
 * signal, and the content does not change while time goes by within a day.
 */
export function windowAt(now: number): Span {
  const today = now - (now % dayS);
  return { from: today - dayS, to: today + 3 * dayS };
}

/** The row of a price or carbon signal; undefined of a grid. */
export function rowOf(content: SignalContent): QuarterRow | undefined {
  if (content.kind === 'price') return { firstAt: content.firstAt, values: content.indexMicro };
  if (content.kind === 'carbon') return { firstAt: content.firstAt, values: content.gramsPerKwh };
  return undefined;
}

/** Until when a signal says something, epoch s; undefined where it says nothing. */
export function knownUntil(content: SignalContent): number | undefined {
  const row = rowOf(content);
  if (row === undefined) return content.kind === 'grid' ? content.slots.at(-1)?.to : undefined;
  const last = row.values.findLastIndex((value) => value !== null);
  return last < 0 ? undefined : row.firstAt + (last + 1) * quarterS;
}

/** Quarter-hours from now to the last known one of which nothing is known. */
export function missingFrom(content: SignalContent, now: number): number {
  const row = rowOf(content);
  if (row === undefined) return 0;
  const first = Math.floor((now - row.firstAt) / quarterS);
  const last = row.values.findLastIndex((value) => value !== null);
  let missing = 0;
  for (let index = first; index <= last; index++) if ((row.values[index] ?? null) === null) missing += 1;
  return missing;
}

/**
 * What is known with a new answer: within the window the answer counts, and what it does not say stays as
 * it was known. Of a grid the answer is all there is, its past left out. Another currency forgets what was.
 */
export function mergeContent(
  known: SignalContent | undefined,
  heard: SignalContent,
  window: Span,
  now: number,
): SignalContent {
  if (heard.kind === 'grid') return { kind: 'grid', slots: heard.slots.filter(({ to }) => to > now) };
  const before =
    known?.kind === heard.kind &&
    !(known.kind === 'price' && heard.kind === 'price' && known.currency !== heard.currency)
      ? rowOf(known)
      : undefined;
  const values = mergeRows(before, rowOf(heard) as QuarterRow, window);
  return heard.kind === 'price'
    ? { kind: 'price', currency: heard.currency, firstAt: window.from, indexMicro: values }
    : { kind: 'carbon', firstAt: window.from, gramsPerKwh: values };
}

function mergeRows(
  known: QuarterRow | undefined,
  heard: QuarterRow,
  { from, to }: Span,
): readonly (number | null)[] {
  const at = (row: QuarterRow | undefined, time: number) =>
    row?.values[(time - row.firstAt) / quarterS] ?? null;
  const values: (number | null)[] = [];
  for (let time = from; time < to; time += quarterS) values.push(at(heard, time) ?? at(known, time));
  return values.slice(0, values.findLastIndex((value) => value !== null) + 1);
}
