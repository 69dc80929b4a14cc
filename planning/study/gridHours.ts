import type { GridSlot } from '../gridState.ts';
import { instantOf, wallTime } from './localClock.ts';

type GridState = GridSlot['state'];

/** The grid's state by hour of the local day: from Monday to Friday, and on Saturday and Sunday. */
export interface GridHours {
  readonly weekday: readonly GridState[];
  readonly weekend: readonly GridState[];
}

const HOUR_S = 3_600;
/** An hour is red from this part of the highest hour's load on, yellow from that part on. */
export const RED_PER_MILLE = 800;
export const YELLOW_PER_MILLE = 600;

/**
 * When a grid that these cars share would be short if all charged at once: hours in which their load, on average
 * over the days of that kind, is 80 % of the highest hour's or more are red, from 60 % on yellow. `parts` are what
 * the cars drew at once, at the times of their own calendar.
 */
export function gridHours(
  parts: Iterable<{ readonly from: number; readonly ws: number }>,
  timeZone: string,
): GridHours {
  const loadWs = { weekday: new Array<number>(24).fill(0), weekend: new Array<number>(24).fill(0) };
  for (const { from, ws } of parts) {
    const { kind, hour } = hourOf(timeZone, from);
    loadWs[kind][hour]! += ws;
  }
  // Five days of the one kind, two of the other.
  const perDay = {
    weekday: loadWs.weekday.map((ws) => ws * 2),
    weekend: loadWs.weekend.map((ws) => ws * 5),
  };
  const highest = Math.max(...perDay.weekday, ...perDay.weekend);
  const stateOf = (ws: number): GridState =>
    ws > 0 && ws * 1_000 >= highest * RED_PER_MILLE
      ? 'red'
      : ws > 0 && ws * 1_000 >= highest * YELLOW_PER_MILLE
        ? 'yellow'
        : 'green';
  return { weekday: perDay.weekday.map(stateOf), weekend: perDay.weekend.map(stateOf) };
}

/** The state at an instant. */
export function gridStateAt(hours: GridHours, timeZone: string, at: number): GridState {
  const { kind, hour } = hourOf(timeZone, at);
  return hours[kind][hour]!;
}

/** The states from an instant to another, neighbours of one state in one. */
export function gridSlots(hours: GridHours, timeZone: string, from: number, to: number): readonly GridSlot[] {
  const slots: { from: number; to: number; state: GridState }[] = [];
  for (let at = from; at < to; ) {
    const nextWallS = (Math.floor(wallTime(timeZone, at) / HOUR_S) + 1) * HOUR_S;
    const next = Math.min(to, Math.max(at + 1, instantOf(timeZone, nextWallS)));
    const state = gridStateAt(hours, timeZone, at);
    const last = slots.at(-1);
    if (last?.state === state) last.to = next;
    else slots.push({ from: at, to: next, state });
    at = next;
  }
  return slots;
}

function hourOf(timeZone: string, at: number): { readonly kind: keyof GridHours; readonly hour: number } {
  const wallS = wallTime(timeZone, at);
  // 1970-01-01 was a Thursday: 0 is Monday.
  const weekday = (((Math.floor(wallS / 86_400) + 3) % 7) + 7) % 7;
  const hour = Math.floor((((wallS % 86_400) + 86_400) % 86_400) / HOUR_S);
  return { kind: weekday < 5 ? 'weekday' : 'weekend', hour };
}
