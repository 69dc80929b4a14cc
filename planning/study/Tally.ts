import { accountCharge, type QuarterPart, quarterParts } from './accountCharge.ts';
import { type GridHours, gridStateAt } from './gridHours.ts';
import { type LoadProfile, openLoadProfile } from './LoadProfile.ts';
import { wallTime } from './localClock.ts';
import type { QuarterHours } from './QuarterHours.ts';
import type { Stretch, StudyCharge } from './StudySession.ts';

/**
 * What all charges came to by one strategy. Money in micro-units (`costMicro` with the battery's wear in it), CO2 in
 * milligrams, energy in watt-seconds, power in W. `worseDepartures` counts the cars that left with less than
 * charging at once would have given them, `dearerCharges` those that cost more. `monthMicro` is by month (`2026-03`) of the
 * prices' calendar, `garagePeaksW` the highest quarter-hour of each garage.
 */
export interface StrategyOutcome {
  readonly costMicro: number;
  readonly wearMicro: number;
  readonly carbonMg: number;
  readonly drawnWs: number;
  readonly givenWs: number;
  readonly unmetWs: number;
  readonly starts: number;
  readonly redWs: number;
  readonly yellowWs: number;
  readonly peakW: number;
  readonly worseDepartures: number;
  readonly dearerCharges: number;
  readonly garagePeaksW: ReadonlyMap<string, number>;
  readonly dayW: readonly number[];
  readonly monthMicro: ReadonlyMap<string, number>;
}

/** What was done in one charge, beside what it is held against. */
export interface Done {
  readonly stretches: readonly Stretch[];
  /** Energy that the car left without although it could have been had. */
  readonly missedWs: number;
  readonly wearMicro: number;
  /** What it would have cost at once; absent for at once itself. */
  readonly atOnceMicro?: number;
}

/** What a tally reckons by. */
export interface TallyBasis {
  readonly prices: QuarterHours;
  readonly carbon: QuarterHours | number;
  readonly timeZone: string;
  readonly hours: GridHours;
  /** The sessions' own calendar, epoch seconds. */
  readonly from: number;
  readonly to: number;
}

/** Sums up the charges of one strategy. */
export interface Tally {
  /** Adds a charge and gives what it cost, wear included. */
  add(charge: StudyCharge, done: Done): number;
  outcome(): StrategyOutcome;
}

export function openTally({ prices, carbon, timeZone, hours, from, to }: TallyBasis): Tally {
  const sums = { costMicro: 0, wearMicro: 0, carbonMg: 0, drawnWs: 0, givenWs: 0, unmetWs: 0, starts: 0 };
  const inState = { red: 0, yellow: 0, green: 0 };
  const faults = { worseDepartures: 0, dearerCharges: 0 };
  const monthMicro = new Map<string, number>();
  const all = openLoadProfile(from, to, timeZone);
  const garages = new Map<string, LoadProfile>();

  const load = (garage: string, parts: readonly QuarterPart[], movedS: number) => {
    let profile = garages.get(garage);
    if (profile === undefined) {
      profile = openLoadProfile(from, to, timeZone);
      garages.set(garage, profile);
    }
    profile.add(parts, movedS);
    all.add(parts, movedS);
  };

  return {
    add({ session, arrivedAt, movedS, carbonS, unmetWs }, { stretches, missedWs, wearMicro, atOnceMicro }) {
      const series = typeof carbon === 'number' ? carbon : { series: carbon, movedS: carbonS };
      const account = accountCharge(stretches, prices, series);
      const costMicro = account.costMicro + wearMicro;
      sums.costMicro += costMicro;
      sums.wearMicro += wearMicro;
      sums.carbonMg += account.carbonMg;
      sums.drawnWs += account.drawnWs;
      sums.givenWs += account.givenWs;
      sums.unmetWs += unmetWs + missedWs;
      sums.starts += account.starts;
      if (missedWs > 0) faults.worseDepartures += 1;
      if (atOnceMicro !== undefined && costMicro > atOnceMicro) faults.dearerCharges += 1;
      const parts = quarterParts(stretches);
      load(session.garage, parts, movedS);
      for (const { from: at, ws } of parts) inState[gridStateAt(hours, timeZone, at)] += ws;
      const month = new Date(wallTime(timeZone, arrivedAt) * 1_000).toISOString().slice(0, 7);
      monthMicro.set(month, (monthMicro.get(month) ?? 0) + costMicro);
      return costMicro;
    },
    outcome: () => ({
      ...sums,
      ...faults,
      redWs: inState.red,
      yellowWs: inState.yellow,
      peakW: all.peakW(),
      garagePeaksW: new Map([...garages].map(([garage, profile]) => [garage, profile.peakW()])),
      dayW: all.dayW(),
      monthMicro: new Map([...monthMicro].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    }),
  };
}
