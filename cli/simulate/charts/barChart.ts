import { niceTicks } from './scale.ts';
import { type Colour, line, picture, rect, text } from './svg.ts';

/** A bar: its value, what stands behind it, and a second, softer remark. */
export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly said: string;
  readonly remark?: string;
  readonly colour: Colour;
  /** A bar that is a bound rather than something done is drawn as an outline. */
  readonly isBound?: boolean;
}

const WIDTH = 600;
const LEFT = 172;
const RIGHT = 96;
const ROW = 38;
const BAR = 22;

/** Bars lying, from zero on, each with its label and value; `mark` draws a line at a value with what it means. */
export function barChart(
  title: string,
  bars: readonly Bar[],
  mark?: { readonly value: number; readonly label: string },
): string {
  const values = [0, ...bars.map(({ value }) => value), ...(mark === undefined ? [] : [mark.value])];
  const ticks = niceTicks(Math.min(...values), Math.max(...values), 5);
  const [least, most] = [Math.min(...values, 0), Math.max(...values, ticks[1] ?? 1)];
  const across = (value: number) => LEFT + ((value - least) / (most - least)) * (WIDTH - LEFT - RIGHT);
  const top = mark === undefined ? 6 : 26;
  const height = top + bars.length * ROW + 4;
  const rows = bars.flatMap(({ label, value, said, remark, colour, isBound }, index) => {
    const y = top + index * ROW + (ROW - BAR) / 2;
    const [from, to] = [across(Math.min(0, value)), across(Math.max(0, value))];
    return [
      text(LEFT - 12, y + BAR / 2 + 4.5, label, { anchor: 'end' }),
      rect(from, y, to - from, BAR, colour, {
        radius: 4,
        opacity: isBound ? 0.35 : 1,
        title: `${label}: ${said}`,
      }),
      text(to + 8, y + BAR / 2 + (remark === undefined ? 4.5 : -1), said, { kind: 'strong' }),
      ...(remark === undefined ? [] : [text(to + 8, y + BAR / 2 + 13, remark, { kind: 'small' })]),
    ];
  });
  const marked =
    mark === undefined
      ? []
      : [
          line(across(mark.value), top - 4, across(mark.value), height - 4, 'mark'),
          text(across(mark.value), top - 10, mark.label, { anchor: 'middle', kind: 'small' }),
        ];
  return picture(WIDTH, height, title, [
    line(across(0), top, across(0), height - 4, 'axis'),
    ...rows,
    ...marked,
  ]);
}
