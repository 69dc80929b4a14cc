import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runInProcess } from '../testing/runInProcess.ts';

const folder = mkdtempSync(join(tmpdir(), 'p2p-power-simulate-'));
const at = (name: string) => join(folder, name);
const readJson = (name: string) => JSON.parse(readFileSync(at(name), 'utf8'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a seeded slice of the shipped data', () => {
  let output = '';
  beforeAll(async () => {
    const run = await runInProcess(
      ...['simulate', '--sample', '60', '--seed', '7'],
      ...['--json', at('a.json'), '--html', at('a.html'), '--svg', at('svg')],
    );
    expect(run.code).toBe(0);
    output = run.output;
  });

  test('tells each strategy’s figures, in the order that must hold', () => {
    const { strategies, studies, saving_share_of_clairvoyant: share, seed } = readJson('a.json');
    expect(seed).toBe(7);
    expect(studies).toHaveLength(2);
    expect(strategies).toEqual(studies[0].strategies);
    for (const study of studies) {
      const all = study.strategies;
      for (const outcome of Object.values(all) as Record<string, unknown>[])
        for (const key of ['cost_eur', 'co2_kg', 'peak_kw', 'unmet_kwh', 'starts'])
          expect(outcome[key]).toBeTypeOf('number');
      expect(all.clairvoyant.cost_eur).toBeLessThanOrEqual(all.ours.cost_eur + 0.01);
      expect(all.ours.cost_eur).toBeLessThan(all.at_once.cost_eur);
      expect(all.ours_discharge.cost_eur).toBeLessThan(all.ours.cost_eur);
      expect(all.clairvoyant_discharge.cost_eur).toBeLessThanOrEqual(all.ours_discharge.cost_eur + 0.01);
      expect(all.ours_grid.red_kwh).toBeLessThanOrEqual(all.ours.red_kwh);
      expect(all.ours_fuse.peak_kw).toBeLessThanOrEqual(study.limit_kw);
      for (const name of ['evcc', 'ours', 'ours_grid', 'ours_discharge', 'clairvoyant'])
        expect([name, all[name].unmet_kwh, all[name].worse_departures]).toEqual([
          name,
          all.at_once.unmet_kwh,
          0,
        ]);
      expect(study.departures_worse_than_at_once).toBe(0);
    }
    expect(share).toBeGreaterThanOrEqual(0.97);
  });

  test('prints a table', () => {
    expect(output).toContain('60 of 6878, 34 without an end');
    for (const name of ['At once', 'evcc’s rule', 'Our plan', 'Perfect foresight'])
      expect(output).toContain(name);
    expect(output).toContain('✓ 0 departures worse');
  });

  test('writes a report that needs nothing else and names its sources', () => {
    const html = readFileSync(at('a.html'), 'utf8');
    expect(html.match(/<svg /g)).toHaveLength(16);
    expect(html).not.toMatch(/<(?:script|link|img)|url\(|@import|src=/);
    for (const source of ['CC BY 4.0', 'SMARD.de', 'Data in Brief 36 (2021) 107105', 'Umweltbundesamt'])
      expect(html).toContain(source);
    expect(html).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('writes each plot as a file that stands alone', () => {
    const files = readdirSync(at('svg'));
    expect(files).toHaveLength(16);
    expect(readFileSync(at(`svg/${files[0]}`), 'utf8')).toContain('<style>:root{');
  });

  test('is the same again, and other batteries with another seed', async () => {
    const again = (seed: string, file: string) =>
      runInProcess(
        'simulate',
        '--sample',
        '60',
        '--seed',
        seed,
        '--json',
        at(file),
        '--html',
        at(`${file}.html`),
      );
    await again('7', 'b.json');
    expect(readFileSync(at('b.json'), 'utf8')).toBe(readFileSync(at('a.json'), 'utf8'));
    expect(readFileSync(at('b.json.html'), 'utf8')).toBe(readFileSync(at('a.html'), 'utf8'));
    await again('8', 'c.json');
    expect(readJson('c.json').strategies.ours).toEqual(readJson('a.json').strategies.ours);
    expect(readJson('c.json').strategies.ours_discharge).not.toEqual(
      readJson('a.json').strategies.ours_discharge,
    );
  });
});

describe('files from elsewhere', () => {
  const hours = (count: number, of: (hour: number) => number) =>
    Array.from({ length: count }, (_, hour) => {
      const start = new Date(Date.UTC(2026, 0, 5) + hour * 3_600_000).toISOString();
      return `${start},${of(hour)}`;
    });
  const files = () => {
    writeFileSync(
      at('prices.csv'),
      ['start,price', ...hours(14 * 24, (hour) => 50 + (hour % 24))].join('\n'),
    );
    writeFileSync(
      at('co2.csv'),
      ['start,grams_per_kwh', ...hours(14 * 24, (hour) => 100 + (hour % 24))].join('\n'),
    );
    const row = '2024-01-10T17:00:00+01:00,2024-01-11T07:00:00+01:00';
    writeFileSync(
      at('sessions.csv'),
      `Garage_ID,User_ID,Start_plugin,End_plugout,El_kWh\nG,U<b>,${row},11\nG,V,${row},0\n`,
    );
    return ['simulate', '--sessions', at('sessions.csv'), '--prices', at('prices.csv')];
  };

  test('run through it, with CO2 by the hour and one power', async () => {
    const run = await runInProcess(...files(), '--carbon', at('co2.csv'), '--power', '11', '--json', '-');
    const { strategies, studies } = JSON.parse(run.output);
    expect(studies[0].charger_powers).toEqual({ 11000: 1 });
    expect([studies[0].charges, studies[0].without_energy]).toEqual([1, 1]);
    // An hour from 17:00 in Berlin is 16:00 UTC; the cheapest one there is begins at midnight UTC.
    expect(strategies.at_once).toMatchObject({ cost_eur: 0.73, co2_kg: 1.3, peak_kw: 11, starts: 1 });
    expect(strategies.ours).toMatchObject({ cost_eur: 0.55, co2_kg: 1.1, peak_kw: 11, starts: 1 });
  });

  test('a bad row is refused by line and column', async () => {
    const command = files();
    writeFileSync(
      at('sessions.csv'),
      'Garage_ID,User_ID,Start_plugin,End_plugout,El_kWh\nG,U,today,tomorrow,1\n',
    );
    expect(await runInProcess(...command)).toEqual({
      code: 2,
      output:
        'sessions.csv cannot be used: line 2, column 3 (Start_plugin): "today" is no time, such as 21.12.2018 10:20\n' +
        'docs/simulate.md tells the form of files of sessions.',
    });
  });

  test('text that is no UTF-8 is refused by line', async () => {
    const command = files();
    const text =
      'Garage_ID,User_ID,Start_plugin,End_plugout,El_kWh\nG,U,2024-01-10 17:00,2024-01-11 07:00,1\n';
    const refused = async (bytes: Buffer) => {
      writeFileSync(at('sessions.csv'), bytes);
      return runInProcess(...command);
    };
    expect(await refused(Buffer.from(text.replace('G,', 'Gäste,'), 'latin1'))).toMatchObject({
      code: 2,
      output: expect.stringContaining('sessions.csv cannot be used: line 2: is no text in UTF-8'),
    });
    expect((await refused(Buffer.from(`\uFEFF${text}`, 'utf16le'))).output).toContain(
      'line 1: is no text in UTF-8',
    );
    expect((await refused(Buffer.from(text.replace('G,', '\0,')))).output).toContain(
      'line 2: is no text in UTF-8',
    );
    expect((await refused(Buffer.from(text.replace('G,', 'Gäste,')))).code).toBe(0);
  });

  test('a place that cannot be written to is told in a sentence', async () => {
    const command = files();
    for (const option of ['--svg', '--html', '--json']) {
      const run = await runInProcess(...command, option, join(at('sessions.csv'), 'within'));
      expect(run.code).toBe(2);
      expect(run.output).toMatch(/cannot be (made|written)/);
      expect(run.output).not.toContain('    at ');
    }
  });

  test('prices too short for any session, and files that are not there', async () => {
    const command = files();
    writeFileSync(at('prices.csv'), ['start,price', ...hours(3, () => 1)].join('\n'));
    expect((await runInProcess(...command)).output).toContain('There is nothing to simulate');
    expect((await runInProcess('simulate', '--sessions', at('nowhere.csv'))).output).toContain(
      'cannot be read',
    );
  });
});
