import { niceTicks, printNumber, tickDecimals } from './scale.ts';
import { type Colour, legend, line, picture, rect, text } from './svg.ts';

/** Values that stand for one thing in all groups. */
export interface ColumnSeries {
  readonly label: string;
  readonly colour: Colour;
  readonly values: readonly number[];
}

const WIDTH = 600;
const PLOT_HEIGHT = 220;
const LEFT = 52;
const RIGHT = 16;

/** Columns standing, side by side in groups; one series goes without a legend. `said` writes each value above its column. */
export function columnChart(
  title: string,
  unit: string,
  groups: readonly string[],
  series: readonly ColumnSeries[],
  said?: (value: number) => string,
): string {
  const all = series.flatMap(({ values }) => values);
  const ticks = niceTicks(Math.min(0, ...all), Math.max(...all, 0.001), 5);
  const [least, most] = [ticks[0]!, ticks.at(-1)!];
  const entries = series.map(({ label, colour }) => ({ label, colour, mark: 'line' as const }));
  const key = series.length > 1 ? legend(entries, LEFT, 0, WIDTH - LEFT - RIGHT) : { parts: [], height: 0 };
  const top = key.height + 24;
  const room = (WIDTH - LEFT - RIGHT) / Math.max(1, groups.length);
  const wide = Math.min(46, (room * 0.76) / Math.max(1, series.length));
  const y = (value: number) => top + PLOT_HEIGHT - ((value - least) / (most - least)) * PLOT_HEIGHT;
  const decimals = tickDecimals(ticks);
  return picture(WIDTH, top + PLOT_HEIGHT + 26, title, [
    ...key.parts,
    text(LEFT - 8, top - 12, unit, { anchor: 'end', kind: 'small' }),
    ...ticks.flatMap((tick) => [
      line(LEFT, y(tick), WIDTH - RIGHT, y(tick), tick === 0 ? 'axis' : 'grid'),
      text(LEFT - 8, y(tick) + 4, printNumber(tick, decimals), { anchor: 'end', kind: 'small' }),
    ]),
    ...groups.flatMap((label, group) => {
      const middle = LEFT + (group + 0.5) * room;
      const first = middle - (wide * series.length) / 2;
      return [
        text(middle, top + PLOT_HEIGHT + 18, label, { anchor: 'middle', kind: 'small' }),
        ...series.flatMap(({ colour, values, label: name }, index) => {
          const value = values[group] ?? 0;
          const [upper, lower] = [y(Math.max(0, value)), y(Math.min(0, value))];
          const x = first + index * wide;
          const words = said?.(value);
          const tip = `${name}, ${label}: ${words ?? `${printNumber(value, 1)} ${unit}`}`;
          return [
            rect(x + 1, upper, wide - 2, lower - upper, colour, { radius: 3, title: tip }),
            ...(words === undefined
              ? []
              : [text(x + wide / 2, upper - 6, words, { anchor: 'middle', kind: 'small' })]),
          ];
        }),
      ];
    }),
  ]);
}
