/**
 * Runs forge on this folder's contracts with the arguments given: the binary inside its platform's npm package,
 * because the package's own shim needs an install step and hides signals.
 *
 *   node runForge.ts test --match-contract ClearingTest
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const contractsDir = dirname(fileURLToPath(import.meta.url));
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** The path of the forge binary that npm installed for this platform. */
export function findForge(): string {
  const name = `@foundry-rs/forge-${process.platform}-${architectures[process.arch] ?? process.arch}`;
  const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
  const binary = join(dirname(manifest), 'bin', process.platform === 'win32' ? 'forge.exe' : 'forge');
  if (!existsSync(binary)) throw new Error(`forge is missing from ${name}: run npm ci`);
  return binary;
}

/** Runs forge to its end and returns its exit code. */
export function runForge(args: readonly string[]): number {
  const done = spawnSync(findForge(), args, {
    cwd: dirname(contractsDir),
    stdio: 'inherit',
    env: { ...process.env, FOUNDRY_CONFIG: join(contractsDir, 'foundry.toml') },
  });
  if (done.error) throw done.error;
  return done.status ?? 1;
}

if (import.meta.main) process.exitCode = runForge(process.argv.slice(2));
