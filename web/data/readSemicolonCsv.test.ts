import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readSemicolonCsv } from './readSemicolonCsv.ts';

test('cells may be quoted, with quotes, separators and ends of lines in them', () => {
  const csv = '\uFEFFOrt;Straße\r\nBerlin;"Hof ""3""; links"\r\nKöln;"zwei\nZeilen"\n\n';
  expect(readSemicolonCsv(csv)).toEqual([
    { Ort: 'Berlin', Straße: 'Hof "3"; links' },
    { Ort: 'Köln', Straße: 'zwei\nZeilen' },
  ]);
});

test('missing cells are empty, rows of one cell are none', () => {
  expect(readSemicolonCsv('a;b;c\n1;2\nalone\n')).toEqual([{ a: '1', b: '2', c: '' }]);
  expect(readSemicolonCsv('')).toEqual([]);
});

test('whatever is written quoted is read as it was', () => {
  const cell = fc.string();
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell), { maxLength: 5 }), (rows) => {
      const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
      const csv = ['a;b', ...rows.map((row) => row.map(quoted).join(';'))].join('\r\n');
      expect(readSemicolonCsv(csv)).toEqual(rows.map(([a, b]) => ({ a, b })));
    }),
  );
});
