/**
 * Writes chain/generated/<Contract>.ts, ABI and bytecode, from a fresh build of the contracts, so that chain/ needs no
 * compiler. `--check` writes nothing and fails if what is committed differs.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runForge } from './runForge.ts';

const contractsDir = dirname(fileURLToPath(import.meta.url));
const generatedDir = join(contractsDir, '..', 'chain', 'generated');
/** Beside forge's usual output, so that this and a run of the tests do not disturb each other. */
const buildDir = join(contractsDir, 'cache', 'bindings');
const contractNames = [
  'Consortium',
  'ChargeToken',
  'Peering',
  'Clearing',
  'Pricing',
  'MeterReader',
  'ForcedClaims',
  'VolumeDiscount',
  'DayAheadShare',
] as const;

type Artifact = { readonly abi: readonly unknown[]; readonly bytecode: { readonly object: string } };

function readArtifact(name: string): Artifact {
  return JSON.parse(readFileSync(join(buildDir, 'out', `${name}.sol`, `${name}.json`), 'utf8')) as Artifact;
}

function renderBinding(name: string, artifact: Artifact): string {
  const identifier = name.charAt(0).toLowerCase() + name.slice(1);
  const entries = artifact.abi.map((entry) => `  ${JSON.stringify(entry)},\n`).join('');
  return [
    '// Generated from the contracts by `npm run generate -w contracts`; do not edit.\n',
    `export const ${identifier}Abi = [\n${entries}] as const;\n`,
    `export const ${identifier}Bytecode = '${artifact.bytecode.object}' as const;\n`,
  ].join('\n');
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Builds the contracts and returns the paths of the files whose content had to change (or, checking, would have to). */
export function generateBindings(options: { readonly check: boolean }): readonly string[] {
  const places = ['--out', join(buildDir, 'out'), '--cache-path', buildDir];
  if (runForge(['build', 'contracts/src', ...places]) !== 0) throw new Error('the contracts do not build');
  mkdirSync(generatedDir, { recursive: true });
  return contractNames.flatMap((name) => {
    const path = join(generatedDir, `${name}.ts`);
    const text = renderBinding(name, readArtifact(name));
    if (readOrEmpty(path) === text) return [];
    if (!options.check) writeFileSync(path, text);
    return [path];
  });
}

if (import.meta.main) {
  const check = process.argv.includes('--check');
  const changed = generateBindings({ check });
  for (const path of changed) console.log(`${check ? 'differs' : 'written'}: ${path}`);
  if (check && changed.length > 0) process.exitCode = 1;
}
