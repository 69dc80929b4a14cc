import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestDatabase } from '../testing/testDatabase.ts';
import { allMigrations } from './allMigrations.ts';
import { migrateDatabase, openDatabase } from './openDatabase.ts';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

test('processes that start together bring the database up to date once', async () => {
  const connections = [1, 2, 3].map(() => openDatabase(database.url, { poolSize: 2 }));
  const steps = await Promise.all(connections.map(migrateDatabase));
  expect(steps.flat().sort()).toEqual(Object.keys(allMigrations).sort());
  const [db] = connections;
  expect(db && (await migrateDatabase(db))).toEqual([]);
  await Promise.all(connections.map((connection) => connection.destroy()));
});

test('a program that is older than the database refuses it and changes nothing', async () => {
  const db = openDatabase(database.url);
  await migrateDatabase(db);
  await sql`insert into kysely_migration (name, timestamp) values ('9999_tomorrow', '2099-01-01')`.execute(
    db,
  );
  await expect(migrateDatabase(db)).rejects.toThrow(/could not be brought up to date/);
  await db.destroy();
});

test('a step that fails leaves nothing of the others', async () => {
  const db = openDatabase(database.url);
  await sql`create table charge (in_the_way text)`.execute(db);
  await expect(migrateDatabase(db)).rejects.toThrow();
  const tables = await sql<{ name: string }>`
    select table_name as name from information_schema.tables
    where table_schema = 'public' and table_name not like 'kysely%'`.execute(db);
  expect(tables.rows).toEqual([{ name: 'charge' }]);
  await db.destroy();
});
