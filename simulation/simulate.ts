import { parseArgs } from 'node:util';
import { openHouse } from './House.ts';
import { replayCommand, runSeed, type SeedResult, stepsOfAWorld } from './runSeed.ts';

const help = `Lets small worlds of providers, stations and drivers live from their seeds, and checks after every
step that the six promises hold: the real station controller, the real providers on PostgreSQL, the real
contracts on a chain; time, chance, network, crashes and power cuts come from the seed alone.

  npm run simulate -w simulation -- --seeds 1000 --from 1     a campaign
  npm run simulate -w simulation -- --seed 17 --trace         one world again, step by step

  --seeds N     how many seeds (default 100)
  --from N      the first seed (default 1)
  --seed N      only this seed
  --steps N     how many things happen in each world (default ${stepsOfAWorld})
  --trace       print every step
  --keep-going  run on after a seed that failed
  --help        this page

Ends with 0 where every promise was kept, else with 1 and the command that replays each failure.
`;

/** What is to be run, or why the arguments are no good. */
export interface Campaign {
  readonly from: number;
  readonly count: number;
  readonly steps: number;
  readonly trace: boolean;
  readonly keepGoing: boolean;
}

/** Reads the command line; `help` and complaints are texts. */
export function readArguments(
  args: readonly string[],
): Campaign | { readonly text: string; readonly code: number } {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seeds: { type: 'string', default: '100' },
        from: { type: 'string', default: '1' },
        seed: { type: 'string' },
        steps: { type: 'string', default: String(stepsOfAWorld) },
        trace: { type: 'boolean', default: false },
        'keep-going': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return { text: help, code: 0 };
    const from = readCount('--seed', values.seed ?? values.from);
    const count = values.seed === undefined ? readCount('--seeds', values.seeds) : 1;
    const steps = readCount('--steps', values.steps);
    return { from, count, steps, trace: values.trace, keepGoing: values['keep-going'] };
  } catch (error) {
    return { text: `${(error as Error).message}\n--help tells all options.\n`, code: 2 };
  }
}

function readCount(name: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`${name} ${text} is not a whole number from 1 on.`);
  return Number(text);
}

/** One line on a seed: what it took and what came of it. */
export function printResult(result: SeedResult, ms: number): string {
  const { seed, breaches, step, charges, settled, badInputs, traceHash } = result;
  const facts =
    `seed ${String(seed).padStart(4)}  ${String(charges).padStart(3)} charges, ${String(settled).padStart(3)} settled, ` +
    `${String(badInputs).padStart(2)} bad inputs  ${(ms / 1000).toFixed(1)} s  trace ${traceHash.slice(0, 12)}`;
  if (breaches.length === 0) return facts;
  const when = step === 0 ? 'at the end' : `at step ${step}`;
  return [
    `${facts}  BROKEN ${when}`,
    ...breaches.map((breach) => `  ${breach}`),
    `  replay: ${replayCommand(seed)}`,
  ].join('\n');
}

async function main(): Promise<number> {
  const campaign = readArguments(process.argv.slice(2));
  if ('text' in campaign) {
    process.stdout.write(campaign.text);
    return campaign.code;
  }
  const house = await openHouse();
  let failed = 0;
  try {
    for (let seed = campaign.from; seed < campaign.from + campaign.count; seed += 1) {
      const began = performance.now();
      const result = await runSeed(house, seed, {
        steps: campaign.steps,
        ...(campaign.trace && { onLine: (line: string) => console.log(line) }),
      });
      const done = `${seed - campaign.from + 1}/${campaign.count}`;
      console.log(`${done.padStart(9)}  ${printResult(result, performance.now() - began)}`);
      if (result.breaches.length === 0) continue;
      failed += 1;
      if (!campaign.keepGoing) break;
    }
  } finally {
    await house.close();
  }
  console.log(failed === 0 ? 'Every promise was kept.' : `${failed} of the seeds broke a promise.`);
  return failed === 0 ? 0 : 1;
}

if (import.meta.main) process.exitCode = await main();
