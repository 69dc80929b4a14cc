import { QUARTER_S, type QuarterHours } from '@p2p-power/planning/study/QuarterHours';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { readDecimal, readInstant, readWallTime } from './cells.ts';
import { parseTable, type Row, refuseCell, type Table, type TableRefusal } from './Table.ts';

/** What each row says in a form of file: from when on, until when (or as long as to the next row), and the value. */
interface SeriesForm {
  readonly start: number;
  readonly readStart: (row: Row) => number | undefined;
  readonly end?: number;
  readonly readEnd?: (row: Row) => number | undefined;
  readonly value: number;
  /** How many decimals of the file's unit make one of ours. */
  readonly decimals: number;
  readonly most: number;
  readonly unit: string;
}

const MOST_QUARTERS = 10 * 366 * 96;
/** 10 EUR a kWh, in micro-units. */
const MOST_PRICE_MICRO = 10_000_000;
const MOST_GRAMS = 5_000;

/**
 * Reads prices (docs/simulate.md tells the three forms) as micro-units per kWh by quarter-hour. They must be on end:
 * a gap, an overlap or a value that is none is refused with line and column.
 */
export function parsePrices(text: string): Result<QuarterHours, TableRefusal> {
  const parsed = parseTable(text);
  if (!parsed.ok) return parsed;
  const table = parsed.value;
  const at = (name: string) => table.columns.indexOf(name);
  const price = { most: MOST_PRICE_MICRO };
  if (at('start_utc') >= 0 && at('end_utc') >= 0 && at('eur_per_mwh') >= 0)
    return readSeries(table, {
      ...price,
      start: at('start_utc'),
      readStart: (row) => readInstant(row.cells[at('start_utc')]!),
      end: at('end_utc'),
      readEnd: (row) => readInstant(row.cells[at('end_utc')]!),
      value: at('eur_per_mwh'),
      decimals: 3,
      unit: 'EUR/MWh',
    });
  if (at('time') >= 0 && at('zone_start') >= 0 && at('price') >= 0)
    return readSeries(table, {
      ...price,
      start: at('time'),
      readStart: (row) => readZoned(row.cells[at('time')]!, row.cells[at('zone_start')]!),
      value: at('price'),
      decimals: 4,
      unit: 'ct/kWh',
    });
  if (at('start') >= 0 && at('price') >= 0)
    return readSeries(table, {
      ...price,
      start: at('start'),
      readStart: (row) => readInstant(row.cells[at('start')]!),
      value: at('price'),
      decimals: 3,
      unit: 'EUR/MWh',
    });
  return refuse(
    'unknown-table',
    'line 1: prices have the columns start,price or start_utc,end_utc,eur_per_mwh or time,zone_start,price',
  );
}

/** Reads CO2 intensity as whole grams per kWh by quarter-hour, in the form of Electricity Maps or as `start,grams_per_kwh`. */
export function parseCarbon(text: string): Result<QuarterHours, TableRefusal> {
  const parsed = parseTable(text);
  if (!parsed.ok) return parsed;
  const table = parsed.value;
  const find = (pattern: RegExp) => table.columns.findIndex((name) => pattern.test(name));
  const grams = { decimals: 0, most: MOST_GRAMS, unit: 'g/kWh' };
  const start = find(/^datetime \(utc\)$/i);
  const value = find(/^carbon intensity .*\(direct\)$/i);
  if (start >= 0 && value >= 0)
    return readSeries(table, {
      ...grams,
      start,
      readStart: (row) => readWallTime(row.cells[start]!.trim()),
      value,
    });
  const [simpleStart, simpleValue] = [find(/^start$/), find(/^grams_per_kwh$/)];
  if (simpleStart >= 0 && simpleValue >= 0)
    return readSeries(table, {
      ...grams,
      start: simpleStart,
      readStart: (row) => readInstant(row.cells[simpleStart]!),
      value: simpleValue,
    });
  return refuse(
    'unknown-table',
    'line 1: CO2 has the columns start,grams_per_kwh, or Datetime (UTC) and Carbon Intensity … (direct)',
  );
}

function readSeries(table: Table, form: SeriesForm): Result<QuarterHours, TableRefusal> {
  const values: number[] = [];
  const begins: number[] = [];
  for (const row of table.rows) {
    const from = form.readStart(row);
    if (from === undefined) return refuseCell(table, row, form.start, 'is no time with its zone');
    if (from % QUARTER_S !== 0) return refuseCell(table, row, form.start, 'is no whole quarter-hour');
    begins.push(from);
  }
  const firstAt = begins[0] as number;
  for (const [index, row] of table.rows.entries()) {
    const from = begins[index]!;
    const expected = firstAt + values.length * QUARTER_S;
    if (from < expected)
      return refuseCell(table, row, form.start, `lies before ${timeOf(expected)}, which is covered`);
    if (from > expected)
      return refuseCell(table, row, form.start, `leaves a gap from ${timeOf(expected)} on`);
    const value = readDecimal(row.cells[form.value]!, form.decimals);
    if (value === undefined || Math.abs(value) > form.most)
      return refuseCell(table, row, form.value, `is no ${form.unit} within bounds`);
    const to = endOf(form, row, begins, index);
    if (to === undefined || to <= from || (to - from) % QUARTER_S !== 0 || to - from > 86_400)
      return refuseCell(table, row, form.end ?? form.start, 'does not end a whole quarter-hour later');
    for (let at = from; at < to; at += QUARTER_S) values.push(value);
    if (values.length > MOST_QUARTERS)
      return refuse('unknown-table', `line ${row.line}: more than ten years`);
  }
  return accept({ firstAt, values });
}

/** When a row ends: as it says; else where the next begins, the last as long as the one before; where those leave a gap, the shortest. */
function endOf(form: SeriesForm, row: Row, begins: readonly number[], index: number): number | undefined {
  if (form.readEnd !== undefined) return form.readEnd(row);
  const from = begins[index]!;
  const lengthS = (at: number) =>
    at + 1 < begins.length && at >= 0 ? begins[at + 1]! - begins[at]! : undefined;
  const usual = lengthS(index - 1) ?? lengthS(index + 1) ?? 3_600;
  const own = lengthS(index) ?? usual;
  // A row that seems longer than its neighbours is one with a gap behind it.
  return from + Math.min(own, usual > 0 ? usual : own);
}

/** A wall-clock time with the name of its offset, as German tables have it. */
function readZoned(text: string, zone: string): number | undefined {
  const wallS = readWallTime(text.trim());
  const aheadS = { CET: 3_600, CEST: 7_200, UTC: 0 }[zone.trim()];
  return wallS === undefined || aheadS === undefined ? undefined : wallS - aheadS;
}

function timeOf(at: number): string {
  return new Date(at * 1_000).toISOString();
}
