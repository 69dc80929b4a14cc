import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { missingOptionals } from './lockfile.ts';

const lockText = readFileSync(new URL('package-lock.json', import.meta.url), 'utf8');

test('the lockfile names the optional packages of every platform, or npm ci refuses it', () => {
  expect([...missingOptionals(JSON.parse(lockText)).keys()]).toEqual([]);
});

test('the lockfile names no registry and pins by hash', () => {
  expect(lockText.match(/"resolved": "https?:/g)).toBeNull();
  expect(lockText.match(/"integrity": "sha512-/g)?.length).toBeGreaterThan(500);
});

test('a package that is left out is found, with its platform', () => {
  const lockfile = {
    packages: {
      'node_modules/tool': {
        version: '1.2.3',
        dev: true,
        optionalDependencies: { '@tool/cli-linux-x64-musl': '1.2.3' },
      },
    },
  };
  expect([...missingOptionals(lockfile)]).toEqual([
    [
      'node_modules/@tool/cli-linux-x64-musl',
      { version: '1.2.3', dev: true, optional: true, os: ['linux'], cpu: ['x64'], libc: ['musl'] },
    ],
  ]);
});

test('a nested package counts as named', () => {
  const lockfile = {
    packages: {
      'node_modules/tool': { version: '1.0.0', optionalDependencies: { native: '2.0.0' } },
      'node_modules/tool/node_modules/native': { version: '2.0.0', optional: true },
    },
  };
  expect(missingOptionals(lockfile).size).toBe(0);
});
