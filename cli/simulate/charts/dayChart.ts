import { niceTicks, printNumber, tickDecimals } from './scale.ts';
import { area, type Colour, type LegendEntry, legend, line, path, picture, rect, text } from './svg.ts';

/** A line over the day: values of equal lengths of time, 24 or 96 of them. */
export interface DayLine {
  readonly label: string;
  readonly colour: Colour;
  readonly values: readonly number[];
  readonly isDashed?: boolean;
}

/** A band between two lines over the day. */
export interface DayBand {
  readonly label: string;
  readonly colour: Colour;
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/** Hours marked in the background. */
export interface DayShade {
  readonly fromHour: number;
  readonly toHour: number;
  readonly colour: Colour;
}

const WIDTH = 600;
const PLOT_HEIGHT = 250;
const LEFT = 52;
const RIGHT = 16;

/** Values over the hours of a day, as lines and bands. */
export function dayChart(
  title: string,
  unit: string,
  {
    lines,
    bands = [],
    shades = [],
    shadeLegend = [],
  }: {
    readonly lines: readonly DayLine[];
    readonly bands?: readonly DayBand[];
    readonly shades?: readonly DayShade[];
    readonly shadeLegend?: readonly LegendEntry[];
  },
): string {
  const all = [
    ...lines.flatMap(({ values }) => values),
    ...bands.flatMap(({ low, high }) => [...low, ...high]),
  ];
  const ticks = niceTicks(Math.min(0, ...all), Math.max(...all, 0.001), 5);
  const [least, most] = [ticks[0]!, ticks.at(-1)!];
  const entries: LegendEntry[] = [
    ...lines.map(({ label, colour, isDashed }) => ({
      label,
      colour,
      mark: isDashed ? ('dashed' as const) : ('line' as const),
    })),
    ...bands.map(({ label, colour }) => ({ label, colour, mark: 'area' as const })),
    ...shadeLegend,
  ];
  const key = legend(entries, LEFT, 0, WIDTH - LEFT - RIGHT);
  const top = key.height + 24;
  const x = (hour: number) => LEFT + (hour / 24) * (WIDTH - LEFT - RIGHT);
  const y = (value: number) => top + PLOT_HEIGHT - ((value - least) / (most - least)) * PLOT_HEIGHT;
  // Each value holds for its part of the day: it is drawn at the middle.
  const points = (values: readonly number[]) =>
    values.map((value, part): readonly [number, number] => [
      x(((part + 0.5) * 24) / values.length),
      y(value),
    ]);
  const decimals = tickDecimals(ticks);
  const hours = [0, 3, 6, 9, 12, 15, 18, 21, 24];
  return picture(WIDTH, top + PLOT_HEIGHT + 26, title, [
    ...key.parts,
    text(LEFT - 8, top - 12, unit, { anchor: 'end', kind: 'small' }),
    ...shades.map(({ fromHour, toHour, colour }) =>
      rect(x(fromHour), top, x(toHour) - x(fromHour), PLOT_HEIGHT, colour, { opacity: 0.14 }),
    ),
    ...ticks.flatMap((tick) => [
      line(LEFT, y(tick), WIDTH - RIGHT, y(tick), tick === 0 ? 'axis' : 'grid'),
      text(LEFT - 8, y(tick) + 4, printNumber(tick, decimals), { anchor: 'end', kind: 'small' }),
    ]),
    ...hours.map((hour) =>
      text(x(hour), top + PLOT_HEIGHT + 18, `${String(hour).padStart(2, '0')}:00`, {
        anchor: 'middle',
        kind: 'small',
      }),
    ),
    ...bands.map(({ low, high, colour }) => area(points(high), points(low), colour, 0.2)),
    ...lines.map(({ values, colour, isDashed = false }) => path(points(values), colour, { isDashed })),
  ]);
}
