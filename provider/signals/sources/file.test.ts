import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSource } from '../openSource.ts';
import { signalConfigSchema } from '../SignalConfig.ts';
import { readRecordedDay } from '../testing/reformPrices.ts';

const shipped = join(import.meta.dirname, '../../../data/prices/at_dayahead_15min_energycharts.csv');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'p2p-power-signals-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const from = Date.parse('2026-11-22T00:00:00Z') / 1000;
const span = { from, to: from + 86_400 };
const iso = (at: number) => `${new Date(at * 1000).toISOString().slice(0, 19)}Z`;

const openFile = (kind: string, path: string, change: object = {}, nowS = from) => {
  const config = signalConfigSchema.parse({ kind, area: 'AT', source: { type: 'file', path, ...change } });
  const source = openSource(config, { fetch, nowS: () => nowS, currency: 'EUR' });
  return (wanted = span) => source.read(wanted, new AbortController().signal);
};
function write(lines: readonly string[], name = 'some.csv'): string {
  const path = join(folder, name);
  writeFileSync(path, lines.join('\n'));
  return path;
}
const line = (index: number, ...cells: readonly string[]) =>
  [iso(from + index * 900), iso(from + (index + 1) * 900), ...cells].join(',');

test('the shipped file says what it holds', async () => {
  const day = readRecordedDay('negative');
  const first = day[0]?.from ?? 0;
  const answer = await openFile('price', shipped)({ from: first, to: first + 86_400 });
  expect(answer).toMatchObject({
    ok: true,
    value: { currency: 'EUR', indexMicro: day.map(({ eurPerMwh }) => Math.round(eurPerMwh * 1_000)) },
  });
  expect(await openFile('price', shipped)()).toMatchObject({ refusal: 'not-published' });
});

test('the shipped file is replayed at the weekday and quarter-hour of now, up to the end of tomorrow', async () => {
  // A Sunday in November; 52 weeks before it was one too.
  const ask = openFile('price', shipped, { replay: true });
  const today = await ask();
  const before = from - 364 * 86_400;
  const recorded = await openFile('price', shipped)({ from: before, to: before + 86_400 });
  expect(today.ok && today.value.kind === 'price' && today.value.indexMicro).toEqual(
    recorded.ok && recorded.value.kind === 'price' && recorded.value.indexMicro,
  );
  const ahead = await ask({ from, to: from + 3 * 86_400 });
  expect(ahead.ok && ahead.value.kind === 'price' && ahead.value.indexMicro.length).toBe(192);
});

test('a file that changed is read anew', async () => {
  const path = write(['start_utc,end_utc,eur_per_mwh', line(0, '1')]);
  const ask = openFile('price', path);
  expect(await ask()).toMatchObject({ value: { indexMicro: [1_000] } });
  writeFileSync(path, ['start_utc,end_utc,eur_per_mwh', line(0, '2')].join('\n'));
  utimesSync(path, 1_000, 1_000);
  expect(await ask()).toMatchObject({ value: { indexMicro: [2_000] } });
  rmSync(path);
  expect(await ask()).toMatchObject({ refusal: 'file-unreadable', detail: 'ENOENT' });
});

test('carbon and grid have files of their own', async () => {
  const carbon = write(['start_utc,end_utc,g_per_kwh', line(0, '120.6'), line(1, '')]);
  expect(await openFile('carbon', carbon)()).toMatchObject({ value: { gramsPerKwh: [121] } });
  const grid = write([
    'start_utc,end_utc,state,limit_w',
    line(1, 'red', '4200'),
    line(0, 'yellow', ''),
    line(900, 'red', ''),
  ]);
  expect(await openFile('grid', grid)()).toMatchObject({
    value: {
      slots: [
        { from, to: from + 900, state: 'yellow' },
        { from: from + 900, to: from + 1_800, state: 'red', limitW: 4_200 },
      ],
    },
  });
});

describe('a file is refused', () => {
  const head = 'start_utc,end_utc,eur_per_mwh';
  test.each([
    ['another head', ['time,price'], 'unexpected-form', 'line 1'],
    ['nothing', [], 'unexpected-form', 'line 1'],
    ['another currency', ['start_utc,end_utc,chf_per_mwh', line(0, '1')], 'wrong-currency', 'CHF'],
    ['a price in words', [head, line(0, 'ten')], 'unexpected-form', 'no decimal'],
    ['a cell too many', [head, line(0, '1', '2')], 'unexpected-form', 'line 2'],
    [
      'a time in another form',
      [head, line(0, '1'), '2026-11-22 00:00,2026-11-22 01:00,1'],
      'unexpected-form',
      'line 3',
    ],
    ['an end before its beginning', [head, `${iso(from)},${iso(from)},1`], 'unexpected-form', 'line 2'],
    ['a quote that never ends', [head, `${iso(from)},"${iso(from)},1`], 'unexpected-form', 'Quote'],
    ['two prices for one time', [head, line(0, '1'), line(0, '2')], 'contradicting-values', ''],
    ['cents for euros', [head, line(0, '99999')], 'implausible-value', ''],
  ])('%s', async (_words, lines, refusal, detail) => {
    const answer = await openFile('price', write(lines))();
    expect(answer).toMatchObject({ ok: false, refusal });
    expect(answer.ok || answer.detail).toContain(detail);
  });

  test.each([
    ['a state nobody knows', [line(0, 'purple', '')], 'unexpected-form'],
    ['a limit in words', [line(0, 'red', 'low')], 'unexpected-form'],
    ['slots that overlap', [line(0, 'red', ''), line(0, 'green', '')], 'contradicting-values'],
  ])('grid: %s', async (_words, lines, refusal) => {
    const path = write(['start_utc,end_utc,state,limit_w', ...lines]);
    expect(await openFile('grid', path)()).toMatchObject({ ok: false, refusal });
  });
});
