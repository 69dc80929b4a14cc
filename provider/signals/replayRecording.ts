import { localTime } from '@p2p-power/tariff/localTime';
import { type QuarterRow, quarterS, type Span } from './SignalSeries.ts';

const dayS = 86_400;
const weekDays = 7;
/** 52 weeks: the same weekday of nearly the same season. */
const yearDays = 52 * weekDays;

/** A quarter-hour by the clock on the wall: the day counted from 1970, and the quarter of the day. */
interface WallTime {
  readonly day: number;
  readonly quarter: number;
}

/**
 * Plays a recording as if it were now: each quarter-hour of the span gets what was recorded on the same weekday
 * at the same time of the day, 52 weeks before or as near to that as the recording reaches. By the clock on the wall: where clocks
 * are put forward a recorded day has no such hour, and the one before is taken; where they are put back a day has two.
 */
export function replayRecording(recording: QuarterRow, span: Span, timeZone: string): QuarterRow {
  const recorded = new Map<number, Map<number, number[]>>();
  for (const [index, value] of recording.values.entries()) {
    if (value === null) continue;
    const { day, quarter } = wallTime(timeZone, recording.firstAt + index * quarterS);
    const ofDay = recorded.get(day) ?? new Map<number, number[]>();
    recorded.set(day, ofDay);
    ofDay.set(quarter, [...(ofDay.get(quarter) ?? []), value]);
  }
  // The first and the last day may be recorded in part only.
  const whole = [...recorded].filter(([, ofDay]) => ofDay.size >= 92).map(([day]) => day);
  const [first = 0, last = -1] = [whole[0], whole.at(-1)];
  const values: (number | null)[] = [];
  for (let at = span.from; at < span.to; at += quarterS) {
    const { day, quarter } = wallTime(timeZone, at);
    const ofDay = recorded.get(recordedDay(day, first, last) ?? Number.NaN);
    const before = wallTime(timeZone, at - 3_600);
    const isSecond = before.day === day && before.quarter === quarter;
    const found = ofDay?.get(quarter) ?? ofDay?.get(quarter - 4);
    values.push(found?.[isSecond ? found.length - 1 : 0] ?? null);
  }
  return { firstAt: span.from, values };
}

/** The day of the recording that stands for a day; undefined where no week is recorded. */
function recordedDay(day: number, first: number, last: number): number | undefined {
  let found = day > last ? day - yearDays * Math.ceil((day - last) / yearDays) : day;
  if (found < first) found += weekDays * Math.ceil((first - found) / weekDays);
  return found >= first && found <= last ? found : undefined;
}

function wallTime(timeZone: string, at: number): WallTime {
  const { secondOfDay } = localTime(timeZone, at);
  // Offsets lie between −12 and +14 hours.
  const ahead = (((secondOfDay - at) % dayS) + dayS) % dayS;
  const offsetS = ahead > 14 * 3_600 ? ahead - dayS : ahead;
  return { day: Math.floor((at + offsetS) / dayS), quarter: Math.floor(secondOfDay / quarterS) };
}
