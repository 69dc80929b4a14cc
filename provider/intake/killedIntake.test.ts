import type { Segment } from '@p2p-power/protocol/Segment';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type KilledIntake, prepareKilledIntake } from '../testing/killedIntake.ts';
import { type MoneyWorld, openMoneyWorld } from '../testing/moneyWorld.ts';

const segmentCount = 24;
const perSegment = 6;
let world: MoneyWorld;
let intake: KilledIntake;
let segments: Segment[];

beforeAll(async () => {
  world = await openMoneyWorld();
  intake = prepareKilledIntake(world);
  segments = [];
  for (let at = 0; at < segmentCount; at++) {
    const evidence = [];
    for (let index = 0; index < perSegment; index++)
      evidence.push(await world.charge(`killed ${at} ${index}`, index % 2 ? {} : { driver: world.dora }));
    segments.push(await world.seal(evidence));
  }
});
afterAll(async () => {
  intake.close();
  await world.close();
});

test('killed in the middle of the intake, again and again, nothing acknowledged is lost and nothing is doubled', async () => {
  const acknowledged = new Set<string>();
  for (let round = 0; acknowledged.size < segmentCount; round++) {
    const missing = segments.filter((segment) => !acknowledged.has(segment.header.segmentId));
    const repeated = segments.filter((segment) => acknowledged.has(segment.header.segmentId)).slice(0, 2);
    const killAfter = round < 3 ? 4 + round : Number.POSITIVE_INFINITY;
    const given = await intake.run([...repeated, ...missing], killAfter);
    for (const segmentId of given) {
      expect(segmentId).toMatch(/^0x/);
      acknowledged.add(segmentId);
    }
    const wrong = await sql<{ booked: string; own: string; queued: string; foreign_charges: string }>`
      select (select count(*) from ledger_entry where kind = 'charge') as booked,
        (select count(*) from charge where state = 'booked') as own,
        (select count(*) from outbox) as queued,
        (select count(*) from charge where state = 'waiting') as foreign_charges`.execute(
      world.b.database.db,
    );
    const [row] = wrong.rows;
    expect(row?.booked).toBe(row?.own);
    expect(row?.queued).toBe(row?.foreign_charges);
    const kept = await world.b.database.db.selectFrom('charge').select('cdr_id').execute();
    expect(kept.length).toBeGreaterThanOrEqual(acknowledged.size * perSegment);
  }
  const kept = await world.b.database.db.selectFrom('charge').select('cdr_id').execute();
  expect(kept).toHaveLength(segmentCount * perSegment);
  const lines = await sql<{ n: string; total: string }>`
    select count(*) as n, sum(amount_micro) as total from ledger_line`.execute(world.b.database.db);
  expect(lines.rows).toEqual([{ n: String(segmentCount * perSegment), total: '0' }]);
}, 120_000);
