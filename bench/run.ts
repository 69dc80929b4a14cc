import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import type { Figure } from './Measure.ts';
import { printJson, printTable } from './printTable.ts';
import { readArguments } from './readArguments.ts';
import { suites } from './suites.ts';

/** `npm run bench`, `bench:<suite>`: runs the rooms' benchmarks one after the other and prints one table. */
async function main([first = '', ...others]: readonly string[]): Promise<number> {
  const named = suites[first];
  const suite = named ?? suites.house;
  if (suite === undefined) throw new Error('there is no suite');
  const run = readArguments(named === undefined ? [first, ...others].filter(Boolean) : others, suite);
  if ('text' in run) {
    (run.code === 0 ? process.stdout : process.stderr).write(run.text);
    return run.code;
  }
  const load = (loadavg()[0] ?? 0).toFixed(1);
  console.log(
    `${availableParallelism()} cores, ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}, load ${load}\n`,
  );
  const figures: Figure[] = [];
  for (const [index, measure] of run.measures.entries()) {
    const began = performance.now();
    process.stdout.write(`[${index + 1}/${run.measures.length}] ${measure.name}: ${measure.what} … `);
    figures.push(...(await measure.run()));
    console.log(`${((performance.now() - began) / 1000).toFixed(0)} s`);
  }
  console.log(`\n${printTable(figures)}`);
  if (run.jsonFile !== undefined) {
    writeFileSync(run.jsonFile, printJson(figures));
    console.log(`\nWritten to ${run.jsonFile}.`);
  }
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
