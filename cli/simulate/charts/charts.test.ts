import fc from 'fast-check';
import { expect, test } from 'vitest';
import { barChart } from './barChart.ts';
import { standAlone } from './chartColours.ts';
import { columnChart } from './columnChart.ts';
import { dayChart } from './dayChart.ts';

/** Tags are closed in order, and no coordinate is other than a number. */
function expectSound(svg: string): void {
  const open: string[] = [];
  for (const [, closing, name, alone] of svg.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
    if (closing !== '') expect(open.pop()).toBe(name);
    else if (alone === '') open.push(name as string);
  }
  expect(open).toEqual([]);
  expect(svg).not.toMatch(/NaN|Infinity|undefined|width="-|height="-/);
}

const value = fc.oneof(fc.integer({ min: -1_000, max: 100_000 }), fc.constant(0));
const label = fc.string({ maxLength: 12 });

test('bars of any values and labels are a sound picture', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ label, value }), { maxLength: 9 }), value, (rows, mark) => {
      const bars = rows.map((row) => ({ ...row, said: row.label, remark: row.label, colour: 'ours' }));
      expectSound(barChart('<&">', bars, { value: mark, label: 'limit' }));
      expectSound(standAlone(barChart('t', bars)));
    }),
  );
});

test('columns and lines of any values are sound pictures', () => {
  fc.assert(
    fc.property(fc.array(value, { minLength: 24, maxLength: 24 }), label, (values, name) => {
      const series = [
        { label: name, colour: 'ours', values },
        { label: 'b', colour: 'evcc', values: [] },
      ];
      expectSound(columnChart(name, 'kW', values.slice(0, 12).map(String), series, String));
      const line = { label: name, colour: 'ours', values };
      const band = { label: name, colour: 'ours', low: values, high: values };
      expectSound(
        dayChart(name, 'kW', {
          lines: [line],
          bands: [band],
          shades: [{ fromHour: 1, toHour: 2, colour: 'red' }],
        }),
      );
    }),
  );
});

test('the longest bar is that of the highest value', () => {
  const svg = barChart('t', [
    { label: 'a', value: 50, said: '50', colour: 'ours' },
    { label: 'b', value: 100, said: '100', colour: 'evcc' },
  ]);
  const widths = [...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width));
  expect(widths[0]! * 2).toBeCloseTo(widths[1]!, 0);
});
