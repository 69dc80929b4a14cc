import { strategies } from '@p2p-power/planning/study/runStudy';
import type { Page } from '../Page.ts';
import { printNumber } from './charts/scale.ts';
import { AVERAGE_GRAMS, AVERAGE_GRAMS_SOURCE, daysOf, type Simulation } from './Simulation.ts';
import { strategyNames } from './strategyNames.ts';

const WS_PER_KWH = 3_600_000;

/** The simulation as tables for people. */
export function printSimulation(page: Page, { wish, sessions, carbon, studies }: Simulation): void {
  page.section('Charging sessions');
  page.fact('file', sessions.file);
  page.fact('sessions', `${sessions.played} of ${sessions.rows}, ${sessions.unfinished} without an end`);
  page.fact(
    'CO2',
    carbon === undefined
      ? `${AVERAGE_GRAMS} g/kWh at all times (${AVERAGE_GRAMS_SOURCE}): only energy makes a difference`
      : carbon.file,
  );
  for (const { file, series, study } of studies) {
    const [from, to] = daysOf(series, wish.timeZone);
    page.section(`${file}, ${from} to ${to}`);
    const { outcomes, savingSharePerMyriad: shares } = study;
    const atOnce = outcomes.at_once.costMicro;
    page.table(
      [
        [
          '',
          'cost EUR',
          'saved',
          'CO2 kg',
          'peak kW',
          'unmet kWh',
          'starts',
          'red kWh',
          'given kWh',
          'worse',
        ],
        ...strategies.map((name) => {
          const outcome = outcomes[name];
          return [
            strategyNames[name].name,
            printNumber(outcome.costMicro / 1_000_000, 2),
            name === 'at_once' ? '' : percent((atOnce - outcome.costMicro) / Math.abs(atOnce), 1),
            printNumber(outcome.carbonMg / 1_000_000),
            printNumber(outcome.peakW / 1_000, 1),
            printNumber(outcome.unmetWs / WS_PER_KWH, 2),
            printNumber(outcome.starts),
            printNumber(outcome.redWs / WS_PER_KWH),
            printNumber(outcome.givenWs / WS_PER_KWH),
            printNumber(outcome.worseDepartures),
          ];
        }),
      ],
      [1, 2, 3, 4, 5, 6, 7, 8, 9],
    );
    page.line();
    page.line(
      `${printNumber(study.charges)} charges of ${study.users} users in ${study.garages} garages, ` +
        `${printNumber(study.energyWs / WS_PER_KWH)} kWh; chargers of ${powersOf(study.powersW)}.`,
    );
    page.line(
      `Of what perfect foresight saves, our plan saves ${percent(shares.ours / 10_000, 2)}, ` +
        `behind one limit of ${printNumber(study.fuseW / 1_000, 1)} kW ${percent(shares.ours_fuse / 10_000, 2)}, ` +
        `evcc’s rule ${percent(shares.evcc / 10_000, 2)}.`,
    );
    page.check(
      outcomes.ours.worseDepartures === 0,
      `${outcomes.ours.worseDepartures} departures worse than charging at once could have kept`,
    );
  }
}

/** A part of one as percent, number and sign never on two lines. */
export function percent(part: number, decimals: number): string {
  return `${printNumber(part * 100, decimals)}\u00a0%`;
}

function powersOf(powersW: ReadonlyMap<number, number>): string {
  return [...powersW]
    .map(([powerW, users]) => `${powerW / 1_000} kW (${users} ${users === 1 ? 'user' : 'users'})`)
    .join(', ');
}
