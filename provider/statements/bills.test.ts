import { dawn, steadyReadings } from '@p2p-power/protocol/testing/world';
import { QUARTER_HOUR_S } from '@p2p-power/tariff/EnergyPrices';
import { quarterHours } from '@p2p-power/tariff/quarterHours';
import type { SessionReading } from '@p2p-power/tariff/Tariff';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deliverEvidence } from '../peers/deliverEvidence.ts';
import { knowIndex } from '../testing/knowIndex.ts';
import { type MoneyWorld, openMoneyWorld } from '../testing/moneyWorld.ts';
import { readQuarterHours } from './readQuarterHours.ts';

const billing = {
  area: 'DE-LU',
  energyMicroPerKwh: 95_000,
  gridMicroPerKwh: 71_234,
  leviesMicroPerKwh: 20_500,
};
/** Known for the first half hour only. */
const indexMicro = [80_001, -20_000];

let world: MoneyWorld;
beforeAll(async () => {
  world = await openMoneyWorld({ config: { billing } });
  await knowIndex(world.a.database.db, 'DE-LU', dawn, indexMicro);
  const charges = await Promise.all([
    world.charge('an hour'),
    world.charge('odd times', { readings: steadyReadings(dawn + 3_599, 5_402, 10_001) }),
    // Bounded below the tariff's price: there is less to split than the parts come to.
    world.charge('cheap', {
      readings: steadyReadings(dawn + 5_400, 1_800, 10_000),
      authorization: { maxAmountMicro: 1_000_001 },
    }),
  ]);
  await world.b.call('POST', '/hand-in', { body: { segments: [await world.seal(charges)] } });
  await deliverEvidence(world.b.context);
});
afterAll(() => world.close());

const statement = async (query = '') =>
  (await world.a.call('GET', `/me/statement${query}`, { as: 'anna' })).body;
const partsOf = (split: Record<string, number>) => Object.values(split).reduce((sum, part) => sum + part, 0);

describe('a bill', () => {
  test('says of each charge what is for what, and all of it is the charge', async () => {
    const { lines, split, chargeMicro, vatMicro } = await statement();
    expect(lines).toHaveLength(3);
    for (const line of lines) {
      expect(partsOf(line.split)).toBe(line.chargeMicro);
      expect(line.split.vatMicro).toBe(line.vatMicro);
      for (const part of Object.values(line.split)) expect(part).toBeGreaterThanOrEqual(0);
    }
    expect([partsOf(split), split.vatMicro]).toEqual([chargeMicro, vatMicro]);
    const [hour, cheap] = lines;
    expect(hour.areLinesTaxed).toBe(false);
    expect(hour.priceLines).toEqual([
      expect.objectContaining({ quantity: 11_000, addedQuantity: 0, stepSize: 1, priceMicro: 390_000 }),
    ]);
    // 11 kWh from 00:01:01: the index where it is known, else the configured price.
    const quarters = quarterHours(steadyReadings(dawn + 61, 3_600, 11_000));
    const energy = quarters.reduce(
      (sum, { importWh }, at) => sum + importWh * (indexMicro[at] ?? billing.energyMicroPerKwh),
      0,
    );
    expect(hour.split).toMatchObject({
      energyMicro: Math.round(energy / 1_000),
      gridMicro: 11 * billing.gridMicroPerKwh,
      leviesMicro: 11 * billing.leviesMicroPerKwh,
    });
    expect(cheap.split).toMatchObject({ leviesMicro: 205_000, infrastructureMicro: 0 });
  });

  test('says it as CSV too, and explains the price in two languages', async () => {
    const csv: string = await statement('?format=csv');
    const [head = '', ...rows] = csv.trimEnd().split('\r\n');
    const columns = head.split(',');
    expect(rows).toHaveLength(3);
    for (const row of rows) {
      const cells = row.split(',');
      const cell = (name: string) => BigInt((cells[columns.indexOf(name)] ?? '').replace('.', ''));
      const parts = ['energy', 'infrastructure', 'grid', 'levies', 'vat'].map((part) =>
        cell(`split_${part}`),
      );
      expect(parts.reduce((sum, part) => sum + part, 0n)).toBe(cell('charge'));
    }
    const [german, english] = await Promise.all(
      ['?language=de', '?language=en'].map(async (query) => (await statement(query)).lines[0].explanation),
    );
    expect(german.map(({ text }: { text: string }) => text)).toEqual([
      '11,000 kWh zu 0,39 €/kWh',
      '19 % USt.',
    ]);
    expect(english.map(({ text }: { text: string }) => text)).toEqual([
      '11.000 kWh at 0.39 €/kWh',
      '19 % VAT',
    ]);
  });

  test('of one charge has its energy by quarter-hour; of nobody else’s', async () => {
    const [line] = (await statement()).lines;
    const { body } = await world.a.call('GET', `/me/charges/${line.cdrId}/bill`, { as: 'anna' });
    expect(body).toMatchObject({ ...line, explanation: line.explanation });
    expect(body.quarterHours.map(({ startsAt }: { startsAt: number }) => startsAt - dawn)).toEqual([
      0, 900, 1_800, 2_700, 3_600,
    ]);
    const energies = body.quarterHours.map(({ importedWh }: { importedWh: number }) => importedWh);
    expect(energies.reduce((sum: number, wh: number) => sum + wh, 0)).toBe(11_000);
    const other = await world.a.call('GET', `/me/charges/${line.cdrId}/bill`, { as: 'bert' });
    expect(other).toMatchObject({ status: 404, body: { refusal: 'charge-unknown' } });
  });

  test('keeps the rates of the day on which it was made', async () => {
    const before = (await statement()).split;
    await world.a.database.db.deleteFrom('price_index').execute();
    expect((await statement()).split).toEqual(before);
    const kept = await sql<{ n: string; total: string }>`
      select count(*) as n, sum(charge - energy - infrastructure - grid - levies - vat) as total from billing_split`.execute(
      world.a.database.db,
    );
    expect(kept.rows).toEqual([{ n: '3', total: '0.000000' }]);
    // The operator's provider bills no driver here, and splits nothing.
    expect(await world.b.database.db.selectFrom('charge_split').selectAll().execute()).toEqual([]);
  });
});

describe('energy by quarter-hour', () => {
  const asked = (query: string, as = 'staff') => world.a.call('GET', `/admin/quarter-hours${query}`, { as });

  test('is there for the staff, as JSON and CSV, for a period, whole or refused', async () => {
    const { body } = await asked('');
    expect(body).toMatchObject({ importedWh: 31_001, exportedWh: 0 });
    expect(new Set(body.quarterHours.map(({ cdrId }: { cdrId: string }) => cdrId)).size).toBe(3);
    const csv: string = (await asked('?format=csv')).body;
    const rows = csv.trimEnd().split('\r\n').slice(1);
    expect(rows).toHaveLength(body.quarterHours.length);
    expect(rows[0]).toMatch(/^2026-06-01T00:00:00Z,\d\.\d{3},0\.000,anna,/);
    expect((await asked(`?to=${dawn + 3_662}`)).body.importedWh).toBe(11_000);
    expect((await asked(`?from=${dawn + 10_000}`)).body.quarterHours).toEqual([]);
    expect((await asked('', 'anna')).status).toBe(401);
    const short = await readQuarterHours(world.a.database.db, { from: 0, to: 99_999_999_999 }, 4);
    expect(short).toMatchObject({ ok: false, refusal: 'period-too-long' });
  });

  test('is by the view what the published rule makes of the readings, whatever they are', async () => {
    const { db } = world.a.database;
    const gap = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 4_000 }), fc.constant(900));
    const sessions = fc.array(
      fc.record({
        startsAt: fc.oneof(fc.integer({ min: dawn, max: dawn + 1_800 }), fc.constant(dawn + 900)),
        steps: fc.array(fc.tuple(gap, fc.nat(9_000), fc.nat(700)), { minLength: 1, maxLength: 8 }),
      }),
      { minLength: 1, maxLength: 20 },
    );
    await fc.assert(
      fc.asyncProperty(sessions, async (made) => {
        const all = made.map(({ startsAt, steps }) => {
          const readings: SessionReading[] = [{ at: startsAt, importWh: 77, exportWh: 5, state: 'charging' }];
          for (const [seconds, importWh, exportWh] of steps) {
            const last = readings.at(-1) as SessionReading;
            readings.push({
              at: last.at + seconds,
              importWh: last.importWh + importWh,
              exportWh: last.exportWh + exportWh,
              state: 'charging',
            });
          }
          return readings;
        });
        const found = await db.transaction().execute(async (trx) => {
          const columns = await sql<{ column_name: string }>`
            select column_name from information_schema.columns
            where table_schema = current_schema() and table_name = 'charge'`.execute(trx);
          const names = columns.rows.map((row) => row.column_name);
          const copied = names.map((name) => {
            if (name === 'cdr_id' || name === 'authorization_id') return sql`'session ' || place`;
            if (name === 'evidence') return sql`one::text`;
            if (name === 'started_at') return sql`(one -> 'readings' -> 0 ->> 'at')::bigint`;
            if (name === 'ended_at') return sql`(one -> 'readings' -> -1 ->> 'at')::bigint`;
            return sql.ref(name);
          });
          await sql`insert into charge (${sql.join(names.map((name) => sql.ref(name)))})
            select ${sql.join(copied)} from (select * from charge order by cdr_id limit 1) as template,
              json_array_elements(${JSON.stringify(all.map((readings) => ({ readings })))}::json)
                with ordinality as made (one, place)`.execute(trx);
          const rows = await sql<Record<string, string>>`
            select cdr_id, extract(epoch from starts_at)::bigint as starts_at, imported_wh, exported_wh
            from billing_quarter_hour where cdr_id like 'session %' order by starts_at`.execute(trx);
          await sql`delete from charge where cdr_id like 'session %'`.execute(trx);
          return rows.rows;
        });
        for (const [index, readings] of all.entries()) {
          const own = found
            .filter((row) => row.cdr_id === `session ${index + 1}`)
            .map((row) => ({
              from: Number(row.starts_at),
              importWh: Number(row.imported_wh),
              exportWh: Number(row.exported_wh),
            }));
          expect(own).toEqual(quarterHours(readings));
          for (const { from } of own) expect(from % QUARTER_HOUR_S).toBe(0);
        }
      }),
      { numRuns: 30 },
    );
  });
});
