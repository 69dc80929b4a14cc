import fc from 'fast-check';
import { QUARTER_S, type QuarterHours } from '../QuarterHours.ts';
import type { StudyCharge } from '../StudySession.ts';

/** 2025-10-20 00:00 in Oslo, a Monday; clocks go back on the Sunday after it. */
export const MONDAY = 1_760_911_200;
export const OSLO = 'Europe/Oslo';

/** Two weeks of prices around a change of clocks, negative ones too; coarse, so that equal ones occur. */
export const prices: fc.Arbitrary<QuarterHours> = fc
  .record({
    seed: fc.nat(),
    spread: fc.integer({ min: 1, max: 70 }),
    level: fc.integer({ min: -20, max: 20 }),
  })
  .map(({ seed, spread, level }) => {
    let state = seed;
    const values = Array.from({ length: 14 * 96 }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return (((state >>> 8) % spread) + level) * 10_000;
    });
    return { firstAt: MONDAY, values };
  });

/** A charge within the second week of the prices; some need more than they can have. */
export const charge: fc.Arbitrary<StudyCharge> = fc
  .record({
    startS: fc.integer({ min: 0, max: 4 * 86_400 }),
    lengthS: fc.integer({ min: 0, max: 60 * 3_600 }),
    askedWh: fc.integer({ min: 1, max: 60_000 }),
    powerW: fc.constantFrom(3_600, 7_200, 11_000),
  })
  .map(({ startS, lengthS, askedWh, powerW }) => {
    const arrivedAt = MONDAY + 7 * 86_400 + Math.floor(startS / 60) * 60;
    return chargeOf({
      arrivedAt,
      leftAt: arrivedAt + Math.floor(lengthS / 60) * 60,
      energyWh: askedWh,
      powerW,
    });
  });

/** A charge at the time of the prices. */
export function chargeOf({
  arrivedAt,
  leftAt,
  energyWh,
  powerW,
}: {
  readonly arrivedAt: number;
  readonly leftAt: number;
  readonly energyWh: number;
  readonly powerW: number;
}): StudyCharge {
  const needWs = Math.min(energyWh * 3_600, (leftAt - arrivedAt) * powerW);
  return {
    session: { id: '1', garage: 'G', user: 'G-1', arrivedAt, leftAt, energyWh },
    arrivedAt,
    leftAt,
    movedS: 0,
    carbonS: 0,
    powerW,
    needWs,
    unmetWs: energyWh * 3_600 - needWs,
  };
}

/** The same prices up to an instant, and others from then on. */
export function changedFrom(series: QuarterHours, at: number, by: (value: number) => number): QuarterHours {
  return {
    ...series,
    values: series.values.map((value, index) =>
      series.firstAt + index * QUARTER_S < at ? value : by(value),
    ),
  };
}
