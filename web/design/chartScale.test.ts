import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ChartSlot,
  clipSlots,
  columnsOf,
  heightOf,
  hourTicks,
  percentOf,
  steppedPath,
  tableRows,
  valueAt,
  valueScale,
} from './chartScale.ts';

const at = (text: string) => Date.parse(text) / 1000;

describe('the scale of values', () => {
  test('begins at zero and ends at a round number not below the highest', () => {
    expect(valueScale([0.21, 0.34])).toEqual({ low: 0, high: 0.4, ticks: [0, 0.2, 0.4] });
    expect(valueScale([11_000])).toEqual({ low: 0, high: 12_000, ticks: [0, 6_000, 12_000] });
    expect(valueScale([505_000]).ticks).toEqual([0, 300_000, 600_000]);
    expect(valueScale([300, 480]).ticks).toEqual([0, 250, 500]);
  });

  test('goes below zero for negative prices, and rules the line of zero', () => {
    expect(valueScale([-40, 100])).toEqual({ low: -80, high: 160, ticks: [-80, 0, 80, 160] });
  });

  test('without lines is as high as the highest, or as it must be at least', () => {
    expect(valueScale([4_000], 0, 11_000)).toEqual({ low: 0, high: 11_000, ticks: [0] });
    expect(valueScale([-7_000], 0, 11_000)).toEqual({ low: -7_000, high: 11_000, ticks: [0] });
    expect(valueScale([], 0).high).toBeGreaterThan(0);
  });

  test('of nothing, or of nothing but zero, is still a scale', () => {
    for (const values of [[], [0], [0, 0]]) {
      const scale = valueScale(values);
      expect(scale.high).toBeGreaterThan(scale.low);
      expect(heightOf(0, scale)).toBe(0);
    }
  });

  test('holds every value between its ends, has the line of zero and few lines', () => {
    const values = fc.array(fc.integer({ min: -1_000_000, max: 1_000_000 }), { maxLength: 40 });
    fc.assert(
      fc.property(values, fc.integer({ min: 0, max: 6 }), (list, lines) => {
        const { low, high, ticks } = valueScale(list, lines);
        for (const value of [...list, 0]) {
          expect(value).toBeGreaterThanOrEqual(low - 1e-6);
          expect(value).toBeLessThanOrEqual(high + 1e-6);
        }
        expect(ticks.some((tick) => tick === 0)).toBe(true);
        expect(ticks.length).toBeLessThanOrEqual(lines + 3);
      }),
    );
  });
});

describe('the scale of time', () => {
  test('is a percentage of the span, and holds at its ends', () => {
    const span = { from: 1_000, to: 2_000 };
    expect([0, 1_000, 1_250, 2_000, 9_000].map((instant) => percentOf(instant, span))).toEqual([
      0, 0, 25, 100, 100,
    ]);
    expect(percentOf(5, { from: 5, to: 5 })).toBe(0);
  });

  test('is ruled at full hours of the place, fewer where the span is long', () => {
    const span = { from: at('2026-11-22T21:40:00Z'), to: at('2026-11-23T06:00:00Z') };
    const hours = (most: number) =>
      hourTicks(span, 'Europe/Berlin', most).map((tick) => new Date(tick * 1000).getUTCHours());
    expect(hours(12)).toEqual([22, 23, 0, 1, 2, 3, 4, 5, 6]);
    expect(hours(5)).toEqual([23, 1, 3, 5]);
    expect(hours(3)).toEqual([23, 2, 5]);
  });

  test('follows the clock where it jumps: the night in October has 25 hours', () => {
    const span = { from: at('2026-10-24T22:00:00Z'), to: at('2026-10-25T23:00:00Z') };
    const ticks = hourTicks(span, 'Europe/Berlin', 6);
    expect(ticks.map((tick) => (tick - span.from) / 3_600)).toEqual([0, 7, 13, 19, 25]);
  });

  test('knows places whose hours are not ours', () => {
    const span = { from: at('2026-11-22T00:00:00Z'), to: at('2026-11-22T03:00:00Z') };
    expect(hourTicks(span, 'Asia/Kathmandu', 4).map((tick) => (tick - span.from) / 900)).toEqual([1, 5, 9]);
  });

  test('never has more marks than asked for', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 40 * 86_400 }),
        fc.integer({ min: 1, max: 12 }),
        (lengthS, most) => {
          const from = at('2026-03-20T05:13:00Z');
          const ticks = hourTicks({ from, to: from + lengthS }, 'Europe/Berlin', most);
          expect(ticks.length).toBeLessThanOrEqual(most);
          for (const tick of ticks) expect(tick >= from && tick <= from + lengthS).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });
});

const slotsOf = (values: readonly (number | undefined)[]): readonly ChartSlot[] =>
  values.map((value, index) => ({
    from: index * 900,
    to: (index + 1) * 900,
    ...(value !== undefined && { value }),
  }));
const span = { from: 0, to: 3_600 };

describe('what is drawn', () => {
  test('columns stand on zero, negative ones hang from it, the unknown has none', () => {
    const scale = valueScale([100, -100]);
    expect(columnsOf(slotsOf([100, -50, undefined, 0]), span, scale)).toEqual([
      { x: 0, y: 0, width: 25, height: 50 },
      { x: 25, y: 50, width: 25, height: 25 },
      { x: 75, y: 50, width: 25, height: 0 },
    ]);
  });

  test('columns are cut off where the span ends', () => {
    const columns = columnsOf(slotsOf([10, 10]), { from: 450, to: 1_350 }, valueScale([10]));
    expect(columns.map(({ x, width }) => [x, width])).toEqual([
      [0, 50],
      [50, 50],
    ]);
  });

  test('a stepped line is broken where there is no value', () => {
    const scale = valueScale([100]);
    expect(steppedPath(slotsOf([100, 50, undefined, 0]), span, scale)).toBe('M0 0H25V50H50M75 100H100');
    expect(steppedPath([], span, scale)).toBe('');
  });

  test('chosen stretches are cut out of the slots to the second', () => {
    expect(
      clipSlots(slotsOf([1, 2, 3]), [
        { from: 800, to: 1_000 },
        { from: 2_000, to: 9_000 },
      ]),
    ).toEqual([
      { from: 800, to: 900, value: 1 },
      { from: 900, to: 1_000, value: 2 },
      { from: 2_000, to: 2_700, value: 3 },
    ]);
  });
});

describe('the table beside the picture', () => {
  test('has a row for each stretch in which nothing changes', () => {
    const prices = slotsOf([10, 10, 20, 20]);
    const power = [{ from: 1_800, to: 2_400, value: 11_000 }];
    expect(tableRows([prices, power], span)).toEqual([
      { from: 0, to: 1_800, values: [10, undefined] },
      { from: 1_800, to: 2_400, values: [20, 11_000] },
      { from: 2_400, to: 3_600, values: [20, undefined] },
    ]);
    expect(tableRows([], span)).toEqual([]);
  });

  test('says at every instant what the picture draws there', () => {
    const values = fc.array(fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }), { maxLength: 8 });
    fc.assert(
      fc.property(values, values, fc.integer({ min: 0, max: 3_599 }), (one, other, instant) => {
        const lists = [slotsOf(one), slotsOf(other)];
        const row = tableRows(lists, span).find(({ from, to }) => from <= instant && instant < to);
        expect(lists.map((slots) => valueAt(slots, instant))).toEqual(row?.values ?? [undefined, undefined]);
      }),
    );
  });
});
