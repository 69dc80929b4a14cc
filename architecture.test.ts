import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { forbiddenImports, impureCalls, rooms } from './architecture.ts';

const root = import.meta.dirname;

// What the tests below put into rooms lies in hidden folders, which no build or compilation beside them takes in.

function roomOf(name: string) {
  const room = rooms.find((each) => each.name === name);
  if (!room) throw new Error(`no room ${name}`);
  return room;
}

describe('rooms and arrows', () => {
  test('no file imports what its room may not', () => {
    expect(rooms.flatMap((room) => forbiddenImports(root, room))).toEqual([]);
  });

  test('the table of ARCHITECTURE.md is the one that is checked', () => {
    const lines = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8').split('\n');
    const cellOf = (name: string) => lines.find((line) => line.startsWith(`| \`${name}/\` |`))?.split('|')[3];
    const others = rooms.map(({ name }) => name);
    for (const { name, mayImport } of rooms) {
      const cell = cellOf(name);
      expect(cell, `the row of ${name}`).toBeDefined();
      if (cell?.includes('everything')) continue;
      const named = others.filter((other) => new RegExp(`\\b${other}\\b`).test(cell ?? ''));
      expect(named.toSorted(), name).toEqual(mayImport.map((may) => may.split('/')[0]).toSorted());
    }
  });

  test.each([
    ['tariff', "import { id } from '@p2p-power/protocol/Offer';", '@p2p-power/protocol/Offer'],
    ['protocol', "import { readFileSync } from 'node:fs';", 'node:fs'],
    ['planning', "const chain = await import('@p2p-power/chain/Deployment');", '@p2p-power/chain/Deployment'],
    [
      'station',
      "export { pool } from '../provider/database/Database.ts';",
      '../provider/database/Database.ts',
    ],
    [
      'web',
      "import { openProvider } from '@p2p-power/provider/openProvider';",
      '@p2p-power/provider/openProvider',
    ],
    ['provider', "import type { World } from '@p2p-power/simulation/World';", '@p2p-power/simulation/World'],
    ['cli', "import type { World } from '@p2p-power/simulation/World';", '@p2p-power/simulation/World'],
  ])('the check bites in %s on %s', (name, code, imported) => {
    const folder = mkdtempSync(join(root, name, '.arrow-'));
    try {
      const file = join(folder, 'Arrow.ts');
      writeFileSync(file, code.replace("'../", "'../../"));
      const found = forbiddenImports(root, roomOf(name));
      expect(found).toEqual([
        { file: relative(root, file), imported: imported.replace(/^\.\.\//, '../../'), room: name },
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('purity', () => {
  test('no pure room asks a clock or draws at random', () => {
    expect(rooms.flatMap((room) => impureCalls(root, room))).toEqual([]);
  });

  test.each([
    ['Date.now()', 'Date.now('],
    ['new Date()', 'new Date()'],
    ['Math.random()', 'Math.random('],
    ['crypto.getRandomValues(new Uint8Array(1))', 'getRandomValues('],
  ])('the check bites on `%s`', (code, call) => {
    const folder = mkdtempSync(join(root, 'protocol', '.impure-'));
    try {
      const file = join(folder, 'Impure.ts');
      writeFileSync(file, `export const value = ${code};\n`);
      expect(impureCalls(root, roomOf('protocol'))).toEqual([{ file: relative(root, file), call }]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.each(['window.localStorage', 'process.env', 'fetch("http://127.0.0.1")', 'setTimeout(() => {}, 1)'])(
    'the compiler refuses `%s` in a pure room',
    (code) => {
      const folder = mkdtempSync(join(root, 'tariff', '.impure-'));
      try {
        writeFileSync(
          join(folder, 'tsconfig.json'),
          JSON.stringify({ extends: '../tsconfig.json', include: ['Impure.ts'] }),
        );
        writeFileSync(join(folder, 'Impure.ts'), `export const value = ${code};\n`);
        const tsc = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder], { encoding: 'utf8' });
        expect(tsc.status).not.toBe(0);
        // Name not found, here: nothing else is wrong with it.
        expect(tsc.stdout).toMatch(/^\S*Impure\.ts\(1,\d+\): error TS(2304|2552|2584|2591|2580)/);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
});
