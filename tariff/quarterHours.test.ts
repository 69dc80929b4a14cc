import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quarterHours } from './quarterHours.ts';
import type { SessionReading } from './Tariff.ts';
import { arbitrarySession } from './testing/arbitraryTariff.ts';

const QUARTER = 1_790_100_000;
const reading = (at: number, importWh: number, exportWh = 0): SessionReading => ({
  at: QUARTER + at,
  importWh: 5_000 + importWh,
  exportWh,
  state: 'charging',
});
const importsOf = (...readings: readonly SessionReading[]) =>
  quarterHours(readings).map(({ from, importWh }) => [from - QUARTER, importWh]);

describe('quarterHours', () => {
  it('divides energy in proportion to time', () => {
    expect(importsOf(reading(600, 0), reading(2_400, 1_800))).toEqual([
      [0, 300],
      [900, 900],
      [1_800, 600],
    ]);
  });

  it('rounds so that the parts add up', () => {
    expect(importsOf(reading(0, 0), reading(2_700, 1))).toEqual([
      [0, 0],
      [900, 1],
      [1_800, 0],
    ]);
    expect(importsOf(reading(0, 0), reading(3_600, 6))).toEqual([
      [0, 2],
      [900, 1],
      [1_800, 2],
      [2_700, 1],
    ]);
  });

  it('gives energy of one second to the quarter-hour that begins, at the end to the one that ends', () => {
    expect(importsOf(reading(0, 0), reading(900, 100), reading(900, 150), reading(1_800, 250))).toEqual([
      [0, 100],
      [900, 150],
    ]);
    expect(importsOf(reading(0, 0), reading(900, 100), reading(900, 150))).toEqual([[0, 150]]);
    expect(importsOf(reading(0, 0), reading(0, 150))).toEqual([[0, 150]]);
    expect(importsOf(reading(0, 7))).toEqual([[0, 0]]);
    expect(quarterHours([])).toEqual([]);
  });

  it('keeps what was given back beside what was drawn', () => {
    expect(quarterHours([reading(0, 0, 0), reading(900, 10, 0), reading(1_800, 10, 40)])).toEqual([
      { from: QUARTER, importWh: 10, exportWh: 0 },
      { from: QUARTER + 900, importWh: 0, exportWh: 40 },
    ]);
  });

  it('has whole, never negative energies of adjacent quarter-hours that add up, within a Wh of the exact part', () => {
    fc.assert(
      fc.property(arbitrarySession, ({ readings }) => {
        const quarters = quarterHours(readings);
        const [first, last] = [readings[0] as SessionReading, readings.at(-1) as SessionReading];
        expect(quarters[0]?.from).toBe(first.at - (first.at % 900));
        for (const [index, { from, importWh, exportWh }] of quarters.entries()) {
          expect(from).toBe((quarters[0]?.from ?? 0) + 900 * index);
          expect(Number.isInteger(importWh) && importWh >= 0).toBe(true);
          expect(Number.isInteger(exportWh) && exportWh >= 0).toBe(true);
        }
        const sum = (key: 'importWh' | 'exportWh') =>
          quarters.reduce((total, quarter) => total + quarter[key], 0);
        expect(sum('importWh')).toBe(last.importWh - first.importWh);
        expect(sum('exportWh')).toBe(last.exportWh - first.exportWh);
        let soFar = first.importWh;
        for (const { from, importWh } of quarters.slice(0, -1)) {
          soFar += importWh;
          expect(Math.abs(soFar - importAt(readings, from + 900))).toBeLessThanOrEqual(0.5001);
        }
      }),
    );
  });
});

/** What the register shows at a time, before any step of that second. */
function importAt(readings: readonly SessionReading[], at: number): number {
  const index = readings.findIndex((reading) => reading.at >= at);
  const [start, end] = [readings[index - 1] as SessionReading, readings[index] as SessionReading];
  return start.importWh + ((end.importWh - start.importWh) * (at - start.at)) / (end.at - start.at);
}
