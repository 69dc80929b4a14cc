import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { countWaiting } from '../testing/meetAtLock.ts';
import { enterPoint } from '../testing/samples.ts';
import { openTestProvider, type TestProvider } from '../testing/testProvider.ts';
import { noteStationSeen } from './noteStationSeen.ts';

let provider: TestProvider;
beforeAll(async () => {
  provider = await openTestProvider();
});
afterAll(() => provider.close());

const certificateIds = async () =>
  (await provider.context.db.selectFrom('station_certificate').select('certificate_id').execute()).map(
    (row) => row.certificate_id,
  );
const seenAt = async () =>
  (await provider.context.db.selectFrom('evse').select('last_seen_at').orderBy('uid').execute()).map((row) =>
    Number(row.last_seen_at),
  );

test('stations are noted as seen, at most every half minute', async () => {
  for (const letter of ['D', 'C', 'B', 'A'])
    await enterPoint(provider, { evseId: `DE*AAA*EGARAGE${letter}` });
  const { db, clock } = provider.context;
  const [first = 0] = await seenAt();
  await noteStationSeen(db, await certificateIds(), first + 30);
  expect(await seenAt()).toEqual([first, first, first, first]);
  await noteStationSeen(db, await certificateIds(), first + 31);
  expect(await seenAt()).toEqual([31, 31, 31, 31].map((later) => first + later));
  await noteStationSeen(db, [], clock.nowS() + 1_000);
  expect(await seenAt()).toEqual([31, 31, 31, 31].map((later) => first + later));
});

test('they are locked in the order of their ids, so that two hand-ins never wait for each other', async () => {
  const { db } = provider.context;
  const now = Math.max(...(await seenAt())) + 100;
  let noting: Promise<void> | undefined;
  await db.transaction().execute(async (trx) => {
    await sql`select from evse where uid = 'DEAAAEGARAGEC' for update`.execute(trx);
    noting = db.transaction().execute(async (other) => noteStationSeen(other, await certificateIds(), now));
    await expect.poll(() => countWaiting(db)).toBe(1);
    const free = await sql<{ uid: string }>`select uid from evse order by uid for update skip locked`.execute(
      db,
    );
    expect(free.rows).toEqual([{ uid: 'DEAAAEGARAGED' }]);
  });
  await noting;
  expect(await seenAt()).toEqual([now, now, now, now]);
});
