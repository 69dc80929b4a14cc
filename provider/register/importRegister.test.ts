import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { sql, type Transaction } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../database/Database.ts';
import { meetAtLock } from '../testing/meetAtLock.ts';
import { enterPoint } from '../testing/samples.ts';
import { openTestProvider, type TestProvider } from '../testing/testProvider.ts';
import { importRegister } from './importRegister.ts';

const file = new URL('../../data/stations/de_berlin_bnetza_2026-04.csv', import.meta.url);
const csv = readFileSync(file, 'utf8');
const [head = '', ...lines] = csv.split(/\r?\n/);

let provider: TestProvider;
beforeAll(async () => {
  provider = await openTestProvider();
});
afterAll(() => provider.close());

const importCsv = (text: string) =>
  provider.call('POST', '/admin/register-imports', {
    as: 'staff',
    body: text,
    headers: { 'content-type': 'text/csv' },
  });
const everything = '/points?south=50&west=10&north=55&east=15&limit=20000';

describe('the whole register of Berlin', () => {
  test('every row is taken or refused, every key parsed or noted', async () => {
    const { status, body } = await importCsv(csv);
    expect(status).toBe(200);
    expect(body).toMatchObject({ rows: 4528, taken: 4528, refused: [], points: 7019, removed: 0 });
    const keys = { ...body.keys, noted: body.keys.noted.length };
    expect(keys).toEqual({
      parsed: 2811,
      byCurve: { secp256r1: 1920, secp192r1: 669, secp256k1: 222 },
      noted: 63,
    });
    expect(body.keys.noted[0]).toEqual({
      line: expect.any(Number),
      point: expect.any(Number),
      reason: expect.any(String),
      detail: expect.any(String),
    });
    expect(body.openingHours).toEqual({ parsed: 1018, unknown: 3496, textOnly: 14 });
    expect(body.withoutEvseId + withEvseId(body)).toBe(7019);
  });

  const withEvseId = (body: { points: number; withoutEvseId: number }) => body.points - body.withoutEvseId;

  test('a noted line is the line of the file at which the row begins', async () => {
    const { body } = await importCsv(csv);
    for (const noted of body.evseIds.noted) {
      const row = csv
        .split('\n')
        .slice(noted.line - 1, noted.line + 9)
        .join('\n');
      const plain = row.replace(/[\s\u200b*_-]/g, '').toUpperCase();
      expect(plain).toContain(noted.text.replace(/[*_-]/g, '').toUpperCase());
      expect(row).toMatch(/^\d+;/);
    }
  });

  test('the same file again changes nothing', async () => {
    const changed = () =>
      provider.context.db
        .selectFrom('evse')
        .select((select) => [select.fn.max('updated_at').as('at'), select.fn.countAll().as('count')])
        .executeTakeFirstOrThrow();
    const before = await changed();
    provider.clock.advance(1_000);
    await importCsv(csv);
    expect(await changed()).toEqual(before);
  });

  test('one entry a station is on the map, not in the network, with all its plugs', async () => {
    const { body } = await provider.call('GET', everything);
    expect(body.total).toBe(4528);
    expect(body.points).toHaveLength(4528);
    expect(
      body.points.every((point: { inNetwork: boolean; live: boolean }) => !point.inNetwork && !point.live),
    ).toBe(true);
    const sum = body.points.reduce((total: number, point: { count: number }) => total + point.count, 0);
    expect(sum).toBe(7019);
    const one = (await provider.call('GET', '/points/1144860-1')).body;
    expect(one).toMatchObject({
      name: 'ubitricity Gesellschaft für verteilte Energiesysteme mbH',
      address: 'Schwarzer Weg, 10115 Berlin',
      maxPowerW: 3700,
      connectors: [{ standard: 'IEC_62196_T2', format: 'SOCKET', powerType: 'AC_1_PHASE', maxAmperage: 17 }],
      meterPublicKey: expect.stringMatching(/^0x3059/),
    });
    const near = await provider.call('GET', '/points?latitude=52.52979&longitude=13.377059&radiusM=300');
    expect(near.body.points[0].distanceM).toBe(0);
    expect(near.body.points.length).toBe(near.body.total);
  });

  test('a point that an operator enters takes the public one’s place', async () => {
    const evseId = 'DE*QRM*ER47P411';
    expect((await provider.call('GET', `/points/${evseId}`)).body).toMatchObject({ inNetwork: false });
    await enterPoint(provider, { evseId, name: 'Ours' });
    const { body } = await provider.call(
      'GET',
      '/points?latitude=52.53&longitude=13.39&radiusM=5000&limit=20000',
    );
    const named = body.points.filter((point: { evseId: string }) => point.evseId === 'DEQRMER47P411');
    expect(named).toMatchObject([{ name: 'Ours', inNetwork: true }]);
  });

  test('what is not in the file any more goes off the map, and comes back with it', async () => {
    const shorter = csv.slice(0, csv.indexOf('\n1144864;') + 1);
    expect((await importCsv(shorter)).body).toMatchObject({ rows: 1, taken: 1, removed: 7018 });
    expect((await provider.call('GET', `${everything}&inNetwork=false`)).body.total).toBe(1);
    await importCsv(csv);
    expect((await provider.call('GET', `${everything}&inNetwork=false`)).body.total).toBe(4527);
  });
});

test('two imports of one register in opposite orders do not wait for each other', async () => {
  const [names, ...rows] = parse(csv, { delimiter: ';', bom: true }) as string[][];
  const print = (cells: readonly string[] = []) =>
    cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(';');
  const operator = names?.indexOf('Betreiber') ?? -1;
  const importAs = (name: string, order: readonly string[][]) => {
    const text = [names, ...order.map((row) => row.with(operator, name))].map(print).join('\n');
    return importRegister(provider.context, 'twice', text);
  };
  const some = rows.slice(0, 9);
  await importAs('Before', some);
  const hold = (trx: Transaction<Database>) =>
    sql`select from location where provider_id = 'register:twice' order by location_id offset 4 limit 1 for update`.execute(
      trx,
    );
  const imported = await meetAtLock(provider.context.db, hold, [
    () => importAs('One', some),
    () => importAs('Other', some.toReversed()),
  ]);
  expect(imported).toMatchObject([
    { ok: true, value: { taken: 9 } },
    { ok: true, value: { taken: 9 } },
  ]);
});

describe('rows that are refused', () => {
  const row = parse(lines[0] as string, { delimiter: ';' })[0] as string[];
  const names = head.replace(/^\ufeff/, '').split(';');
  const print = (cells: readonly string[]) =>
    cells.map((cell) => (cell.includes(';') ? `"${cell}"` : cell)).join(';');
  const spoiled = (name: string, text: string) => print(row.with(names.indexOf(name), text));

  test('say their line and reason, and do not stop the others', async () => {
    const { body } = await importCsv(
      [
        head,
        spoiled('Ladeeinrichtungs-ID', ''),
        spoiled('Betreiber', ' '),
        spoiled('Straße', ''),
        '"quoted',
        'over lines";x',
        spoiled('Breitengrad', 'N52'),
        spoiled('Steckertypen1', 'Perilex'),
        spoiled('Nennleistung Stecker1', 'viel'),
        spoiled('Anzahl Ladepunkte', '2'),
        print(row),
        print(row),
      ].join('\r\n'),
    );
    expect(body.refused.map(({ line, reason }: { line: number; reason: string }) => [line, reason])).toEqual([
      [2, 'missing-station-id'],
      [3, 'missing-operator'],
      [4, 'missing-address'],
      [5, 'wrong-column-count'],
      [7, 'bad-coordinates'],
      [8, 'unknown-plug'],
      [9, 'bad-power'],
      [10, 'point-count-differs'],
      [12, 'doubled-station-id'],
    ]);
    expect(body).toMatchObject({ rows: 10, taken: 1 });
  });

  test.each([
    ['a;b;c\n1;2;3', 'columns-missing'],
    ['', 'columns-missing'],
    [`${head}\n"1`, 'not-csv'],
  ])('a file that is no register is refused whole', async (text, refusal) => {
    expect(await importCsv(text)).toMatchObject({ status: 422, body: { refusal } });
  });

  test('only staff may import', async () => {
    expect((await provider.call('POST', '/admin/register-imports', { body: csv.slice(0, 500) })).status).toBe(
      401,
    );
  });
});
