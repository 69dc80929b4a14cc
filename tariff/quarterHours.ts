import { QUARTER_HOUR_S } from './EnergyPrices.ts';
import { roundedQuotient } from './roundedQuotient.ts';
import type { SessionReading } from './Tariff.ts';

/** The energy of a quarter-hour, whole Wh: `from` is its start, a multiple of 900 (epoch seconds). */
export interface QuarterHour {
  readonly from: number;
  readonly importWh: number;
  readonly exportWh: number;
}

/**
 * The energy of a sound session by quarter-hour, as a grid operator accounts for it: every quarter-hour that the session
 * touches, without gaps. Between two readings energy is divided in proportion to time; energy between two readings of the
 * same second belongs to the quarter-hour that begins then or runs, at the very end to the one that ends (docs/rounding.md).
 * What a register would show at each boundary is rounded, half away from zero, so that the whole Wh of the quarter-hours
 * add up to what the meter measured.
 */
export function quarterHours(readings: readonly SessionReading[]): readonly QuarterHour[] {
  const [first, last] = [readings[0], readings.at(-1)];
  if (first === undefined || last === undefined) return [];
  const quarters: QuarterHour[] = [];
  let before: Pick<SessionReading, 'importWh' | 'exportWh'> = first;
  let index = 0;
  let from = first.at - (first.at % QUARTER_HOUR_S);
  do {
    const to = from + QUARTER_HOUR_S;
    while (index + 1 < readings.length && (readings[index + 1] as SessionReading).at < to) index += 1;
    const after = to >= last.at ? last : registersAt(readings[index], readings[index + 1] ?? last, to);
    quarters.push({
      from,
      importWh: after.importWh - before.importWh,
      exportWh: after.exportWh - before.exportWh,
    });
    before = after;
    from = to;
  } while (from < last.at);
  return quarters;
}

/** What the registers show at a time, on the straight line between the readings around it. */
function registersAt(start: SessionReading | undefined, end: SessionReading, at: number) {
  if (start === undefined || end.at === at) return end;
  const partOf = (from: number, to: number): number =>
    from + Number(roundedQuotient(BigInt(to - from) * BigInt(at - start.at), BigInt(end.at - start.at)));
  return {
    importWh: partOf(start.importWh, end.importWh),
    exportWh: partOf(start.exportWh, end.exportWh),
  };
}
