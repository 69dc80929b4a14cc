import { parseArgs } from 'node:util';
import type { Measure } from './Measure.ts';
import type { Suite } from './Suite.ts';

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

/** Reads what stands behind the suite's name on the command line. */
export function readArguments(args: readonly string[], suite: Suite): BenchRun | BenchReply {
  const { measures } = suite;
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
  if (values.help) return { text: printHelp(suite), code: 0 };
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

function printHelp({ command, what, duration, measures }: Suite): string {
  const width = Math.max(...measures.map(({ name }) => name.length));
  const calls = [
    [command, `all, about ${duration}`],
    [`${command} -- --only ${measures[0]?.name}`, 'one; may be given several times'],
    [`${command} -- --json figures.json`, 'writes the figures as flat keys as well'],
  ] as const;
  const callWidth = Math.max(...calls.map(([call]) => call.length));
  return `${what}

${calls.map(([call, does]) => `  ${call.padEnd(callWidth)}  ${does}`).join('\n')}

Measures:
${measures.map(({ name, what }) => `  ${name.padEnd(width)}  ${what}`).join('\n')}

Compare runs only of a machine that does nothing else: two busy cores halve every figure. Ratios hold
longer than figures. docs/performance.md tells what each one means, and the first ones.
`;
}
