import { accept, type Result, refuse } from '@p2p-power/tariff/Result';

/** Why a file of a study cannot be used: its columns, or one of its rows; the detail names line and column. */
export type TableRefusal = 'unknown-table' | 'invalid-row';

/** A row's cells, and the line of the file that it stands on (the head is line 1). */
export interface Row {
  readonly line: number;
  readonly cells: readonly string[];
}

/** A table with its head. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

const MOST_ROWS = 2_000_000;

/**
 * Reads a table of one row a line, cells between `;` or `,` (whichever the head has more of), with or without
 * quotes and byte order mark. Every row must have as many cells as the head; empty lines are passed over.
 */
export function parseTable(text: string): Result<Table, TableRefusal> {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const head = lines[0] ?? '';
  const separator = head.split(';').length > head.split(',').length ? ';' : ',';
  const columns = splitLine(head, separator)?.map((cell) => cell.trim());
  if (columns === undefined || columns.length < 2)
    return refuse('unknown-table', 'line 1: no head of columns');
  const twice = columns.find((name, index) => name !== '' && columns.indexOf(name) !== index);
  if (twice !== undefined) return refuse('unknown-table', `line 1: two columns are called ${twice}`);
  if (lines.length > MOST_ROWS) return refuse('unknown-table', `more than ${MOST_ROWS} lines`);
  const rows: Row[] = [];
  for (const [index, content] of lines.entries()) {
    if (index === 0 || content.trim() === '') continue;
    const line = index + 1;
    const cells = splitLine(content, separator);
    if (cells === undefined) return refuse('invalid-row', `line ${line}: a quote is not closed`);
    if (cells.length !== columns.length)
      return refuse('invalid-row', `line ${line}: ${cells.length} columns, the head has ${columns.length}`);
    rows.push({ line, cells });
  }
  if (rows.length === 0) return refuse('unknown-table', 'line 2: there is no row');
  return accept({ columns, rows });
}

/** The cells of a line; undefined where a quote stays open. */
function splitLine(line: string, separator: string): readonly string[] | undefined {
  if (!line.includes('"')) return line.split(separator);
  const cells: string[] = [];
  let [cell, isQuoted] = ['', false];
  for (let index = 0; index < line.length; index += 1) {
    const letter = line[index] as string;
    if (isQuoted && letter === '"' && line[index + 1] === '"') {
      cell += '"';
      index += 1;
    } else if (letter === '"') isQuoted = !isQuoted;
    else if (letter === separator && !isQuoted) {
      cells.push(cell);
      cell = '';
    } else cell += letter;
  }
  return isQuoted ? undefined : [...cells, cell];
}

/** Says what is wrong with a cell: line, column by number and name, and the reason. */
export function refuseCell(
  table: Table,
  row: Row,
  column: number,
  reason: string,
): { readonly ok: false; readonly refusal: 'invalid-row'; readonly detail: string } {
  const place = `line ${row.line}, column ${column + 1} (${table.columns[column]})`;
  return refuse('invalid-row', `${place}: ${JSON.stringify(row.cells[column]?.slice(0, 40))} ${reason}`);
}
