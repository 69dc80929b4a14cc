import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pricesFiles, sessionsFile } from '../projectFiles.ts';
import { parseCarbon, parsePrices } from './parseSeries.ts';
import { parseSessions } from './parseSessions.ts';

const OSLO = 'Europe/Oslo';
const head = 'session_ID;Garage_ID;User_ID;Start_plugin;End_plugout;El_kWh';
const sessionsOf = (...rows: string[]) => parseSessions([head, ...rows].join('\r\n'), OSLO);
const pricesOf = (...rows: string[]) => parsePrices(['start,price', ...rows].join('\n'));

describe('the shipped files', () => {
  test('sessions', () => {
    const read = parseSessions(readFileSync(sessionsFile, 'utf8'), OSLO);
    if (!read.ok) throw new Error(read.detail);
    const { sessions, rows, unfinished } = read.value;
    expect([rows, sessions.length, unfinished]).toEqual([6_878, 6_844, 34]);
    expect(sessions.reduce((sum, { energyWh }) => sum + energyWh, 0)).toBe(87_107_570);
    expect(sessions[0]).toEqual({
      id: '1',
      garage: 'AdO3',
      user: 'AdO3-4',
      arrivedAt: Date.parse('2018-12-21T09:20:00Z') / 1_000,
      leftAt: Date.parse('2018-12-21T09:23:00Z') / 1_000,
      energyWh: 300,
    });
  });

  test('Austrian quarter-hours, the first of them hours', () => {
    const read = parsePrices(readFileSync(pricesFiles[0]!, 'utf8'));
    if (!read.ok) throw new Error(read.detail);
    expect(new Date(read.value.firstAt * 1_000).toISOString()).toBe('2025-09-29T22:00:00.000Z');
    expect(read.value.values.slice(0, 5)).toEqual([100_300, 100_300, 100_300, 100_300, 94_740]);
    expect(read.value.values).toHaveLength(31_296);
    expect(Math.min(...read.value.values)).toBe(-498_650);
  });

  test('German hours of 2024, with the days of 23 and 25', () => {
    const read = parsePrices(readFileSync(pricesFiles[1]!, 'utf8'));
    if (!read.ok) throw new Error(read.detail);
    expect(new Date(read.value.firstAt * 1_000).toISOString()).toBe('2023-12-31T23:00:00.000Z');
    expect(read.value.values).toHaveLength(8_808 * 4);
    expect(read.value.values.slice(0, 5)).toEqual([100, 100, 100, 100, 10]);
  });
});

describe('what cannot be used is refused by line and column', () => {
  test.each([
    ['1;G;U;21.12.2018 10:20;21.12.2018 11:20', 'line 2: 5 columns, the head has 6'],
    ['1;G;;21.12.2018 10:20;21.12.2018 11:20;1', 'line 2, column 3 (User_ID): "" is no name'],
    [
      '1;G;U;31.02.2018 10:20;21.12.2018 11:20;1',
      'line 2, column 4 (Start_plugin): "31.02.2018 10:20" is no time',
    ],
    ['1;G;U;21.12.2018 10:20;soon;1', 'line 2, column 5 (End_plugout): "soon" is no time'],
    [
      '1;G;U;21.12.2018 10:20;20.12.2018 11:20;1',
      'line 2, column 5 (End_plugout): "20.12.2018 11:20" is before',
    ],
    ['1;G;U;21.12.2018 10:20;21.12.2019 11:20;1', 'is more than 120 days after'],
    [
      '1;G;U;21.12.2018 10:20;21.12.2018 11:20;x',
      'line 2, column 6 (El_kWh): "x" is no energy from 0 to 1000 kWh',
    ],
    ['1;G;U;21.12.2018 10:20;21.12.2018 11:20;-1', 'is no energy'],
    ['1;G;"U;21.12.2018 10:20;21.12.2018 11:20;1', 'line 2: a quote is not closed'],
  ])('sessions: %s', (row, detail) => {
    const read = sessionsOf(row);
    expect(read.ok ? '' : read.detail).toContain(detail);
  });

  test('a session that stands there twice', () => {
    const row = '7;G;U;21.12.2018 10:20;21.12.2018 11:20;1';
    const read = sessionsOf(row, '', row);
    expect(read).toEqual({
      ok: false,
      refusal: 'invalid-row',
      detail: 'line 4, column 1 (session_ID): "7" stands on line 2 already',
    });
  });

  test.each([
    [
      ['2025-01-01T00:00Z,1', '2025-01-01T01:00Z,2', '2025-01-01T03:00Z,2'],
      'line 4, column 1 (start): "2025-01-01T03:00Z" leaves a gap from 2025-01-01T02:00:00.000Z on',
    ],
    [['2025-01-01T00:00Z,1', '2025-01-01T00:00Z,2'], 'line 2, column 1'],
    [['2025-01-01T01:00Z,1', '2025-01-01T00:00Z,2'], 'line 2, column 1'],
    [['2025-01-01T00:05Z,1'], 'is no whole quarter-hour'],
    [['2025-01-01 00:00,1'], 'line 2, column 1 (start): "2025-01-01 00:00" is no time with its zone'],
    [['2025-01-01T00:00Z,n/a'], 'line 2, column 2 (price): "n/a" is no EUR/MWh'],
    [['2025-01-01T00:00Z,99999'], 'within bounds'],
    [[], 'line 2: there is no row'],
  ])('prices: %j', (rows, detail) => {
    const read = pricesOf(...rows);
    expect(read.ok ? '' : read.detail).toContain(detail);
  });

  test('a head that names a column twice', () => {
    expect(parseSessions(`${head};Garage_ID\n`, OSLO)).toMatchObject({
      ok: false,
      detail: 'line 1: two columns are called Garage_ID',
    });
  });

  test('a head and nothing else', () => {
    expect(parseSessions(`${head}\n\n`, OSLO)).toMatchObject({
      ok: false,
      detail: 'line 2: there is no row',
    });
    expect(parseCarbon('start,grams_per_kwh')).toMatchObject({
      ok: false,
      detail: 'line 2: there is no row',
    });
  });

  test('heads that are not known', () => {
    expect(parsePrices('when,how much\n1,2').ok).toBe(false);
    expect(parseCarbon('when,how much\n1,2').ok).toBe(false);
    const read = parseSessions('Garage_ID;User_ID\nG;U', OSLO);
    expect(read.ok ? '' : read.detail).toBe('line 1: no column Start_plugin, End_plugout, El_kWh');
  });
});

test('sessions in other forms: ISO times with an offset, commas, other columns first', () => {
  const read = parseSessions(
    'note,El_kWh,End_plugout,Start_plugin,User_ID,Garage_ID\n"a, b",1.5,2019-05-01T12:00:00+02:00,2019-05-01 09:00,U,G\n',
    OSLO,
  );
  expect(read.ok && read.value.sessions).toEqual([
    { id: '2', garage: 'G', user: 'U', arrivedAt: 1_556_694_000, leftAt: 1_556_704_800, energyWh: 1_500 },
  ]);
});

test('a session over the hour that clocks show twice does not end before it began', () => {
  const read = sessionsOf('1;G;U;27.10.2019 02:40;27.10.2019 02:10;1');
  expect(read.ok && read.value.sessions.map(({ arrivedAt, leftAt }) => leftAt - arrivedAt)).toEqual([1_800]);
});

test('the simple form of prices: as long as to the next row, the last as the one before', () => {
  const read = pricesOf('2025-01-01T00:00Z,100.5', '2025-01-01T01:00+01:00', '2025-01-01T02:00:00Z,-3');
  expect(read.ok).toBe(false);
  const sound = pricesOf(
    '2025-01-01T00:00Z,100.5',
    '2025-01-01T02:00+01:00,0.0004',
    '2025-01-01T02:00:00Z,-3',
  );
  expect(sound.ok && sound.value.values).toEqual([
    ...Array(4).fill(100_500),
    ...Array(4).fill(0),
    ...Array(4).fill(-3_000),
  ]);
});

test('CO2 in the form of Electricity Maps, and the simple one', () => {
  const maps = parseCarbon(
    'Datetime (UTC),Country,Carbon Intensity gCO₂eq/kWh (direct),Carbon Intensity gCO₂eq/kWh (LCA)\n' +
      '2023-01-01 00:00:00,Germany,152.5,199\n2023-01-01 01:00:00,Germany,151.04,198\n',
  );
  expect(maps.ok && maps.value).toEqual({
    firstAt: 1_672_531_200,
    values: [153, 153, 153, 153, 151, 151, 151, 151],
  });
  const simple = parseCarbon('start,grams_per_kwh\n2023-01-01T00:00Z,30\n2023-01-01T00:15Z,40');
  expect(simple.ok && simple.value.values).toEqual([30, 40]);
});

describe('whatever is read', () => {
  const cell = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.constantFrom('NA', '', '"', '21.12.2018 10:20', '2025-01-01T00:00:00Z', '1,5', '-7', '1e9', 'CET'),
  );
  const text = (header: string, columns: number) =>
    fc
      .array(fc.array(cell, { minLength: columns, maxLength: columns }), { maxLength: 6 })
      .map((rows) =>
        [header, ...rows.map((cells) => cells.join(header.includes(';') ? ';' : ','))].join('\n'),
      );

  test('sessions are sound or refused with a line', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), text(head, 6)), (file) => {
        const read = parseSessions(file, OSLO);
        if (read.ok) {
          for (const { arrivedAt, leftAt, energyWh } of read.value.sessions) {
            expect(Number.isSafeInteger(arrivedAt) && leftAt >= arrivedAt).toBe(true);
            expect(Number.isSafeInteger(energyWh) && energyWh >= 0).toBe(true);
          }
        } else expect(read.detail).toMatch(/^line \d+/);
      }),
    );
  });

  test.each([
    ['start,price', 2],
    ['start_utc,end_utc,eur_per_mwh', 3],
    ['time,zone_start,price', 3],
  ])('prices with the head %s are sound or refused with a line', (header, columns) => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), text(header, columns)), (file) => {
        const read = parsePrices(file);
        if (read.ok) {
          expect(read.value.firstAt % 900).toBe(0);
          expect(read.value.values.every(Number.isSafeInteger)).toBe(true);
        } else expect(read.detail).toMatch(/^line \d+/);
      }),
    );
  });
});
