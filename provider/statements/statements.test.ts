import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deliverEvidence } from '../peers/deliverEvidence.ts';
import { type MoneyWorld, openMoneyWorld } from '../testing/moneyWorld.ts';
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
  const { account, name } = await world.b.database.db
    .selectFrom('operator')
    .selectAll()
    .where('operator_id', '=', 'bert')
    .executeTakeFirstOrThrow();
  return { account, name };
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
