import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { SeedResult } from './runSeed.ts';
import { printResult, readArguments } from './simulate.ts';

const kept: SeedResult = {
  seed: 17,
  breaches: [],
  step: 0,
  trace: [],
  traceHash: 'abcdef0123456789',
  charges: 12,
  settled: 5,
  badInputs: 9,
};

describe('the command line', () => {
  test('a hundred seeds from the first, unless told otherwise', () => {
    expect(readArguments([])).toMatchObject({ from: 1, count: 100, trace: false, keepGoing: false });
    expect(readArguments(['--seeds', '1000', '--from', '501'])).toMatchObject({ from: 501, count: 1_000 });
    expect(readArguments(['--seed', '17', '--trace'])).toMatchObject({ from: 17, count: 1, trace: true });
  });

  test.each([[['--seed', '0']], [['--seeds', 'many']], [['--steps=-1']], [['--fast']], [['now']]])(
    '%j is a complaint that helps',
    (args) => {
      const reply = readArguments(args);
      expect(reply).toMatchObject({ code: 2 });
      expect('text' in reply && reply.text).toContain('--help');
    },
  );

  test('--help tells how to run a campaign and how to replay one world', () => {
    const script = new URL('./simulate.ts', import.meta.url).pathname;
    const { status, stdout } = spawnSync(process.execPath, [script, '--help'], { encoding: 'utf8' });
    expect(status).toBe(0);
    expect(stdout).toContain('--seeds 1000 --from 1');
    expect(stdout).toContain('--seed 17 --trace');
  });
});

describe('a seed’s line', () => {
  test('tells what the world held and its trace’s hash', () => {
    expect(printResult(kept, 1_234)).toBe(
      'seed   17   12 charges,   5 settled,  9 bad inputs  1.2 s  trace abcdef012345',
    );
  });

  test('of a broken promise tells when, what, and how to see it again', () => {
    const lines = printResult({ ...kept, breaches: ['nothingIsLost: a record'], step: 31 }, 1_000).split(
      '\n',
    );
    expect(lines[0]).toContain('BROKEN at step 31');
    expect(lines.slice(1)).toEqual([
      '  nothingIsLost: a record',
      '  replay: npm run simulate -w simulation -- --seed 17 --trace',
    ]);
  });
});
