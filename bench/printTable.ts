import type { Figure } from './Measure.ts';

const heads = ['measure', 'figure', 'beside', 'ratio', 'target'] as const;

/** The figures as one table for people, each beside what it is held against. */
export function printTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const { what, value, unit, beside, target } = figure;
    return [
      what,
      `${printNumber(value)} ${unit}`.trim(),
      beside === undefined ? '' : `${printNumber(beside.value)} ${beside.what}`,
      beside === undefined || beside.value === 0 ? '' : printRatio(value / beside.value),
      target === undefined ? '' : `${target.isReached ? 'reached' : 'MISSED'}: ${target.words}`,
    ];
  });
  const table = [[...heads], ...rows];
  const widths = heads.map((_, column) => Math.max(...table.map((row) => (row[column] as string).length)));
  const lines = table.map((row) =>
    row
      .map((cell, column) =>
        column === 1 ? cell.padStart(widths[1] as number) : cell.padEnd(widths[column] as number),
      )
      .join('  ')
      .trimEnd(),
  );
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return [lines[0], rule, ...lines.slice(1)].join('\n');
}

/** The figures as flat keys for machines. */
export function printJson(figures: readonly Figure[]): string {
  const entries = figures.map(({ key, value }) => [key, value] as const);
  if (new Set(entries.map(([key]) => key)).size !== entries.length)
    throw new Error('two figures have the same key');
  return `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`;
}

function printNumber(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: Math.abs(value) < 100 ? 2 : 0 });
}

const printRatio = (ratio: number): string =>
  ratio >= 10
    ? `${ratio.toFixed(1)} ×`
    : `${ratio >= 0.1 ? (ratio * 100).toFixed(0) : Number((ratio * 100).toPrecision(2))} %`;
