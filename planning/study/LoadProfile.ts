import type { QuarterPart } from './accountCharge.ts';
import { dayStart, wallTime } from './localClock.ts';
import { QUARTER_S } from './QuarterHours.ts';

const QUARTERS_A_DAY = 96;

/** The load of many cars by quarter-hour, watt-seconds; grows as charges are added. */
export interface LoadProfile {
  /** Adds what a charge drew and gave back, `movedS` seconds earlier than its parts say. */
  add(parts: readonly QuarterPart[], movedS: number): void;
  /** The highest mean power of a quarter-hour, W, rounded. */
  peakW(): number;
  /** Mean power by quarter-hour of the local day, W, rounded, over all days from the first to the last. */
  dayW(): readonly number[];
}

/** A profile for the time from an instant to another; both are widened to whole local days. */
export function openLoadProfile(from: number, to: number, timeZone: string): LoadProfile {
  const firstAt = dayStart(timeZone, from);
  const until = dayStart(timeZone, to, 1);
  const loadWs = new Float64Array(Math.max(1, (until - firstAt) / QUARTER_S));
  return {
    add(parts, movedS) {
      for (const { from: at, ws } of parts) {
        const index = Math.floor((at - movedS - firstAt) / QUARTER_S);
        if (loadWs[index] === undefined) throw new RangeError(`${at - movedS} lies outside of the profile`);
        loadWs[index] += ws;
      }
    },
    peakW() {
      let highest = 0;
      for (const ws of loadWs) highest = Math.max(highest, ws);
      return Math.round(highest / QUARTER_S);
    },
    dayW() {
      const sums = Array.from({ length: QUARTERS_A_DAY }, () => ({ ws: 0, seconds: 0 }));
      for (const [index, ws] of loadWs.entries()) {
        const wallS = wallTime(timeZone, firstAt + index * QUARTER_S);
        const sum = sums[Math.floor(wallS / QUARTER_S) % QUARTERS_A_DAY]!;
        sum.ws += ws;
        sum.seconds += QUARTER_S;
      }
      return sums.map(({ ws, seconds }) => Math.round(ws / Math.max(1, seconds)));
    },
  };
}
