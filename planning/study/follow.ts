import { QUARTER_S } from './QuarterHours.ts';
import type { Stretch, StudyCharge } from './StudySession.ts';

/** What to do from an instant on, as known then: times and powers. `leftWs` is what the car still needs. */
export type Decide = (
  at: number,
  leftWs: number,
) => readonly { readonly from: number; readonly to: number; readonly powerW: number }[];

/** When a station decides anew: at arrival, and then at every quarter-hour of the clock. */
export function ticksOf({ arrivedAt, leftAt }: Pick<StudyCharge, 'arrivedAt' | 'leftAt'>): readonly number[] {
  const ticks: number[] = arrivedAt < leftAt ? [arrivedAt] : [];
  let at = (Math.floor(arrivedAt / QUARTER_S) + 1) * QUARTER_S;
  for (; at < leftAt; at += QUARTER_S) ticks.push(at);
  return ticks;
}

/**
 * Runs a charge as a station does: at each of the ticks it decides, and does what was decided until the next; charging
 * stops when the energy is in the car. Gives what was done, stretches of one power joined.
 */
export function follow(charge: StudyCharge, ticks: readonly number[], decide: Decide): readonly Stretch[] {
  const done: { from: number; to: number; powerW: number; ws: number }[] = [];
  let leftWs = charge.needWs;
  for (const [index, at] of ticks.entries()) {
    if (leftWs <= 0) break;
    const until = ticks[index + 1] ?? charge.leftAt;
    for (const slot of decide(at, leftWs)) {
      const from = Math.max(slot.from, at);
      const most = Math.min(slot.to, until);
      if (from >= most || slot.powerW <= 0 || leftWs <= 0) continue;
      const to = Math.min(most, from + Math.ceil(leftWs / slot.powerW));
      const ws = Math.min(leftWs, (to - from) * slot.powerW);
      leftWs -= ws;
      const last = done.at(-1);
      if (last?.to === from && last.powerW === slot.powerW) {
        last.to = to;
        last.ws += ws;
      } else done.push({ from, to, powerW: slot.powerW, ws });
    }
  }
  return done;
}
