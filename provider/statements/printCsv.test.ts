import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kwhCell, microCell, printCsv, printDecimal, timeCell } from './printCsv.ts';

describe('numbers', () => {
  test('are exact decimals', () => {
    expect(printDecimal(0, 6)).toBe('0.000000');
    expect(printDecimal(-1_500_000, 6)).toBe('-1.500000');
    expect(printDecimal(7, 3)).toBe('0.007');
    expect(printDecimal(12, 0)).toBe('12');
    expect(timeCell(1_780_272_000)).toBe('2026-06-01T00:00:00Z');
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.nat(6), (value, places) => {
        const [whole = '', fraction = ''] = printDecimal(value, places).split('.');
        expect(fraction).toHaveLength(places);
        expect(BigInt(whole + fraction)).toBe(BigInt(value));
      }),
    );
    expect(() => printDecimal(0.5, 2)).toThrow(RangeError);
  });
});

describe('rows', () => {
  test('are quoted where needed and end with CRLF', () => {
    expect(
      printCsv(
        ['a', 'b'],
        [
          ['x, y', 'say "hi"'],
          [null, microCell(-5)],
        ],
      ),
    ).toBe('a,b\r\n"x, y","say ""hi"""\r\n,-0.000005\r\n');
    expect(printCsv(['a', 'b'], [['x; y', kwhCell(1_234)]], 'semicolon')).toBe(
      '\ufeffa;b\r\n"x; y";1,234\r\n',
    );
  });

  test('hold no formula', () => {
    for (const text of ['=1+1', '+49', '-2', '@sum', '\t=1', '  =cmd|calc', '\r=1'])
      expect(
        parse(printCsv(['a'], [[text]]))
          .at(1)
          ?.at(0),
      ).toBe(`'${text}`);
    expect(printCsv(['a'], [['Hotel = gut']])).toBe('a\r\nHotel = gut\r\n');
  });

  test('are read back by another program as they were', () => {
    const text = fc.string({ unit: 'grapheme' }).filter((one) => !/^\s*[=+\-@\t\r]/.test(one));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(text, fc.integer()), { minLength: 1 }),
        fc.constantFrom('comma' as const, 'semicolon' as const),
        (rows, form) => {
          const printed = printCsv(
            ['text', 'amount'],
            rows.map(([name, micro]) => [name, microCell(micro)]),
            form,
          );
          const read = parse(printed, { bom: true, delimiter: form === 'comma' ? ',' : ';', from_line: 2 });
          const amount = (micro: number) =>
            form === 'comma' ? printDecimal(micro, 6) : printDecimal(micro, 6).replace('.', ',');
          expect(read).toEqual(rows.map(([name, micro]) => [name, amount(micro)]));
        },
      ),
    );
  });
});
