import { styleText } from 'node:util';

/**
 * What the commands print on: sections, lines, facts and ticks. On a terminal it is coloured; into a file
 * or a pipe it is plain text.
 */
export interface Page {
  /** A section's head. */
  section(title: string): void;
  line(text?: string): void;
  /** A name and its value, values below each other. */
  fact(name: string, value: string): void;
  /** Rows of columns, each as wide as its widest cell; `alignRight` names the columns of figures. */
  table(rows: readonly (readonly string[])[], alignRight?: readonly number[]): void;
  /** Something that was checked. Returns whether it held, and keeps count. */
  check(held: boolean, text: string): boolean;
  /** Prints that something is being done, then that it is done and how long it took. */
  during<Value>(text: string, work: () => Promise<Value>): Promise<Value>;
  warn(text: string): void;
  /** How many checks held and how many did not. */
  readonly checks: { readonly held: number; readonly broken: number };
}

type Style = Parameters<typeof styleText>[0];

/** A page on a stream such as `process.stdout`. `elapsedMs` measures how long things take. */
export function openPage(
  stream: { write(text: string): unknown; readonly isTTY?: boolean },
  elapsedMs: () => number = () => performance.now(),
): Page {
  const checks = { held: 0, broken: 0 };
  const coloured = stream.isTTY === true && process.env.NO_COLOR === undefined;
  const paint = (style: Style, text: string) =>
    coloured ? styleText(style, text, { validateStream: false }) : text;
  const write = (text: string) => void stream.write(`${text}\n`);

  return {
    checks,
    section(title) {
      write('');
      write(paint('bold', title));
      write(paint('dim', '─'.repeat(Math.min(100, title.length))));
    },
    line(text = '') {
      write(text === '' ? '' : `  ${text}`);
    },
    fact(name, value) {
      write(`    ${paint('dim', name.padEnd(factWidth))} ${value}`);
    },
    table(rows, alignRight = []) {
      const widths = columnWidths(rows);
      for (const row of rows) {
        const cells = row.map((cell, column) => {
          const width = widths[column] ?? 0;
          return alignRight.includes(column) ? cell.padStart(width) : cell.padEnd(width);
        });
        write(`    ${cells.join('  ').trimEnd()}`);
      }
    },
    check(held, text) {
      if (held) checks.held += 1;
      else checks.broken += 1;
      write(`  ${held ? paint('green', '✓') : paint('red', '✗')} ${text}`);
      return held;
    },
    async during(text, work) {
      const startedAt = elapsedMs();
      if (coloured) stream.write(`  ${paint('dim', '…')} ${text}`);
      const clear = coloured ? '\r\u001b[2K' : '';
      try {
        const value = await work();
        const seconds = ((elapsedMs() - startedAt) / 1000).toFixed(1);
        write(`${clear}  ${paint('green', '✓')} ${text} ${paint('dim', `(${seconds} s)`)}`);
        return value;
      } catch (error) {
        write(`${clear}  ${paint('red', '✗')} ${text}`);
        throw error;
      }
    },
    warn(text) {
      write(`  ${paint('yellow', '!')} ${text}`);
    },
  };
}

const factWidth = 22;

function columnWidths(rows: readonly (readonly string[])[]): readonly number[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  return widths;
}
