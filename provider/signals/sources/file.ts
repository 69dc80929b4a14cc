import { readFile, stat } from 'node:fs/promises';
import { type GridSlot, gridStates, type SignalContent } from '@p2p-power/protocol/Signal';
import { parse } from 'csv-parse/sync';
import { fault } from '../quarterHours.ts';
import { replayRecording } from '../replayRecording.ts';
import { carbonContent, perMwh, priceContent, priceRow, type SaidStretch } from '../rowContent.ts';
import type { SourceConfig } from '../SignalConfig.ts';
import type { SourceAnswer } from '../SignalFault.ts';
import { type QuarterRow, quarterS, rowOf, type Span } from '../SignalSeries.ts';
import type { SignalSource, SourcePorts } from '../SignalSource.ts';
import type { SignalKind } from '../SignalTables.ts';

/** The head of a file of each kind. */
const heads: Readonly<Record<SignalKind, readonly string[]>> = {
  price: ['start_utc', 'end_utc', 'eur_per_mwh'],
  carbon: ['start_utc', 'end_utc', 'g_per_kwh'],
  grid: ['start_utc', 'end_utc', 'state', 'limit_w'],
};

/** Of a larger file only part would be read. */
const maxFileBytes = 64 * 1024 * 1024;
/** A recording may be so long, s. */
const maxRecordingS = 3 * 366 * 86_400;

interface Line {
  readonly line: number;
  readonly from: number;
  readonly to: number;
  readonly cells: readonly string[];
}

/**
 * A CSV file in the form of data/prices (docs/signals.md). It is read anew when it changed. A recording that is replayed
 * is played at today's weekday and quarter-hour, up to the end of tomorrow.
 */
export function file(kind: SignalKind, source: SourceConfig<'file'>, ports: SourcePorts): SignalSource {
  let known: { readonly stamp: string; readonly lines: readonly Line[] } | undefined;

  async function readLines(): Promise<SourceAnswer<readonly Line[]>> {
    let text: string;
    let stamp: string;
    try {
      const { mtimeMs, size } = await stat(source.path);
      stamp = `${mtimeMs} ${size}`;
      if (known?.stamp === stamp) return { ok: true, value: known.lines };
      if (size > maxFileBytes) return fault('answer-too-large', `more than ${maxFileBytes} bytes`);
      text = await readFile(source.path, 'utf8');
    } catch (error) {
      return fault('file-unreadable', (error as NodeJS.ErrnoException).code ?? 'cannot be read');
    }
    const lines = parseLines(text, heads[kind], kind === 'price' ? ports.currency : undefined);
    if (lines.ok) known = { stamp, lines: lines.value };
    return lines;
  }

  return {
    async read(span) {
      const lines = await readLines();
      if (!lines.ok) return lines;
      if (kind === 'grid') return gridOf(lines.value, span);
      const said = lines.value.map(({ from, to, cells }) => ({ from, to, said: cells[2] || null }));
      if (!source.replay) return contentOf(kind, said, ports.currency, span);
      const recording = contentOf(kind, said, ports.currency, wholeSpan(said));
      if (!recording.ok) return recording;
      const until = Math.min(span.to, ports.nowS() - (ports.nowS() % 86_400) + 2 * 86_400);
      const row = replayRecording(
        rowOf(recording.value) as QuarterRow,
        { ...span, to: until },
        source.timeZone,
      );
      return kind === 'price'
        ? priceContent({ ok: true, value: row }, ports.currency)
        : { ok: true, value: { kind, firstAt: row.firstAt, gramsPerKwh: row.values } };
    },
  };
}

const contentOf = (kind: 'price' | 'carbon', said: readonly SaidStretch[], currency: string, span: Span) =>
  kind === 'price' ? priceContent(priceRow(said, perMwh, span), currency) : carbonContent(said, span);

function wholeSpan(said: readonly SaidStretch[]): Span {
  const from = said.reduce((least, one) => Math.min(least, one.from), Number.POSITIVE_INFINITY);
  const to = said.reduce((most, one) => Math.max(most, one.to), 0);
  if (!Number.isFinite(from)) return { from: 0, to: 0 };
  return {
    from: from - (from % quarterS),
    to: Math.min(to + quarterS - (to % quarterS || quarterS), from + maxRecordingS),
  };
}

function parseLines(
  text: string,
  head: readonly string[],
  currency: string | undefined,
): SourceAnswer<readonly Line[]> {
  let rows: string[][];
  try {
    rows = parse(text, { bom: true, relaxColumnCount: true, skipEmptyLines: true }) as string[][];
  } catch (error) {
    return fault('unexpected-form', (error as Error).message.slice(0, 200));
  }
  const [first = [], ...rest] = rows;
  const [, unit] = /^([a-z]{3})_per_mwh$/.exec(first[2] ?? '') ?? [];
  if (currency !== undefined && unit !== undefined && unit.toUpperCase() !== currency)
    return fault('wrong-currency', `${unit.toUpperCase()} is not ${currency}`);
  const wanted = currency === undefined ? head : [...head.slice(0, 2), `${currency.toLowerCase()}_per_mwh`];
  if (first.join() !== wanted.join())
    return fault('unexpected-form', `line 1: the head is not ${wanted.join()}`);
  const lines: Line[] = [];
  for (const [index, cells] of rest.entries()) {
    const line = index + 2;
    const [from, to] = [readTime(cells[0]), readTime(cells[1])];
    if (cells.length !== wanted.length || from === undefined || to === undefined || to <= from)
      return fault('unexpected-form', `line ${line}: no ${wanted.join(', ')}`);
    lines.push({ line, from, to, cells });
  }
  return { ok: true, value: lines };
}

/** `2026-01-31T23:00:00Z`, epoch seconds. */
function readTime(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms / 1000;
}

function gridOf(lines: readonly Line[], span: Span): SourceAnswer<SignalContent> {
  const slots: GridSlot[] = [];
  for (const { line, from, to, cells } of lines.toSorted((a, b) => a.from - b.from)) {
    const state = gridStates.find((one) => one === cells[2]);
    const limit = cells[3] ?? '';
    if (state === undefined || !/^\d{0,8}$/.test(limit) || Number(limit) > 10_000_000)
      return fault('unexpected-form', `line ${line}: no state of ${gridStates.join(', ')}, or no limit in W`);
    if ((slots.at(-1)?.to ?? 0) > from)
      return fault('contradicting-values', `line ${line}: begins before another one ends`);
    slots.push({ from, to, state, ...(limit !== '' && { limitW: Number(limit) }) });
  }
  return {
    ok: true,
    value: { kind: 'grid', slots: slots.filter((one) => one.to > span.from && one.from < span.to) },
  };
}
