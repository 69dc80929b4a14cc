import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Figure } from './Measure.ts';
import { measures } from './measures.ts';
import { printJson, printTable } from './printTable.ts';
import { readArguments } from './readArguments.ts';
import type { Suite } from './Suite.ts';
import { suites } from './suites.ts';

const figures: readonly Figure[] = [
  {
    key: 'unlock_ms_p99',
    value: 2.345,
    what: 'unlock',
    unit: 'ms',
    beside: { what: 'the disk’s own sync', value: 1.5 },
    target: { words: 'under 10 ms', isReached: true },
  },
  {
    key: 'evidence_checks_per_s',
    value: 2_100,
    what: 'evidence judged',
    unit: '/s',
    beside: { what: 'limit', value: 3_000 },
    target: { words: '80 % of the limit', isReached: false },
  },
  { key: 'gas_settle_10000', value: 147_123, what: 'settle', unit: 'gas' },
];

describe('the table', () => {
  test('holds each figure beside its limit, with ratio and target', () => {
    const lines = printTable(figures).split('\n');
    expect(lines[0]).toMatch(/^measure +figure +beside +ratio +target$/);
    expect(lines[2]).toMatch(/^unlock +2\.35 ms +1\.5 the disk’s own sync +156 % +reached: under 10 ms$/);
    expect(lines[3]).toMatch(/^evidence judged +2,100 \/s +3,000 limit +70 % +MISSED: 80 % of the limit$/);
    expect(lines[4]).toMatch(/^settle +147,123 gas$/);
  });

  test('small ratios keep two digits', () => {
    const small = { key: 'small', what: 'small', unit: 'gas', value: 1.48 };
    const table = printTable([{ ...small, beside: { what: 'large', value: 36_699 } }]);
    expect(table).toContain('0.004 %');
  });

  test('its columns stand under each other', () => {
    const lines = printTable(figures).split('\n');
    const ends = [lines[2], lines[3], lines[4]].map((line) => (line as string).search(/ms|\/s|gas/));
    const widths = ['ms', '/s', 'gas'].map((unit, index) => (ends[index] as number) + unit.length);
    expect(new Set(widths).size).toBe(1);
  });
});

describe('the flat keys', () => {
  test('are numbers by name', () => {
    expect(JSON.parse(printJson(figures))).toEqual({
      unlock_ms_p99: 2.345,
      evidence_checks_per_s: 2_100,
      gas_settle_10000: 147_123,
    });
  });

  test('are each there once', () => {
    expect(() => printJson([...figures, ...figures])).toThrow('same key');
  });
});

const house = suites.house as Suite;

describe('the arguments', () => {
  const names = (args: readonly string[]) => {
    const run = readArguments(args, house);
    return 'text' in run ? run : run.measures.map(({ name }) => name);
  };

  test('nothing means everything; --only takes some, in their own order', () => {
    expect(names([])).toEqual(['unlock', 'evidence', 'prices', 'intake', 'gas', 'planning']);
    expect(names(['--only', 'gas', '--only', 'unlock'])).toEqual(['unlock', 'gas']);
  });

  test('--json names the file', () => {
    expect(readArguments(['--json', 'figures.json'], house)).toMatchObject({ jsonFile: 'figures.json' });
  });

  test.each([
    [['--only', 'speed'], 'There is no measure speed: unlock, evidence'],
    [['--json='], '--json needs the name of a file'],
    [['--fast'], '--fast'],
    [['please'], 'please'],
  ])('%j is a complaint that helps', (args, text) => {
    const reply = readArguments(args, house);
    expect(reply).toMatchObject({ code: 2 });
    expect('text' in reply && reply.text).toContain(text);
    expect('text' in reply && reply.text).toContain('--help');
  });

  test('--help names every measure and how to compare', () => {
    const reply = readArguments(['--help'], house);
    const text = 'text' in reply ? reply.text : '';
    expect(reply).toMatchObject({ code: 0 });
    for (const { name, what } of measures) expect(text).toContain(`${name.padEnd(8)}  ${what}`);
    expect(text).toContain('npm run bench -- --only unlock');
    expect(text).toContain('Ratios');
  });
});

test('one measure, run for real, prints its table and writes its keys', () => {
  const folder = mkdtempSync(join(tmpdir(), 'p2p-power-bench-'));
  try {
    const file = join(folder, 'figures.json');
    const script = new URL('./run.ts', import.meta.url).pathname;
    const run = spawnSync(process.execPath, [script, '--only', 'prices', '--json', file], {
      encoding: 'utf8',
    });
    expect(run.stderr).toBe('');
    expect(run.status).toBe(0);
    expect(run.stdout).toContain('[1/1] prices: ');
    const keys = JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>;
    expect(Object.keys(keys)).toEqual([
      'prices_per_s',
      'prices_day_night_per_s',
      'prices_by_energy_per_s',
      'prices_quarter_hourly_per_s',
    ]);
    expect(keys.prices_per_s).toBeGreaterThan(100);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
