import { parseArgs } from 'node:util';
import type { Measure } from './Measure.ts';

/** What is to be measured, and where the figures go. */
export interface BenchRun {
  readonly measures: readonly Measure[];
  /** File for the flat keys; absent = only the table. */
  readonly jsonFile?: string;
}

/** A text to print instead of a run, and the exit code that goes with it. */
export interface BenchReply {
  readonly text: string;
  readonly code: number;
}

/** Reads the command line. */
export function readArguments(args: readonly string[], measures: readonly Measure[]): BenchRun | BenchReply {
  const complain = (text: string): BenchReply => ({ text: `${text}\n--help tells all options.\n`, code: 2 });
  let values: { json?: string; only?: string[]; help?: boolean };
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        json: { type: 'string' },
        only: { type: 'string', multiple: true },
        help: { type: 'boolean' },
      },
    }));
  } catch (error) {
    return complain((error as Error).message);
  }
  if (values.help) return { text: printHelp(measures), code: 0 };
  if (values.json === '') return complain('--json needs the name of a file.');
  const wanted = values.only ?? measures.map(({ name }) => name);
  const unknown = wanted.find((name) => !measures.some((measure) => measure.name === name));
  if (unknown !== undefined)
    return complain(`There is no measure ${unknown}: ${measures.map(({ name }) => name).join(', ')}.`);
  return {
    measures: measures.filter(({ name }) => wanted.includes(name)),
    ...(values.json !== undefined && { jsonFile: values.json }),
  };
}

function printHelp(measures: readonly Measure[]): string {
  const width = Math.max(...measures.map(({ name }) => name.length));
  return `Measures what matters, each figure beside the limit that this machine sets in the same run.

  npm run bench                            all, about two minutes
  npm run bench -- --only evidence         one; may be given several times
  npm run bench -- --json figures.json     writes the figures as flat keys as well

Measures:
${measures.map(({ name, what }) => `  ${name.padEnd(width)}  ${what}`).join('\n')}

Compare runs only of a machine that does nothing else: two busy cores halve every figure. Ratios hold
longer than figures. docs/performance.md tells what each one means, and the first ones.
`;
}
