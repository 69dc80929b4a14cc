import { priceShape } from '@p2p-power/planning/study/priceShape';
import { endOf, type QuarterHours } from '@p2p-power/planning/study/QuarterHours';
import { type Strategy, type Study, strategies } from '@p2p-power/planning/study/runStudy';
import type { StrategyOutcome } from '@p2p-power/planning/study/Tally';
import { barChart } from './charts/barChart.ts';
import { columnChart } from './charts/columnChart.ts';
import { type DayLine, type DayShade, dayChart } from './charts/dayChart.ts';
import { printNumber } from './charts/scale.ts';
import { percent } from './printSimulation.ts';
import { strategyNames } from './strategyNames.ts';

/** A plot: what it is called, the finding that it shows in a sentence, and the picture. */
export interface StudyChart {
  readonly id: string;
  readonly title: string;
  readonly finding: string;
  readonly svg: string;
}

const WS_PER_KWH = 3_600_000;

/** The plots of a study, in the order of the report. */
export function studyCharts(study: Study, prices: QuarterHours, timeZone: string): readonly StudyChart[] {
  return [
    costChart(study),
    loadChart(study),
    peakChart(study),
    redChart(study),
    carbonChart(study),
    monthChart(study),
    priceChart(prices, timeZone),
    flexibilityChart(study),
  ];
}

function bars(study: Study, of: (outcome: StrategyOutcome) => number, decimals: number, unit: string) {
  const atOnce = of(study.outcomes.at_once);
  return strategies.map((name) => {
    const { name: label, colour, isBound } = strategyNames[name];
    const value = of(study.outcomes[name]);
    const change = atOnce === 0 ? 0 : (value - atOnce) / Math.abs(atOnce);
    return {
      label,
      colour,
      isBound,
      value,
      said: `${printNumber(value, decimals)} ${unit}`,
      ...(name !== 'at_once' && { remark: `${change > 0 ? '+' : ''}${percent(change, 1)}` }),
    };
  });
}

function costChart(study: Study): StudyChart {
  const { at_once: atOnce, ours } = study.outcomes;
  const saved = (atOnce.costMicro - ours.costMicro) / Math.abs(atOnce.costMicro || 1);
  const title = 'Energy cost';
  return {
    id: 'cost',
    title,
    finding:
      `Our plan saves ${percent(saved, 1)} of the energy cost, ` +
      `${percent(study.savingSharePerMyriad.ours / 10_000, 1)} of what perfect foresight could have saved.`,
    svg: barChart(
      title,
      bars(study, ({ costMicro }) => costMicro / 1_000_000, 0, '€'),
    ),
  };
}

function carbonChart(study: Study): StudyChart {
  const { at_once: atOnce, ours } = study.outcomes;
  const title = 'CO₂ of the energy';
  const change = (atOnce.carbonMg - ours.carbonMg) / Math.abs(atOnce.carbonMg || 1);
  return {
    id: 'co2',
    title,
    finding:
      change === 0
        ? 'With one average for all hours only the energy counts, and that is the same.'
        : `Charging by price alone ${change > 0 ? 'avoids' : 'adds'} ${percent(Math.abs(change), 1)} of the CO₂.`,
    svg: barChart(
      title,
      bars(study, ({ carbonMg }) => carbonMg / 1_000_000, 0, 'kg'),
    ),
  };
}

const drawnByDay: readonly Strategy[] = ['at_once', 'ours_discharge', 'ours_grid', 'ours', 'evcc'];

function loadChart({ outcomes, hours }: Study): StudyChart {
  const title = 'Load over the day';
  const lines = drawnByDay.map(
    (name): DayLine => ({
      label: strategyNames[name].name,
      colour: strategyNames[name].colour,
      values: byHour(outcomes[name].dayW).map((powerW) => powerW / 1_000),
      isDashed: name === 'evcc',
    }),
  );
  const shades = hours.weekday.flatMap((state, hour): readonly DayShade[] =>
    state === 'green' ? [] : [{ fromHour: hour, toHour: hour + 1, colour: state }],
  );
  const [atOnce, ours] = [byHour(outcomes.at_once.dayW), byHour(outcomes.ours.dayW)];
  const hour = highestAt(atOnce);
  const less = 1 - ours[hour]! / Math.max(1, atOnce[hour]!);
  return {
    id: 'load',
    title,
    finding:
      `In the hour from ${clock(hour * 4)} on, when charging at once is at its highest, our plan draws ${percent(less, 0)} less on an average day. ` +
      'All garages together; shaded are the red and yellow hours of weekdays.',
    svg: dayChart(title, 'kW', {
      lines,
      shades,
      shadeLegend: [
        { label: 'red hours', colour: 'red', mark: 'area' },
        { label: 'yellow hours', colour: 'yellow', mark: 'area' },
      ],
    }),
  };
}

function peakChart(study: Study): StudyChart {
  const { at_once: atOnce, ours, ours_fuse: fuse } = study.outcomes;
  const title = 'Highest load';
  const rises = ours.peakW > atOnce.peakW;
  return {
    id: 'peak',
    title,
    finding:
      `${rises ? 'Prices alone bring cars together in the same cheap hours' : 'Prices alone need no more power here'}: ` +
      `${printNumber(ours.peakW / 1_000, 0)} kW instead of ${printNumber(atOnce.peakW / 1_000, 0)} kW. ` +
      `Planned together behind one limit it stays at ${printNumber(fuse.peakW / 1_000, 0)} kW, ` +
      `and ${percent(study.savingSharePerMyriad.ours_fuse / 10_000, 1)} of the possible saving remain.`,
    svg: barChart(
      title,
      bars(study, ({ peakW }) => peakW / 1_000, 1, 'kW'),
      { value: study.fuseW / 1_000, label: `limit ${printNumber(study.fuseW / 1_000, 1)} kW` },
    ),
  };
}

function redChart(study: Study): StudyChart {
  const { at_once: atOnce, ours, ours_grid: sparing } = study.outcomes;
  const title = 'Energy in red hours of the grid';
  const part = (outcome: StrategyOutcome) => percent(outcome.redWs / Math.max(1, outcome.drawnWs), 0);
  const dearer = (sparing.costMicro - ours.costMicro) / Math.abs(ours.costMicro || 1);
  return {
    id: 'red-hours',
    title,
    finding:
      `${part(atOnce)} of the energy is drawn in red hours at once, ${part(ours)} by prices alone, ` +
      `${part(sparing)} where the grid’s signal is heeded, for ${percent(dearer, 1)} more cost. What remains has no other time.`,
    svg: barChart(
      title,
      bars(study, ({ redWs }) => redWs / WS_PER_KWH, 0, 'kWh'),
    ),
  };
}

function monthChart({ outcomes }: Study): StudyChart {
  const title = 'Saving by month';
  const months = [...outcomes.at_once.monthMicro.keys()];
  const saved = (name: Strategy) =>
    months.map((month) => {
      const atOnceMicro = outcomes.at_once.monthMicro.get(month) ?? 0;
      const micro = outcomes[name].monthMicro.get(month) ?? 0;
      return atOnceMicro <= 0 ? 0 : ((atOnceMicro - micro) / atOnceMicro) * 100;
    });
  const series = (['ours', 'ours_discharge'] as const).map((name) => ({
    label: strategyNames[name].name,
    colour: strategyNames[name].colour,
    values: saved(name),
  }));
  const best = months[saved('ours').indexOf(Math.max(...saved('ours')))] ?? '';
  return {
    id: 'months',
    title,
    finding: `Part of the cost of charging at once, by month of the prices’ calendar; our plan saves the largest in ${best}.`,
    svg: columnChart(
      title,
      '%',
      months.map((month) => `${month.slice(5)}/${month.slice(2, 4)}`),
      series,
    ),
  };
}

function priceChart(prices: QuarterHours, timeZone: string): StudyChart {
  const shape = priceShape(prices, timeZone);
  const title = 'Price over the day';
  const cents = (micro: number) => micro / 10_000;
  const days = Math.round((endOf(prices) - prices.firstAt) / 86_400);
  const mean = shape.map(({ meanMicro }) => meanMicro);
  return {
    id: 'prices',
    title,
    finding:
      `Day-ahead prices of ${days} days by local time: on average cheapest at ${clock(highestAt(mean.map((value) => -value)))}, ` +
      `dearest at ${clock(highestAt(mean))}.`,
    svg: dayChart(title, 'ct/kWh', {
      lines: [{ label: 'mean', colour: 'price', values: mean.map(cents) }],
      bands: [
        {
          label: 'eight of ten days',
          colour: 'price',
          low: shape.map(({ lowMicro }) => cents(lowMicro)),
          high: shape.map(({ highMicro }) => cents(highMicro)),
        },
      ],
    }),
  };
}

function flexibilityChart({ flexibility, charges }: Study): StudyChart {
  const title = 'How long cars stand without having to charge';
  const labels = flexibility.map(({ fromH, toH }) =>
    toH === undefined ? `> ${fromH} h` : `${fromH}–${toH} h`,
  );
  const long = flexibility.filter(({ fromH }) => fromH >= 6).reduce((sum, bin) => sum + bin.charges, 0);
  return {
    id: 'flexibility',
    title,
    finding: `${percent(long / Math.max(1, charges), 0)} of the charges stand six hours or more longer than charging takes.`,
    svg: columnChart(
      title,
      'charges',
      labels,
      [{ label: 'charges', colour: 'ours', values: flexibility.map((bin) => bin.charges) }],
      (value) => printNumber(value),
    ),
  };
}

function byHour(quarters: readonly number[]): readonly number[] {
  return Array.from({ length: 24 }, (_, hour) => {
    const within = quarters.slice(hour * 4, hour * 4 + 4);
    return within.reduce((sum, value) => sum + value, 0) / within.length;
  });
}

function highestAt(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}

function clock(quarter: number): string {
  return `${String(Math.floor(quarter / 4)).padStart(2, '0')}:${String((quarter % 4) * 15).padStart(2, '0')}`;
}
