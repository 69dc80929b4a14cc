/** How a CSV is written: `comma` by RFC 4180 with decimal points, `semicolon` as German spreadsheets want it. */
export type CsvForm = 'comma' | 'semicolon';

/** A cell: text, or a decimal number as exact text such as `-1.50`. */
export type CsvCell = string | { readonly decimal: string } | null;

/**
 * Writes rows as CSV (RFC 4180): CRLF, cells quoted where needed. Text that a spreadsheet would take for
 * a formula (led by `=`, `+`, `-`, `@`, tab or return, also after blanks) is led by an apostrophe, because
 * names come from others. The semicolon form has decimal commas and a byte order mark.
 */
export function printCsv(
  columns: readonly string[],
  rows: readonly (readonly CsvCell[])[],
  form: CsvForm = 'comma',
): string {
  const separator = form === 'comma' ? ',' : ';';
  const print = (cells: readonly CsvCell[]) =>
    cells.map((cell) => quote(textOf(cell, form), separator)).join(separator);
  const lines = [print(columns), ...rows.map(print)].map((line) => `${line}\r\n`);
  return (form === 'semicolon' ? '\ufeff' : '') + lines.join('');
}

function textOf(cell: CsvCell, form: CsvForm): string {
  if (cell === null) return '';
  if (typeof cell === 'string') return /^\s*[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return form === 'comma' ? cell.decimal : cell.decimal.replace('.', ',');
}

const quote = (text: string, separator: string) =>
  /["\r\n]/.test(text) || text.includes(separator) ? `"${text.replaceAll('"', '""')}"` : text;

/** An integer of 10^-places as a decimal number, exact: `printDecimal(-1500000, 6)` is `-1.500000`. */
export function printDecimal(value: number, places: number): string {
  if (!Number.isSafeInteger(value)) throw new RangeError(`not a safe integer: ${value}`);
  const digits = String(Math.abs(value)).padStart(places + 1, '0');
  const whole = digits.slice(0, digits.length - places);
  const sign = value < 0 ? '-' : '';
  return places === 0 ? sign + whole : `${sign}${whole}.${digits.slice(-places)}`;
}

export const microCell = (micro: number): CsvCell => ({ decimal: printDecimal(micro, 6) });
export const kwhCell = (wh: number): CsvCell => ({ decimal: printDecimal(wh, 3) });
/** `2026-06-01T00:00:00Z`. */
export const timeCell = (at: number): CsvCell => new Date(at * 1000).toISOString().replace('.000Z', 'Z');
