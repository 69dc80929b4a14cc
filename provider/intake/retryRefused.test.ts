import { makeDriver } from '@p2p-power/protocol/testing/world';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addDriver, type MoneyWorld, openMoneyWorld } from '../testing/moneyWorld.ts';
import { closeIntake } from './Intake.ts';
import { retryRefused } from './retryRefused.ts';

let world: MoneyWorld;
beforeAll(async () => {
  world = await openMoneyWorld();
});
afterAll(async () => {
  await closeIntake(world.b.context);
  await world.close();
});

const refused = async () => (await world.b.call('GET', '/admin/refused-cdrs', { as: 'staff' })).body.refused;

test('what was refused for what we did not know is taken when we know it, as received at first', async () => {
  const { db } = world.b.database;
  const members = await db.selectFrom('member').selectAll().where('provider_id', '=', 'DEAAA').execute();
  await db.deleteFrom('member').where('provider_id', '=', 'DEAAA').execute();
  const late = await makeDriver(world.providerB, 'Late');
  const evidence = [
    await world.charge('of a new member'),
    await world.charge('entered late', { driver: late }),
    await world.charge('over', { authorization: { maxAmountMicro: 90_000_000 }, driver: world.dora }),
  ];
  const receivedAt = world.clock.nowS();
  await world.b.call('POST', '/hand-in', { body: { segments: [await world.seal(evidence)] } });
  expect((await refused()).map((one: { refusal: string }) => one.refusal).sort()).toEqual([
    'amount-bound-over-certificate',
    'driver-certificate-not-issued',
    'unknown-driver-provider',
  ]);
  world.clock.advance(3_600);
  expect(await retryRefused(world.b.context)).toBe(0);
  await db
    .insertInto('member')
    .values(members.map((row) => ({ ...row, keys: JSON.stringify(row.keys) })))
    .execute();
  await addDriver(world.b, late, 'late');
  expect(await retryRefused(world.b.context)).toBe(0);
  // Longer than the deadline: it counts when it was first handed in.
  world.clock.advance(40 * 86_400);
  expect(await retryRefused(world.b.context)).toBe(2);
  expect(await retryRefused(world.b.context)).toBe(0);
  const charges = await db.selectFrom('charge').select(['state', 'received_at']).orderBy('state').execute();
  expect(charges).toEqual([
    { state: 'booked', received_at: String(receivedAt) },
    { state: 'waiting', received_at: String(receivedAt) },
  ]);
  const kept = await refused();
  expect(kept.map((one: { acceptedAt: number | null }) => one.acceptedAt === null).sort()).toEqual([
    false,
    false,
    true,
  ]);
});
