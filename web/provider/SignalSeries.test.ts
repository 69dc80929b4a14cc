import type { GridSlot } from '@p2p-power/protocol/Signal';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  limitSlots,
  parseSeries,
  signalSlots,
  sourceName,
  spanOfSignal,
  stateOfSeverity,
  withSlot,
} from './SignalSeries.ts';

const firstAt = 1_780_002_000 - (1_780_002_000 % 900);
const row = {
  kind: 'price',
  area: 'AT',
  source: 'awattar',
  ageS: 60,
  nextAt: 7,
  knownUntil: 9,
  missing: 2,
  fault: 'late',
  faultDetail: 'no day-ahead prices',
  faultsInRow: 3,
  content: { kind: 'price', currency: 'EUR', firstAt, indexMicro: [80_000, null, -5_000] },
};

describe('signals', () => {
  test('are read with their content, their age and their fault', () => {
    expect(parseSeries({ signals: [row] })).toEqual([row]);
  });

  test('have the names that their sources give themselves', () => {
    expect(['entsoe', 'energy-charts', 'file', 'staff'].map(sourceName)).toEqual([
      'ENTSO-E',
      'Energy-Charts',
      'file',
      'staff',
    ]);
  });

  test('that lack something lack it, and what is none is left out', () => {
    const bare = { kind: 'grid', area: 'AT', source: 'staff', ageS: null, fault: null, content: row.content };
    expect(parseSeries({ signals: [bare, { kind: 'weather', area: 'AT' }, 7, { kind: 'price' }] })).toEqual([
      { kind: 'grid', area: 'AT', source: 'staff', missing: 0, faultsInRow: 0 },
    ]);
    for (const json of [null, 7, {}, { signals: 'x' }]) expect(parseSeries(json)).toEqual([]);
  });

  test('become columns by the quarter-hour; what nobody knows has none', () => {
    const [series] = parseSeries({ signals: [row] });
    expect(series?.content && signalSlots(series.content)).toEqual([
      { from: firstAt, to: firstAt + 900, value: 80_000 },
      { from: firstAt + 900, to: firstAt + 1_800 },
      { from: firstAt + 1_800, to: firstAt + 2_700, value: -5_000 },
    ]);
    expect(signalSlots({ kind: 'carbon', firstAt, gramsPerKwh: [200] })[0]?.value).toBe(200);
  });

  test('of a grid are as high as they are severe, with their limits beside', () => {
    const slots: readonly GridSlot[] = [
      { from: 0, to: 9, state: 'green' },
      { from: 9, to: 18, state: 'red', limitW: 4_200 },
    ];
    const drawn = signalSlots({ kind: 'grid', slots });
    expect(drawn.map(({ value = 0 }) => stateOfSeverity(value))).toEqual(['green', 'red']);
    expect(stateOfSeverity(2)).toBe('yellow');
    expect(limitSlots(slots)).toEqual([
      { from: 0, to: 9 },
      { from: 9, to: 18, value: 4_200 },
    ]);
  });

  test('are drawn from a little before now to their end; old ones from their last day', () => {
    const slots = signalSlots({ kind: 'carbon', firstAt, gramsPerKwh: Array.from({ length: 192 }, () => 1) });
    const now = firstAt + 12 * 3_600;
    const span = spanOfSignal(slots, now);
    expect(span.from).toBeGreaterThanOrEqual(now - 3 * 3_600);
    expect(span.to - span.from).toBe(36 * 3_600);
    const old = spanOfSignal(slots, now + 90 * 86_400);
    expect([old.from, old.to]).toEqual([firstAt + 24 * 3_600, firstAt + 48 * 3_600]);
    expect(spanOfSignal([], now).to).toBeGreaterThan(now);
  });
});

describe('a state put over what was stated of a grid', () => {
  const at = fc.integer({ min: 0, max: 60 });
  const state = fc.constantFrom('green' as const, 'yellow' as const, 'red' as const);
  const slot = fc
    .tuple(at, fc.integer({ min: 1, max: 20 }), state)
    .map(([from, long, named]): GridSlot => ({ from, to: from + long, state: named }));

  test('holds where it is, and elsewhere what held before', () => {
    const stateAt = (slots: readonly GridSlot[], when: number) =>
      slots.find(({ from, to }) => from <= when && when < to)?.state;
    fc.assert(
      fc.property(fc.array(slot, { maxLength: 6 }), slot, (stated, last) => {
        const before = stated.reduce<readonly GridSlot[]>((all, each) => withSlot(all, each, -1), []);
        const after = withSlot(before, last, -1);
        for (const [index, { from, to }] of after.entries()) {
          expect(from).toBeLessThan(to);
          expect(from).toBeGreaterThanOrEqual(after[index - 1]?.to ?? 0);
        }
        for (let when = 0; when < 90; when += 1)
          expect(stateAt(after, when)).toBe(
            last.from <= when && when < last.to ? last.state : stateAt(before, when),
          );
      }),
    );
  });

  test('leaves out what is over', () => {
    const old: GridSlot = { from: 1, to: 5, state: 'red' };
    const stated: GridSlot = { from: 9, to: 12, state: 'yellow' };
    expect(withSlot([old], stated, 5)).toEqual([stated]);
    expect(withSlot([old], stated, 4)).toEqual([old, stated]);
  });
});
