import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { providerClient } from '../client/ProviderClient.ts';
import { deliverEvidence } from '../peers/deliverEvidence.ts';
import { type MoneyWorld, openMoneyWorld } from '../testing/moneyWorld.ts';
import { testStaffToken } from '../testing/testProvider.ts';
import { driverStatement } from './driverStatement.ts';
import { operatorStatement } from './operatorStatement.ts';

const charges = 5;
let world: MoneyWorld;
beforeAll(async () => {
  world = await openMoneyWorld();
  const all = await Promise.all(Array.from({ length: charges }, (_, at) => world.charge(`charge ${at}`)));
  await world.b.call('POST', '/hand-in', { body: { segments: [await world.seal(all)] } });
  await deliverEvidence(world.b.context);
});
afterAll(() => world.close());

const always = { from: 0, to: 99_999_999_999 };
const annas = { driverId: 'anna', driverName: 'Anna', ...always };
const bert = async () => {
  const { operator_id: operatorId, name } = await world.b.database.db
    .selectFrom('operator')
    .selectAll()
    .where('operator_id', '=', 'bert')
    .executeTakeFirstOrThrow();
  return { operatorId, name };
};

describe('a statement holds all charges of its period', () => {
  test('whatever its pages, also where charges ended in the same second', async () => {
    const whole = await driverStatement(world.a.context, annas);
    if (!whole.ok) throw new Error(whole.refusal);
    expect(whole.value.count).toBe(charges);
    expect(new Set(whole.value.lines.map((line) => line.endedAt)).size).toBeLessThan(charges);
    const owner = await bert();
    const operators = await operatorStatement(world.b.context, owner, always);
    expect(operators).toMatchObject({ ok: true, value: { count: charges } });
    for (const pageLines of [1, 2, 4, 5, 6]) {
      const pages = { pageLines, maxLines: charges };
      expect(await driverStatement(world.a.context, annas, pages)).toEqual(whole);
      expect(await operatorStatement(world.b.context, owner, always, pages)).toEqual(operators);
    }
  });

  test('or is refused, and never shortened', async () => {
    const pages = { pageLines: 2, maxLines: charges - 1 };
    const refused = { ok: false, refusal: 'period-too-long' };
    expect(await driverStatement(world.a.context, annas, pages)).toMatchObject(refused);
    expect(await operatorStatement(world.b.context, await bert(), always, pages)).toMatchObject(refused);
  });

  test('of more than ten thousand too', async () => {
    const { db } = world.b.database;
    const columns = await sql<{ column_name: string }>`
      select column_name from information_schema.columns
      where table_schema = current_schema() and table_name = 'charge'`.execute(db);
    const names = columns.rows.map((row) => row.column_name);
    const copied = names.map((name) => {
      if (name === 'cdr_id' || name === 'authorization_id') return sql`'0x' || lpad(to_hex(number), 64, '0')`;
      if (name === 'evidence') return sql`'{}'`;
      return sql.ref(name);
    });
    await sql`insert into charge (${sql.join(names.map((name) => sql.ref(name)))})
      select ${sql.join(copied)} from (select * from charge limit 1) as one, generate_series(1, 10001) as number`.execute(
      db,
    );
    const { body } = await world.b.call('GET', '/operator/statement', { as: 'bert' });
    const summed = await sql<{ charge: string; wh: string }>`
      select sum(charge_micro) as charge, sum(imported_wh) as wh from charge`.execute(db);
    expect(body.count).toBe(10_001 + charges);
    expect(body.chargeMicro).toBe(Number(summed.rows[0]?.charge));
    expect(body.importedWh).toBe(Number(summed.rows[0]?.wh));
    const csv = (await world.b.call('GET', '/operator/statement?format=csv', { as: 'bert' })).body;
    expect(csv.trimEnd().split('\r\n')).toHaveLength(1 + body.count);
  });
});

describe('the staff gets', () => {
  const asStaff = (provider: MoneyWorld['a'], path: string) => provider.call('GET', path, { as: 'staff' });

  test('the statement of each driver and operator as they get it themselves', async () => {
    for (const query of ['', '?from=1', '?to=1', '?format=csv', '?format=csv&separator=semicolon']) {
      const own = await world.a.call('GET', `/me/statement${query}`, { as: 'anna' });
      const driver = await asStaff(world.a, `/admin/drivers/anna/statement${query}`);
      expect(driver.status).toBe(200);
      expect(driver.body).toEqual(own.body);
      const operator = await asStaff(world.b, `/admin/operators/bert/statement${query}`);
      expect(operator.status).toBe(200);
      const berts = await world.b.call('GET', `/operator/statement${query}`, { as: 'bert' });
      expect(operator.body).toEqual(berts.body);
    }
    const { body } = await asStaff(world.a, '/admin/drivers/anna/statement');
    expect(body).toMatchObject({ count: charges, driverName: 'Anna' });
    const client = providerClient({
      baseUrl: 'https://a.example',
      token: () => testStaffToken,
      fetch: (request) => world.a.app.fetch(request),
    });
    expect(await client.statementOfDriver('anna', { from: 0 })).toMatchObject({ value: { count: charges } });
  });

  test('none of anybody unknown, and nobody else gets one', async () => {
    expect(await asStaff(world.a, '/admin/drivers/nobody/statement')).toMatchObject({
      status: 404,
      body: { refusal: 'driver-unknown' },
    });
    expect(await asStaff(world.b, '/admin/operators/nobody/statement')).toMatchObject({
      status: 404,
      body: { refusal: 'operator-unknown' },
    });
    for (const path of ['/admin/drivers/anna/statement', '/admin/operators/bert/statement'])
      expect((await world.b.call('GET', path, { as: 'bert' })).status).toBe(401);
  });
});

describe('a driver whose account was closed', () => {
  test('still reads the bill and its evidence, and does nothing else', async () => {
    await world.a.call('POST', '/admin/drivers/anna/close', { as: 'staff' });
    const asAnna = (method: string, path: string, body?: unknown) =>
      world.a.call(method, path, { as: 'anna', ...(body !== undefined && { body }) });
    const { status, body } = await asAnna('GET', '/me/charges');
    expect([status, body.total]).toEqual([200, charges]);
    expect((await asAnna('GET', '/me/statement')).body.count).toBe(charges);
    const [first] = body.charges;
    expect((await asAnna('GET', `/me/charges/${first.cdrId}/evidence`)).status).toBe(200);
    const refused = { status: 403, body: { refusal: 'account-closed' } };
    const publicKey = world.anna.certificate.value.publicKey;
    expect(await asAnna('POST', '/me/certificates', { publicKey })).toMatchObject(refused);
    expect(await asAnna('DELETE', `/me/certificates/${world.anna.certificateId}`)).toMatchObject(refused);
  });
});
