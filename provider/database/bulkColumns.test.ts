import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../testing/testDatabase.ts';
import { countColumn, textColumn } from './bulkColumns.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

test('what goes in comes out, in order', async () => {
  const text = fc
    .string({ unit: 'grapheme', minLength: 1 })
    .filter((one) => !one.includes('\n') && !one.includes('\0') && one.isWellFormed());
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(text, fc.maxSafeInteger()), { minLength: 1, maxLength: 20 }),
      async (rows) => {
        const { rows: read } = await sql<{ name: string; count: string }>`
        select * from unnest(${textColumn(rows.map(([name]) => name))}, ${countColumn(rows.map(([, count]) => count))})
          as x (name, count)`.execute(database.db);
        expect(read).toEqual(rows.map(([name, count]) => ({ name, count: String(count) })));
      },
    ),
    { numRuns: 50 },
  );
});

test('what would come out otherwise is our bug', () => {
  expect(() => textColumn([])).toThrow();
  expect(() => textColumn(['a', ''])).toThrow();
  expect(() => textColumn(['a\nb'])).toThrow();
  expect(() => countColumn([])).toThrow();
  expect(() => countColumn([1.5])).toThrow();
});
