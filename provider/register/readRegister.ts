import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { CsvError, type Info, parse } from 'csv-parse/sync';
import {
  parseRegisterRow,
  pointColumns,
  type RegisterRecord,
  type RegisterStation,
  type RowRefusal,
  registerColumns,
} from './RegisterRow.ts';

export type RegisterRefusal = 'not-csv' | 'columns-missing' | 'too-many-rows';

/** One row of the file, at the line where it begins (quoted cells may span lines): taken or refused. */
export interface RegisterEntry {
  readonly line: number;
  readonly row: Result<RegisterStation, RowRefusal | 'wrong-column-count' | 'doubled-station-id'>;
}

const mostRows = 500_000;

/**
 * Reads the register's CSV (`;`, UTF-8 with or without byte order mark, quoted line breaks, decimal
 * comma). Every row below the head is there once, in the file's order.
 */
export function readRegister(csv: string): Result<readonly RegisterEntry[], RegisterRefusal> {
  let records: { record: string[]; info: Info }[];
  try {
    records = parse(csv, {
      delimiter: ';',
      bom: true,
      relax_column_count: true,
      skip_empty_lines: true,
      info: true,
      to: mostRows + 2,
    }) as unknown as typeof records;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return refuse('not-csv', error.message);
  }
  const head = records[0]?.record.map((name) => name.replace(/\s+/g, ' ').trim()) ?? [];
  const needed = [...registerColumns, ...pointColumns.map((column) => `${column}1`)];
  const missing = needed.filter((column) => !head.includes(column));
  if (missing.length > 0) return refuse('columns-missing', `there is no column ${missing.join(', ')}`);
  if (records.length - 1 > mostRows) return refuse('too-many-rows', `more than ${mostRows} rows`);

  const lines = startLines(
    csv,
    records.map(({ info }) => info.bytes),
  );
  const seen = new Set<string>();
  return accept(
    records.slice(1).map(({ record }, index) => {
      const line = lines[index + 1] as number;
      if (record.length !== head.length)
        return {
          line,
          row: refuse('wrong-column-count', `${record.length} columns instead of ${head.length}`),
        };
      const cells: Record<string, string> = {};
      for (const [column, name] of head.entries()) cells[name] = record[column] as string;
      const row = parseRegisterRow(cells as RegisterRecord);
      if (row.ok && seen.has(row.value.stationId))
        return {
          line,
          row: refuse('doubled-station-id', `${row.value.stationId} is the number of an earlier row`),
        };
      if (row.ok) seen.add(row.value.stationId);
      return { line, row };
    }),
  );
}

/** At which line each record begins, out of the bytes at which each ends: quoted cells may span lines. */
function startLines(csv: string, ends: readonly number[]): readonly number[] {
  const bytes = Buffer.from(csv);
  const isBreak = (byte: number | undefined) => byte === 0x0a || byte === 0x0d;
  let line = 1;
  let at = 0;
  const pass = () => {
    if (bytes[at] === 0x0a || (bytes[at] === 0x0d && bytes[at + 1] !== 0x0a)) line += 1;
    at += 1;
  };
  return ends.map((end) => {
    while (at < end && isBreak(bytes[at])) pass();
    const start = line;
    while (at < end) pass();
    return start;
  });
}
