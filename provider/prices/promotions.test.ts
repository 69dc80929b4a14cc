import type { Segment } from '@p2p-power/protocol/Segment';
import { dawn, day, makeDriver } from '@p2p-power/protocol/testing/world';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { handIn } from '../intake/handIn.ts';
import { deliverEvidence } from '../peers/deliverEvidence.ts';
import { type KilledIntake, prepareKilledIntake } from '../testing/killedIntake.ts';
import { addDriver, type MoneyWorld, openMoneyWorld } from '../testing/moneyWorld.ts';
import type { TestProvider } from '../testing/testProvider.ts';

/** 11 kWh at 0.39 and 19 % VAT. */
const chargeMicro = 5_105_100;

let world: MoneyWorld;
let intake: KilledIntake;
beforeAll(async () => {
  world = await openMoneyWorld();
  intake = prepareKilledIntake(world);
});
afterAll(async () => {
  intake.close();
  await world.close();
});

const promotion = (id: string, more: object) => ({
  id,
  title: `Campaign ${id}`,
  benefit: { type: 'free-energy', energyWh: 5_000 },
  currency: 'EUR',
  startsAt: dawn - day,
  endsAt: dawn + day,
  ...more,
});
const add = (provider: TestProvider, body: unknown) =>
  provider.call('POST', '/admin/promotions', { as: 'staff', body });
const end = (provider: TestProvider, id: string) =>
  provider.call('DELETE', `/admin/promotions/${id}`, { as: 'staff' });
const balance = async (provider: TestProvider, kind: string) => {
  const found = await sql<{ micro: string }>`
    select coalesce(sum(balance_micro), 0) as micro from ledger_balance where kind = ${kind}`.execute(
    provider.database.db,
  );
  return Number(found.rows[0]?.micro);
};

test('our driver pays less at a peer’s point, the provider bears it, and operator and peer never notice', async () => {
  expect(await add(world.a, promotion('first', {}))).toMatchObject({ status: 200, body: { id: 'first' } });
  const evidence = [await world.charge('promoted one'), await world.charge('promoted two')];
  await world.b.call('POST', '/hand-in', { body: { segments: [await world.seal(evidence)] } });
  await deliverEvidence(world.b.context);
  // 5 of 11 kWh: rounded up for the driver.
  const borne = Math.ceil((chargeMicro * 5_000) / 11_000);
  expect(await balance(world.a, 'driver')).toBe(2 * chargeMicro - borne);
  expect(await balance(world.a, 'promotions')).toBe(borne);
  expect(await balance(world.a, 'peer-payable')).toBe(-2 * chargeMicro);
  expect(await balance(world.b, 'operator-earned')).toBe(-2 * chargeMicro);
  expect(await balance(world.b, 'promotions')).toBe(0);

  const { body } = await world.a.call('GET', '/me/statement', { as: 'anna' });
  expect(body).toMatchObject({ chargeMicro: 2 * chargeMicro, promotionMicro: borne });
  expect(body.totalMicro).toBe(2 * chargeMicro - borne);
  const promoted = body.lines.filter((line: { promotionMicro: number }) => line.promotionMicro > 0);
  expect(promoted).toMatchObject([
    { promotions: [{ promotionId: 'first', title: 'Campaign first', amountMicro: borne }] },
  ]);
  const csv: string = (await world.a.call('GET', '/me/statement?format=csv', { as: 'anna' })).body;
  const totals = csv
    .split('\r\n')
    .slice(1, 3)
    .map((line) => line.split(','));
  const at = csv.split('\r\n')[0]?.split(',').indexOf('total') ?? -1;
  // The place has commas in quotes: no charge here has one.
  expect(totals.map((cells) => Number(cells[at])).reduce((sum, one) => sum + one, 0)).toBeCloseTo(
    (2 * chargeMicro - borne) / 1e6,
    6,
  );
  const seen = await world.a.call('GET', '/admin/promotions', { as: 'staff' });
  expect(seen.body.promotions).toMatchObject([
    { promotion: { id: 'first' }, spentMicro: borne, charges: 1, customers: 1, endedAt: null },
  ]);
});

test('a promotion is entered once, never changed, and taken back for what is billed later', async () => {
  expect((await add(world.a, promotion('first', {}))).status).toBe(200);
  expect(await add(world.a, promotion('first', { title: 'Other' }))).toMatchObject({
    status: 409,
    body: { refusal: 'promotion-known' },
  });
  expect(await add(world.a, promotion('x', { currency: 'CHF' }))).toMatchObject({
    status: 422,
    body: { refusal: 'wrong-currency' },
  });
  const malformed = await add(world.a, promotion('x', { benefit: { type: 'free-energy' } }));
  expect([malformed.status, malformed.body.detail]).toEqual([422, expect.stringContaining('energyWh')]);
  expect(await end(world.a, 'nothing')).toMatchObject({
    status: 404,
    body: { refusal: 'promotion-unknown' },
  });
  const ended = await end(world.a, 'first');
  world.clock.advance(60);
  expect((await end(world.a, 'first')).body).toEqual(ended.body);
  expect((await add(world.a, promotion('first', {}))).status).toBe(409);
  const before = await balance(world.a, 'promotions');
  // Another one is in force by now, for other points.
  const elsewhere = { benefit: { type: 'percent-off', perMille: 1_000 }, evseIds: ['DEBBBEELSEWHERE'] };
  expect((await add(world.a, promotion('elsewhere', elsewhere))).status).toBe(200);
  const late = await makeDriver(world.providerA, 'Late');
  await addDriver(world.a, late, 'late');
  const evidence = [await world.charge('after the end', { driver: late })];
  await world.b.call('POST', '/hand-in', { body: { segments: [await world.seal(evidence)] } });
  await deliverEvidence(world.b.context);
  expect(await balance(world.a, 'promotions')).toBe(before);
});

test('a budget and a customer’s limit hold to the micro-unit, however many take charges in at once', async () => {
  const budgetMicro = 20_000_001;
  const customerMicro = 7_000_003;
  const half = { benefit: { type: 'percent-off', perMille: 500 } };
  expect((await add(world.b, promotion('half', { ...half, budgetMicro, customerMicro }))).status).toBe(200);
  const drivers = await Promise.all(
    ['D1', 'D2', 'D3', 'D4'].map(async (name) => {
      const driver = await makeDriver(world.providerB, name);
      await addDriver(world.b, driver, name);
      return driver;
    }),
  );
  const segments = await Promise.all(
    Array.from({ length: 24 }, async (_, at) =>
      world.seal([await world.charge(`at once ${at}`, { driver: drivers[at % 4] as (typeof drivers)[0] })]),
    ),
  );
  // Each segment twice, all at the same time.
  await Promise.all([...segments, ...segments].map((segment) => handIn(world.b.context, [segment])));
  const uses = await sql<{ driver_id: string; micro: string }>`
    select driver_id, sum(amount_micro) as micro from promotion_use where promotion_id = 'half' group by 1`.execute(
    world.b.database.db,
  );
  expect(uses.rows.reduce((sum, row) => sum + Number(row.micro), 0)).toBe(budgetMicro);
  for (const row of uses.rows) expect(Number(row.micro)).toBeLessThanOrEqual(customerMicro);
  expect(await balance(world.b, 'promotions')).toBe(budgetMicro);
  const [half_] = (await world.b.call('GET', '/admin/promotions', { as: 'staff' })).body.promotions;
  expect(half_.spentMicro).toBe(budgetMicro);
  await end(world.b, 'half');
});

test('killed in the middle, again and again, the budget is spent once for each charge that was kept', async () => {
  const free = { benefit: { type: 'amount-off', amountMicro: 1_000_000 }, budgetMicro: 17_500_000 };
  expect((await add(world.b, promotion('killed', free))).status).toBe(200);
  const segments: Segment[] = [];
  for (let at = 0; at < 24; at++)
    segments.push(await world.seal([await world.charge(`killed ${at}`, { driver: world.dora })]));
  const acknowledged = new Set<string>();
  for (let round = 0; acknowledged.size < segments.length; round++) {
    const missing = segments.filter((segment) => !acknowledged.has(segment.header.segmentId));
    for (const segmentId of await intake.run(missing, round < 3 ? 4 + round : Number.POSITIVE_INFINITY))
      acknowledged.add(segmentId);
    const books = await sql<Record<string, string>>`
      select (select spent_micro from promotion where promotion_id = 'killed') as spent,
        (select coalesce(sum(amount_micro), 0) from promotion_use where promotion_id = 'killed') as used,
        (select coalesce(sum(balance_micro), 0) from ledger_balance where kind = 'promotions' and owner = 'killed') as booked`.execute(
      world.b.database.db,
    );
    const [row] = books.rows;
    expect([row?.used, row?.booked]).toEqual([row?.spent, row?.spent]);
  }
  const borne = await sql<{ micro: string; charges: string }>`
    select sum(promotion_micro) as micro, count(*) as charges from charge where promotion_micro > 0
      and cdr_id in (select cdr_id from promotion_use where promotion_id = 'killed')`.execute(
    world.b.database.db,
  );
  expect(borne.rows[0]).toEqual({ micro: '17500000', charges: '18' });
}, 120_000);
