import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NothingToStudy } from '@p2p-power/planning/study/runStudy';
import { isTimeZone } from '@p2p-power/tariff/localTime';
import { Command, InvalidArgumentError } from 'commander';
import { Complaint } from '../Complaint.ts';
import { openPage } from '../Page.ts';
import { pricesFiles, sessionsFile } from '../projectFiles.ts';
import { readWhole } from '../readOption.ts';
import { standAlone } from '../simulate/charts/chartColours.ts';
import { describeSimulation } from '../simulate/describeSimulation.ts';
import { openProgress } from '../simulate/Progress.ts';
import { printSimulation } from '../simulate/printSimulation.ts';
import { simulate } from '../simulate/Simulation.ts';
import { studyCharts } from '../simulate/studyCharts.ts';
import { writeReport } from '../simulate/writeReport.ts';

interface SimulateOptions {
  readonly sessions: string;
  readonly prices: readonly string[];
  readonly carbon?: string;
  readonly json?: string;
  readonly html?: string;
  readonly svg?: string;
  readonly seed: number;
  readonly power?: number;
  readonly limit?: number;
  readonly sample?: number;
  readonly timeZone: string;
}

/** `p2p-power simulate`: real sessions on real prices, by several strategies. */
export function simulateCommand(): Command {
  return new Command('simulate')
    .summary('what plans save: real charging sessions on real prices')
    .description(
      'Plays charging sessions on day-ahead prices by several strategies: at once, evcc’s rule, our plan (also\n' +
        'sparing the grid, behind one limit, and giving back) and with perfect foresight. Nobody but the last\n' +
        'knows a price before it is published. Without options: 6,844 sessions of garages in Trondheim, on Austrian\n' +
        'quarter-hours of 2025/26 and on German hours of 2024.',
    )
    .option('--sessions <file>', 'charging sessions (CSV)', sessionsFile)
    .option('--prices <file...>', 'day-ahead prices (CSV), one study for each file', [...pricesFiles])
    .option('--carbon <file>', 'CO2 intensity of power by hour (CSV); without it a yearly average')
    .option('--json <file>', 'write all figures as JSON; - writes them to standard output')
    .option('--html <file>', 'write a report with plots, one file that needs no network')
    .option('--svg <folder>', 'write each plot as an SVG file')
    .option('--seed <n>', 'draws what no session tells: the size of batteries', readWhole(0, 2 ** 31), 1)
    .option('--power <kW>', 'charging power of every car, instead of what its sessions show', readKilowatts)
    .option(
      '--limit <kW>',
      'what all cars together may draw, instead of the peak of charging at once',
      readKilowatts,
    )
    .option('--sample <n>', 'play only so many of the sessions, evenly picked', readWhole(1, 10_000_000))
    .option('--time-zone <zone>', 'local time of the sessions and the auction', readTimeZone, 'Europe/Oslo')
    .addHelpText(
      'after',
      `
Exit code:
  0  done
  2  a file cannot be used; the output names line and column

docs/simulate.md tells the form of the files, the rules and what was found.

Examples:
  p2p-power simulate --html report.html
  p2p-power simulate --sessions mine.csv --prices exchange.csv --json figures.json
  p2p-power simulate --sample 500 --power 11`,
    )
    .action((options: SimulateOptions) => {
      const progress = openProgress(process.stderr, 'simulating');
      const { sessions, prices, carbon, timeZone, seed, power, limit, sample } = options;
      try {
        const wish = { sessions, prices, carbon, timeZone, seed, powerW: power, fuseW: limit, sample };
        const simulation = simulate(wish, progress.tell);
        progress.end();
        const json = `${JSON.stringify(describeSimulation(simulation), null, 2)}\n`;
        if (options.json === '-') process.stdout.write(json);
        else printSimulation(openPage(process.stdout), simulation);
        if (options.json !== undefined && options.json !== '-') write(options.json, json);
        if (options.html !== undefined) write(options.html, writeReport(simulation));
        if (options.svg !== undefined) {
          makeFolder(options.svg);
          for (const [index, { study, series }] of simulation.studies.entries())
            for (const { id, svg } of studyCharts(study, series, timeZone))
              write(join(options.svg, `${index + 1}-${id}.svg`), standAlone(svg));
        }
      } catch (error) {
        if (!(error instanceof NothingToStudy)) throw error;
        throw new Complaint(
          `There is nothing to simulate: ${error.message}.`,
          'Name prices of a longer time, or sessions with energy.',
        );
      } finally {
        progress.end();
      }
    });
}

function readKilowatts(text: string): number {
  const powerW = Math.round(Number(text) * 1_000);
  if (!/^\d+(\.\d+)?$/.test(text) || powerW < 1_000 || powerW > 10_000_000)
    throw new InvalidArgumentError('It is a power from 1 to 10000 kW.');
  return powerW;
}

function readTimeZone(text: string): string {
  if (!isTimeZone(text)) throw new InvalidArgumentError('It is a time zone such as Europe/Oslo.');
  return text;
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new Complaint(`The folder ${folder} cannot be made.`, 'Name another.', { cause });
  }
}

function write(file: string, content: string): void {
  try {
    writeFileSync(file, content);
  } catch (cause) {
    throw new Complaint(`${file} cannot be written.`, 'Name a file in a folder that exists.', { cause });
  }
}
