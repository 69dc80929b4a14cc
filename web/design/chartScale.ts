import { localTime } from '@p2p-power/tariff/localTime';

/** A stretch of time, `to` exclusive (epoch seconds), and what was or will be in it; no value where nobody knows. */
export interface ChartSlot {
  readonly from: number;
  readonly to: number;
  readonly value?: number;
}

/** A stretch of time alone. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** The lowest and highest value that is drawn, and where lines are ruled between them. */
export interface ValueScale {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
}

const roundNumbers = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

/**
 * A scale for values that begins at zero, below it where some are negative, and ends at a round number
 * not below the highest, ruled `lines` times at most above zero. `least` is the height it has at least, so
 * that noise is not drawn as a mountain. Without lines it ends at the highest itself.
 */
export function valueScale(values: readonly number[], lines = 2, least = 0): ValueScale {
  const high = Math.max(least, 0, ...values);
  const low = Math.min(0, ...values);
  const span = high - low || 1;
  if (lines === 0) return { low, high: low + span, ticks: [0] };
  const rough = span / lines;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = magnitude * (roundNumbers.find((number) => number * magnitude >= rough * (1 - 1e-9)) ?? 10);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.max(Math.ceil(high / step - 1e-9), first + 1);
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
  return { low: first * step, high: last * step, ticks };
}

/** Where on a span of time an instant lies, as a percentage from 0 to 100. */
export function percentOf(at: number, { from, to }: Stretch): number {
  return (Math.min(Math.max(at, from), to) - from) * (100 / Math.max(1, to - from));
}

/** Where on a scale a value lies, as a percentage from below. */
export function heightOf(value: number, { low, high }: ValueScale): number {
  return ((Math.min(Math.max(value, low), high) - low) * 100) / (high - low);
}

const stepsH = [1, 2, 3, 4, 6, 12, 24];

/**
 * The full hours of a place's clock within a span, every one or every few so that there are at most
 * `most`: hours that divide the day, also where clocks jump.
 */
export function hourTicks({ from, to }: Stretch, timeZone: string, most: number): readonly number[] {
  const ticksOf = (stepH: number): number[] => {
    const ticks: number[] = [];
    for (let at = Math.ceil(from / 900) * 900; at <= to; at += 900)
      if (localTime(timeZone, at).secondOfDay % (stepH * 3_600) === 0) ticks.push(at);
    return ticks;
  };
  for (const stepH of stepsH) {
    if ((to - from) / (stepH * 3_600) > most + 1) continue;
    const ticks = ticksOf(stepH);
    if (ticks.length <= most) return ticks;
  }
  const days = ticksOf(24);
  const every = Math.ceil(days.length / Math.max(1, most));
  return days.filter((_, index) => index % every === 0);
}

/** The parts of slots that lie within any of the stretches; both in order. */
export function clipSlots(slots: readonly ChartSlot[], stretches: readonly Stretch[]): readonly ChartSlot[] {
  return slots.flatMap((slot) =>
    stretches.flatMap(({ from, to }) => {
      const clipped = { ...slot, from: Math.max(slot.from, from), to: Math.min(slot.to, to) };
      return clipped.from < clipped.to ? [clipped] : [];
    }),
  );
}

/** What holds at an instant. */
export function valueAt(slots: readonly ChartSlot[], at: number): number | undefined {
  return slots.find(({ from, to }) => from <= at && at < to)?.value;
}

/** A column of a chart in percent of its box, y from above. */
export interface Column {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Columns from the line of zero up, negative ones down; what has no value has none. */
export function columnsOf(slots: readonly ChartSlot[], span: Stretch, scale: ValueScale): readonly Column[] {
  const zero = heightOf(0, scale);
  return clipSlots(slots, [span]).flatMap(({ from, to, value }): Column[] => {
    if (value === undefined) return [];
    const x = percentOf(from, span);
    const top = heightOf(value, scale);
    return [
      {
        x: round(x),
        y: round(100 - Math.max(top, zero)),
        width: round(percentOf(to, span) - x),
        height: round(Math.abs(top - zero)),
      },
    ];
  });
}

/** The path of a stepped line in a box of 100 by 100, broken where there is no value. */
export function steppedPath(slots: readonly ChartSlot[], span: Stretch, scale: ValueScale): string {
  let path = '';
  let drawnTo: number | undefined;
  for (const { from, to, value } of clipSlots(slots, [span])) {
    if (value === undefined) continue;
    const y = round(100 - heightOf(value, scale));
    const [x, end] = [round(percentOf(from, span)), round(percentOf(to, span))];
    path += drawnTo === from ? `V${y}H${end}` : `M${x} ${y}H${end}`;
    drawnTo = to;
  }
  return path;
}

/** One line of a chart's table: a stretch in which nothing changes, and a value for each of the lists. */
export interface TableRow extends Stretch {
  readonly values: readonly (number | undefined)[];
}

/** The table that says what a chart of several lists draws; what never has any value in a row is left out. */
export function tableRows(lists: readonly (readonly ChartSlot[])[], span: Stretch): readonly TableRow[] {
  const clipped = lists.map((slots) => clipSlots(slots, [span]));
  const bounds = [...new Set(clipped.flat().flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b);
  const rows: TableRow[] = [];
  for (const [index, from] of bounds.entries()) {
    const to = bounds[index + 1];
    if (to === undefined) continue;
    const values = clipped.map((slots) => valueAt(slots, from));
    if (values.every((value) => value === undefined)) continue;
    const last = rows.at(-1);
    if (last?.to === from && last.values.every((value, at) => value === values[at]))
      rows[rows.length - 1] = { ...last, to };
    else rows.push({ from, to, values });
  }
  return rows;
}

const round = (value: number) => Math.round(value * 1000) / 1000;
