import { type GridSlot, maxSignalSlots, type SignalContent } from '@p2p-power/protocol/Signal';
import { decimalInteger } from '../decimalInteger.ts';
import { fault, firstKnown } from '../quarterHours.ts';
import { carbonContent, perKwh, perMwh, priceContent, priceRow, type SaidStretch } from '../rowContent.ts';
import type { SourceAnswer } from '../SignalFault.ts';
import { type QuarterRow, rowOf, type Span } from '../SignalSeries.ts';
import type { SignalKind } from '../SignalTables.ts';
import type { Piece } from './openadr3Intervals.ts';

/** What the payloads of a program's events say, as a signal of one kind. */
export function contentOfPieces(
  kind: SignalKind,
  pieces: readonly Piece[],
  currency: string,
  span: Span,
): SourceAnswer<SignalContent> {
  if (kind === 'grid') return gridContent(pieces, span);
  const type = kind === 'price' ? 'PRICE' : 'GHG';
  const rows: QuarterRow[] = [];
  for (const group of byPriority(pieces.filter((piece) => piece.type === type))) {
    const row = kind === 'price' ? pricesOf(group, currency, span) : gramsOf(group, span);
    if (row.ok) rows.push(row.value);
    else if (row.refusal !== 'not-published') return row;
  }
  const row = firstKnown(rows);
  if (row === undefined) return fault('not-published', `no ${type} of the time asked about`);
  return kind === 'price'
    ? priceContent({ ok: true, value: row }, currency)
    : { ok: true, value: { kind, firstAt: row.firstAt, gramsPerKwh: row.values } };
}

/** Of several priorities the highest, which is the lowest number, first. */
function byPriority(pieces: readonly Piece[]): readonly (readonly Piece[])[] {
  const groups = Map.groupBy(pieces, ({ priority }) => priority);
  return [...groups].toSorted(([a], [b]) => a - b).map(([, group]) => group);
}

function pricesOf(pieces: readonly Piece[], currency: string, span: Span): SourceAnswer<QuarterRow> {
  const wrong = pieces.find((piece) => piece.currency !== currency);
  if (wrong !== undefined)
    return fault('wrong-currency', `${wrong.currency?.slice(0, 10) ?? 'no currency'} is not ${currency}`);
  const unit = pieces[0]?.units ?? 'KWH';
  if ((unit !== 'KWH' && unit !== 'MWH') || pieces.some((piece) => (piece.units ?? 'KWH') !== unit))
    return fault('wrong-unit', `${unit.slice(0, 20)} is neither KWH nor MWH`);
  const said = saidBy(pieces, span);
  return said.ok ? priceRow(said.value, unit === 'KWH' ? perKwh : perMwh, span) : said;
}

function gramsOf(pieces: readonly Piece[], span: Span): SourceAnswer<QuarterRow> {
  const wrong = pieces.find(({ units = 'GHG' }) => units !== 'GHG');
  if (wrong !== undefined) return fault('wrong-unit', `${String(wrong.units).slice(0, 20)} is not GHG`);
  const said = saidBy(pieces, span);
  if (!said.ok) return said;
  const content = carbonContent(said.value, span);
  return content.ok ? { ok: true, value: rowOf(content.value) as QuarterRow } : content;
}

function saidBy(pieces: readonly Piece[], span: Span): SourceAnswer<readonly SaidStretch[]> {
  const said: SaidStretch[] = [];
  for (const { from, to, value, type } of pieces) {
    if (typeof value !== 'number') return fault('unexpected-form', `a value of ${type} is no number`);
    // What has no end is cut off where the question ends.
    said.push({ from, to: Math.min(to, Math.max(span.to, from)), said: value });
  }
  return { ok: true, value: said };
}

const worst = { green: 0, yellow: 1, red: 2 } as const;
/** Levels of SIMPLE: normal, moderate, high and emergency load shed. */
const simpleStates = ['green', 'yellow', 'red', 'red'] as const;

/**
 * States and limits of a grid: of each payload type the event of the highest priority counts, of the types the worst
 * state. A time of which no event says anything is not stated.
 */
function gridContent(pieces: readonly Piece[], span: Span): SourceAnswer<SignalContent> {
  const facts: (Piece & Pick<GridSlot, 'state' | 'limitW'>)[] = [];
  for (const piece of pieces) {
    const fact = gridFact(piece);
    if (fact === 'malformed') return fault('unexpected-form', `a value of ${piece.type} is not one`);
    if (fact !== undefined)
      facts.push({ ...piece, from: Math.floor(piece.from), to: Math.floor(piece.to), ...fact });
  }
  const bounds = new Set([span.from, span.to]);
  for (const { from, to } of facts)
    for (const bound of [from, to]) if (bound > span.from && bound < span.to) bounds.add(bound);
  const times = [...bounds].toSorted((a, b) => a - b);
  const slots: GridSlot[] = [];
  for (const [index, from] of times.slice(0, -1).entries()) {
    const to = times[index + 1] as number;
    const now = facts.filter((fact) => fact.from <= from && fact.to > from);
    const counting = now.filter(
      (fact) => !now.some((other) => other.type === fact.type && other.priority < fact.priority),
    );
    if (counting.length === 0) continue;
    const limits = counting.flatMap(({ limitW }) => limitW ?? []);
    const state = counting.reduce<GridSlot['state']>(
      (found, fact) => (worst[fact.state] > worst[found] ? fact.state : found),
      'green',
    );
    const slot = { from, to, state, ...(limits.length > 0 && { limitW: Math.min(...limits) }) };
    const before = slots.at(-1);
    if (before?.to === from && before.state === state && before.limitW === slot.limitW)
      slots[slots.length - 1] = { ...before, to };
    else slots.push(slot);
  }
  if (slots.length > maxSignalSlots) return fault('answer-too-large', `${slots.length} slots`);
  return { ok: true, value: { kind: 'grid', slots } };
}

function gridFact({
  type,
  value,
  units,
}: Piece): Pick<GridSlot, 'state' | 'limitW'> | 'malformed' | undefined {
  if (type === 'ALERT_GRID_EMERGENCY') return { state: 'red' };
  if (type === 'SIMPLE') {
    const state = simpleStates[value as number];
    return state === undefined ? 'malformed' : { state };
  }
  if (type !== 'IMPORT_CAPACITY_LIMIT') return undefined;
  const limitW = typeof value === 'number' && (units ?? 'KW') === 'KW' ? decimalInteger(value, 3) : undefined;
  return limitW === undefined || limitW < 0 || limitW > 10_000_000 ? 'malformed' : { state: 'green', limitW };
}
