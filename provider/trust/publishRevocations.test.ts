import { createHash } from 'node:crypto';
import type { Hex } from '@p2p-power/protocol/Hex';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { meetAtLock } from '../testing/meetAtLock.ts';
import { openTestDatabase, type TestDatabase } from '../testing/testDatabase.ts';
import { publishRevocations } from './publishRevocations.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

test('two that take back the same certificates in opposite orders do not wait for each other', async () => {
  const certificates = Array.from({ length: 9 }, (_, index) => ({
    certificateId: `0x${createHash('sha256').update(String(index)).digest('hex')}` as Hex,
    expiresAt: 2_000_000_000,
  }));
  const publish = (some: typeof certificates, now: number) =>
    database.db.transaction().execute((trx) => publishRevocations(trx, 'DEAAA', some, now));
  const middle = certificates.slice(4, 5);
  await meetAtLock(database.db, (trx) => publishRevocations(trx, 'DEAAA', middle, 0), [
    () => publish(certificates, 1),
    () => publish(certificates.toReversed(), 2),
  ]);
  const rows = await database.db.selectFrom('revocation').select('revoked_at').execute();
  expect(rows).toHaveLength(certificates.length);
  // All are those of whoever came first.
  expect(new Set(rows.map((row) => row.revoked_at)).size).toBe(1);
});
