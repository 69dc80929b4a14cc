import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { enterPoint } from '../testing/samples.ts';
import { openTestProvider, type TestProvider } from '../testing/testProvider.ts';

let provider: TestProvider;
beforeAll(async () => {
  provider = await openTestProvider();
});
afterAll(() => provider.close());

test('every view can be read, and the points are in it in units for people', async () => {
  const { db } = provider.context;
  await enterPoint(provider);
  const views = await sql<{ name: string }>`
    select table_name as name from information_schema.views where table_schema = 'report'`.execute(db);
  expect(views.rows.map(({ name }) => name).sort()).toEqual([
    'charge',
    'charges_by_day',
    'driver_certificate',
    'ledger_balance',
    'point',
  ]);
  for (const { name } of views.rows) await sql`select * from ${sql.table(`report.${name}`)}`.execute(db);
  const points = await sql<Record<string, unknown>>`select * from report.point`.execute(db);
  expect(points.rows).toMatchObject([
    {
      source: 'own',
      evse_id: 'DEAAAEGARAGE1',
      max_power_kw: '11.0000000000000000',
      live: true,
      last_seen_at: new Date(provider.clock.nowS() * 1000),
    },
  ]);
});
