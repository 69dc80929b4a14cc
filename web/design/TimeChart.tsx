import { localTime } from '@p2p-power/tariff/localTime';
import { type PointerEvent, useState } from 'react';
import { useWords } from '../app/AppServices.ts';
import { formatTimeOfDay, formatWeekday, formatWeekdayTime } from '../words/format.ts';
import {
  type ChartSlot,
  clipSlots,
  columnsOf,
  heightOf,
  hourTicks,
  percentOf,
  type Stretch,
  steppedPath,
  tableRows,
  valueScale,
} from './chartScale.ts';

export type Tone = 'quiet' | 'brand' | 'green' | 'grid-green' | 'grid-yellow' | 'grid-red';

/** One quantity over time, drawn in a band of its own. */
export interface ChartPanel {
  readonly label: string;
  readonly slots: readonly ChartSlot[];
  /** A value in words, with its unit. */
  readonly format: (value: number) => string;
  readonly kind: 'columns' | 'line';
  readonly tone: Tone;
  /** Columns whose colour hangs on what they say, such as the state of the grid. */
  readonly toneOf?: (value: number) => Tone;
  readonly heightPx: number;
  /** The scale reaches at least up to here. */
  readonly least?: number;
  /** How many lines are ruled above zero; 0 for a strip without a scale. */
  readonly lines?: number;
}

const dayS = 86_400;

/** An instant that the chart points out, such as a departure. */
export interface ChartMark {
  readonly at: number;
  readonly label: string;
}

/**
 * Quantities over the same span of time, one above the other. `chosen` are the stretches that matter, marked in
 * all bands. Who points at an instant reads what holds there; the table below says the same without a picture.
 */
export function TimeChart({
  label,
  span,
  panels,
  chosen = [],
  marks = [],
  timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone,
  testId = 'chart',
}: {
  /** What the picture shows, in a sentence, for readers. */
  readonly label: string;
  readonly span: Stretch;
  readonly panels: readonly ChartPanel[];
  readonly chosen?: readonly Stretch[];
  readonly marks?: readonly ChartMark[];
  readonly timeZone?: string;
  readonly testId?: string;
}) {
  const { words, language } = useWords();
  const [pointedAt, setPointedAt] = useState<number>();
  // A time of day alone says too little where there are two of it.
  const isLong = span.to - span.from > dayS;
  const time = (at: number) => (isLong ? formatWeekdayTime : formatTimeOfDay)(at, language, timeZone);
  const tickName = (at: number) =>
    isLong && localTime(timeZone, at).secondOfDay === 0
      ? formatWeekday(at, language, timeZone)
      : formatTimeOfDay(at, language, timeZone);
  const point = ({ clientX, currentTarget }: PointerEvent<HTMLElement>) => {
    const { left, width } = currentTarget.getBoundingClientRect();
    const part = Math.min(Math.max((clientX - left) / Math.max(1, width), 0), 0.999_999);
    setPointedAt(Math.floor(span.from + part * (span.to - span.from)));
  };
  const ticks = hourTicks(span, timeZone, 7);
  const rows = tableRows(
    panels.map(({ slots }) => slots),
    span,
  );
  const pointedRow =
    pointedAt === undefined ? undefined : rows.find(({ from, to }) => from <= pointedAt && pointedAt < to);
  return (
    <figure className="chart" data-testid={testId}>
      <div
        className="chart-area"
        onPointerMove={point}
        onPointerDown={point}
        onPointerLeave={() => setPointedAt(undefined)}
      >
        {panels.map((panel) => (
          <Panel key={panel.label} panel={panel} span={span} chosen={chosen} />
        ))}
        {marks
          .filter(({ at }) => at >= span.from && at <= span.to)
          .map(({ at, label: name }) => (
            <div key={name} className="chart-mark" style={{ left: `${percentOf(at, span)}%` }} title={name} />
          ))}
        {pointedAt !== undefined && (
          <div className="chart-pointer" style={{ left: `${percentOf(pointedAt, span)}%` }} />
        )}
        <div className="chart-hours" aria-hidden="true">
          {ticks.map((at) => (
            <span key={at} style={{ left: `${percentOf(at, span)}%` }}>
              {tickName(at)}
            </span>
          ))}
        </div>
      </div>
      <p className="chart-readout small" aria-hidden="true">
        {pointedRow === undefined ? (
          <span className="soft">{`${time(span.from)}–${time(span.to)}`}</span>
        ) : (
          <>
            <strong>{`${time(pointedRow.from)}–${time(pointedRow.to)}`}</strong>
            {panels.map(({ label: name, format }, index) => {
              const value = pointedRow.values[index];
              return value === undefined ? null : <span key={name}>{format(value)}</span>;
            })}
          </>
        )}
      </p>
      <figcaption className="unseen">{label}</figcaption>
      <details className="chart-table">
        <summary className="small soft">{words.chart.asTable}</summary>
        <div>
          <table>
            <caption className="unseen">{label}</caption>
            <thead>
              <tr>
                <th scope="col">{words.chart.time}</th>
                {panels.map(({ label: name }) => (
                  <th scope="col" key={name}>
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map(({ from, to, values }) => (
                <tr key={from}>
                  <th scope="row">{`${time(from)}–${time(to)}`}</th>
                  {panels.map(({ label: name, format }, index) => {
                    const value = values[index];
                    return <td key={name}>{value === undefined ? '–' : format(value)}</td>;
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

function Panel({
  panel,
  span,
  chosen,
}: {
  readonly panel: ChartPanel;
  readonly span: Stretch;
  readonly chosen: readonly Stretch[];
}) {
  const { label, slots, format, kind, tone, toneOf, heightPx, least = 0, lines = 2 } = panel;
  const shown = clipSlots(slots, [span]);
  const values = shown.flatMap(({ value }) => (value === undefined ? [] : [value]));
  const scale = valueScale(values, lines, least);
  return (
    <div className="chart-panel">
      <div className="chart-label small soft" aria-hidden="true">
        {label}
      </div>
      <div className="chart-box" style={{ height: heightPx }}>
        <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
          {chosen.map(({ from, to }) => (
            <rect
              key={from}
              className="chosen"
              x={percentOf(from, span)}
              y={0}
              width={percentOf(to, span) - percentOf(from, span)}
              height={100}
            />
          ))}
          {kind === 'columns' ? (
            <>
              {shown.flatMap((slot) =>
                columnsOf([slot], span, scale).map((column) => (
                  <rect
                    key={column.x}
                    className={`bar in-${slot.value === undefined ? tone : (toneOf?.(slot.value) ?? tone)}`}
                    {...column}
                  />
                )),
              )}
              {tone === 'quiet' &&
                toneOf === undefined &&
                columnsOf(clipSlots(shown, chosen), span, scale).map((column) => (
                  <rect key={column.x} className="bar in-brand" {...column} />
                ))}
            </>
          ) : (
            <path className={`line in-${tone}`} d={steppedPath(shown, span, scale)} />
          )}
          {scale.ticks.map((tick) => (
            <line
              key={tick}
              className={tick === 0 ? 'rule zero' : 'rule'}
              x1={0}
              x2={100}
              y1={100 - heightOf(tick, scale)}
              y2={100 - heightOf(tick, scale)}
            />
          ))}
        </svg>
        {scale.ticks
          .filter((tick) => tick !== 0)
          .map((tick) => (
            <span
              key={tick}
              className="chart-value"
              style={{ top: `${100 - heightOf(tick, scale)}%` }}
              aria-hidden="true"
            >
              {format(tick)}
            </span>
          ))}
      </div>
    </div>
  );
}
