import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../testing/testDatabase.ts';
import { bookEntries, type Entry } from './bookEntries.ts';
import { accountKinds } from './LedgerTables.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const entry = (reference: string, amounts: readonly bigint[], owner = 'x'): Entry => ({
  kind: 'charge',
  reference,
  bookedAt: 1_790_000_000,
  lines: amounts.map((amountMicro, index) => ({
    kind: accountKinds[index % accountKinds.length] as (typeof accountKinds)[number],
    owner,
    amountMicro,
  })),
});

const book = (entries: readonly Entry[]) =>
  database.db.transaction().execute((trx) => bookEntries(trx, entries));

const count = async (table: 'ledger_entry' | 'ledger_line') =>
  Number(
    (await sql<{ n: string }>`select count(*) as n from ${sql.table(table)}`.execute(database.db)).rows[0]?.n,
  );

test('an entry is booked once, also in one call, also by two at a time', async () => {
  const once = entry('once', [5n, -5n]);
  expect(await book([once, once])).toEqual(new Set(['once']));
  expect(await book([once])).toEqual(new Set());
  const racing = entry('racing', [7n, -7n]);
  const booked = await Promise.all([1, 2, 3, 4].map(() => book([racing])));
  expect(booked.filter((references) => references.has('racing'))).toHaveLength(1);
  const lines = await sql<{
    n: string;
  }>`select count(*) as n from ledger_line join ledger_entry on id = entry_id
    where reference in ('once', 'racing')`.execute(database.db);
  expect(lines.rows[0]?.n).toBe('4');
});

test('two that book the same in opposite orders do not wait for each other', async () => {
  const entries = Array.from({ length: 4_000 }, (_, index) => entry(`crossing ${index}`, [1n, -1n]));
  const booked = await Promise.all([book(entries), book(entries.toReversed())]);
  expect(booked.map((references) => references.size).toSorted()).toEqual([0, 4_000]);
});

test('what does not come to zero is our bug and books nothing', async () => {
  const before = await count('ledger_entry');
  await expect(book([entry('unbalanced', [5n, -4n])])).rejects.toThrow('does not come to zero');
  await expect(book([entry('single', [0n])])).rejects.toThrow('fewer than two lines');
  expect(await count('ledger_entry')).toBe(before);
});

test('the database itself refuses unbalanced, single, later and missing lines', async () => {
  const { db } = database;
  await book([entry('whole', [1n, -1n])]);
  const id = (
    await db
      .selectFrom('ledger_entry')
      .select('id')
      .where('reference', '=', 'whole')
      .executeTakeFirstOrThrow()
  ).id;
  const accounts = (await db.selectFrom('ledger_account').select('id').limit(2).execute()).map(
    (row) => row.id,
  );
  const insertLines = (entryId: string, amounts: readonly number[]) =>
    db
      .insertInto('ledger_line')
      .values(
        amounts.map((amount, index) => ({
          entry_id: entryId,
          account_id: accounts[index] as string,
          amount_micro: String(amount),
        })),
      )
      .execute();
  await expect(insertLines(id, [3, -3])).rejects.toThrow('ledger entry is closed');
  const inNewEntry = (amounts: readonly number[]) =>
    db.transaction().execute(async (trx) => {
      const made = await trx
        .insertInto('ledger_entry')
        .values({ kind: 'charge', reference: `raw ${amounts}`, booked_at: '1' })
        .returning('id')
        .executeTakeFirstOrThrow();
      if (amounts.length > 0)
        await trx
          .insertInto('ledger_line')
          .values(
            amounts.map((amount, index) => ({
              entry_id: made.id,
              account_id: accounts[index] as string,
              amount_micro: String(amount),
            })),
          )
          .execute();
    });
  await expect(inNewEntry([3, -2])).rejects.toThrow('do not come to zero');
  await expect(inNewEntry([0])).rejects.toThrow('do not come to zero');
  await expect(inNewEntry([])).rejects.toThrow('has no lines');
  await inNewEntry([3, -3]);
});

test('nothing in the ledger can be changed or deleted', async () => {
  const { db } = database;
  await book([entry('fixed', [1n, -1n])]);
  for (const table of ['ledger_entry', 'ledger_line', 'ledger_account'])
    await expect(sql`delete from ${sql.table(table)}`.execute(db)).rejects.toThrow('never changed');
  await expect(sql`update ledger_line set amount_micro = 0`.execute(db)).rejects.toThrow('never changed');
  await expect(sql`update ledger_entry set reference = 'x'`.execute(db)).rejects.toThrow('never changed');
  await expect(sql`truncate ledger_line`.execute(db)).rejects.toThrow('never changed');
});

test('a transaction that is rolled back has booked nothing', async () => {
  const before = await count('ledger_line');
  await expect(
    database.db.transaction().execute(async (trx) => {
      await bookEntries(trx, [entry('undone', [9n, -9n], 'somebody new')]);
      throw new Error('power cut');
    }),
  ).rejects.toThrow('power cut');
  expect(await count('ledger_line')).toBe(before);
  expect(await book([entry('undone', [9n, -9n], 'somebody new')])).toEqual(new Set(['undone']));
});

test('whatever is booked in whatever order, twice or at once, all accounts come to zero', async () => {
  const amounts = fc.array(fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), {
    minLength: 1,
    maxLength: 5,
  });
  const batch = fc.array(fc.tuple(fc.nat(40), amounts, fc.constantFrom('anna', 'bert', 'cem')), {
    maxLength: 12,
  });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 3 }), async (batches) => {
      run++;
      const made = batches.map((drafts) =>
        drafts.map(([name, some, owner]) => {
          const rest = -some.reduce((sum, amount) => sum + amount, 0n);
          return entry(`${run} ${name}`, [...some, rest], owner);
        }),
      );
      const booked = await Promise.all(made.map((entries) => book(entries)));
      const names = new Set(made.flat().map((one) => one.reference));
      expect(booked.reduce((sum, references) => sum + references.size, 0)).toBe(names.size);
      const sums = await sql<{ wrong: string; total: string }>`
        select (select count(*) from (select from ledger_line group by entry_id having sum(amount_micro) <> 0) as x) as wrong,
          (select coalesce(sum(balance_micro), 0) from ledger_balance) as total`.execute(database.db);
      expect(sums.rows[0]).toEqual({ wrong: '0', total: '0' });
    }),
    { numRuns: 25 },
  );
});
