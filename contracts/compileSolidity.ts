/**
 * What forge asks of a compiler, answered by the npm package `solc`: `--version`, and `--standard-json`
 * with the input on stdin and the output on stdout. Paths that forge allows besides do not matter here,
 * because forge hands over every source's content.
 */
import { readFileSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';

const solc = createRequire(import.meta.url)('solc') as { version(): string; compile(input: string): string };

function print(text: string): void {
  const bytes = Buffer.from(text);
  for (let offset = 0; offset < bytes.length; ) offset += writeSync(1, bytes, offset);
}

if (process.argv.includes('--version')) {
  print(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}\n`);
} else if (process.argv.includes('--standard-json')) {
  print(solc.compile(readFileSync(0, 'utf8')));
} else {
  process.stderr.write('compileSolidity: only --version and --standard-json are answered\n');
  process.exitCode = 2;
}
