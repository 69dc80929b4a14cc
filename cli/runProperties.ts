/**
 * Runs the tests that hold properties round after round, each with a seed of its own, and says which seeds failed.
 *
 *   npm run properties                              one round
 *   npm run properties -- --rounds 20 tariff/ web/  twenty, of the test files whose path holds one of these
 *   npm run properties -- --seed 7                  the round of this seed again
 */
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '1' }, seed: { type: 'string' } },
  allowPositionals: true,
});
const rounds = values.seed === undefined ? Number(values.rounds) : 1;
const files = globSync('**/*.test.ts', { cwd: root, exclude: ['**/node_modules/**', '.p2p-power/**'] })
  .filter((file) => positionals.length === 0 || positionals.some((part) => file.includes(part)))
  .filter((file) => readFileSync(join(root, file), 'utf8').includes("from 'fast-check'"));
if (!Number.isInteger(rounds) || rounds < 1 || files.length === 0) {
  console.error('nothing to run: --rounds is a number from 1, and the paths must name tests with properties');
  process.exit(2);
}

const failed: string[] = [];
for (let round = 1; round <= rounds; round++) {
  const seed = values.seed ?? String(randomInt(2 ** 31));
  const { status } = spawnSync(join(root, 'node_modules/.bin/vitest'), ['run', '--reporter=dot', ...files], {
    cwd: root,
    env: { ...process.env, PROPERTY_SEED: seed },
    stdio: 'inherit',
  });
  if (status !== 0) failed.push(seed);
  console.log(
    `round ${round} of ${rounds}, seed ${seed}: ${status === 0 ? 'every property held' : 'failed'}\n`,
  );
}
console.log(
  failed.length === 0
    ? `every property held in ${rounds} rounds of ${files.length} files`
    : `failed: ${failed.map((seed) => `npm run properties -- --seed ${seed}`).join('\n        ')}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
