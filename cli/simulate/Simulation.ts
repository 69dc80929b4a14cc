import { basename } from 'node:path';
import { QUARTER_S, type QuarterHours } from '@p2p-power/planning/study/QuarterHours';
import { runStudy, type Study } from '@p2p-power/planning/study/runStudy';
import { parseCarbon, parsePrices } from './parseSeries.ts';
import { parseSessions, type SessionFile } from './parseSessions.ts';
import { readStudyFile } from './readStudyFile.ts';

/** What a simulation is asked for; files by path. */
export interface SimulationWish {
  readonly sessions: string;
  readonly prices: readonly string[];
  readonly carbon?: string | undefined;
  readonly timeZone: string;
  readonly seed: number;
  readonly powerW?: number | undefined;
  readonly fuseW?: number | undefined;
  /** How many of the sessions to play, evenly picked; all of them without. */
  readonly sample?: number | undefined;
}

/** A series as it was read, with its file's name. */
interface NamedSeries {
  readonly file: string;
  readonly series: QuarterHours;
}

/** What was simulated: the inputs as read, and a study for each file of prices. */
export interface Simulation {
  readonly wish: SimulationWish;
  readonly sessions: SessionFile & { readonly file: string; readonly played: number };
  readonly carbon: NamedSeries | undefined;
  readonly studies: readonly (NamedSeries & { readonly study: Study })[];
}

/**
 * The CO2 of power where no series is given: the German mix of 2024, grams per kWh, as the Umweltbundesamt estimates it
 * (Entwicklung der spezifischen Treibhausgas-Emissionen des deutschen Strommix 1990 – 2024, published in 2025).
 */
export const AVERAGE_GRAMS = 363;
export const AVERAGE_GRAMS_SOURCE =
  'German power mix of 2024, estimate of the Umweltbundesamt, published in 2025';

/** Reads the files and plays the sessions on each file of prices; `told` hears how far it is, 0 to 1. */
export function simulate(wish: SimulationWish, told: (part: number) => void): Simulation {
  const { timeZone, seed, powerW, fuseW } = wish;
  const read = readStudyFile(wish.sessions, 'sessions', (text) => parseSessions(text, timeZone));
  const series = (file: string, what: string, parse: typeof parsePrices): NamedSeries => ({
    file: basename(file),
    series: readStudyFile(file, what, parse),
  });
  const prices = wish.prices.map((file) => series(file, 'prices', parsePrices));
  const carbon = wish.carbon === undefined ? undefined : series(wish.carbon, 'CO2', parseCarbon);
  const sessions = spread(read.sessions, wish.sample);
  const studies = prices.map(({ file, series: priced }, index) => {
    const steps = runStudy({
      sessions,
      prices: priced,
      carbon: carbon?.series ?? AVERAGE_GRAMS,
      timeZone,
      seed,
      powerW,
      fuseW,
    });
    let step = steps.next();
    while (!step.done) {
      told((index + step.value.done / step.value.total) / prices.length);
      step = steps.next();
    }
    return { file, series: priced, study: step.value };
  });
  const played = sessions.length;
  return {
    wish,
    sessions: { ...read, file: basename(wish.sessions), played },
    carbon,
    studies,
  };
}

/** The first and last instant of a series as days of its zone's calendar: `2025-10-01`. */
export function daysOf({ firstAt, values }: QuarterHours, timeZone: string): readonly [string, string] {
  const day = (at: number) => new Date(at * 1_000).toLocaleDateString('sv-SE', { timeZone });
  return [day(firstAt), day(firstAt + values.length * QUARTER_S - 1)];
}

function spread<Item>(items: readonly Item[], count: number | undefined): readonly Item[] {
  if (count === undefined || count >= items.length) return items;
  return Array.from({ length: count }, (_, index) => items[Math.floor((index * items.length) / count)]!);
}
