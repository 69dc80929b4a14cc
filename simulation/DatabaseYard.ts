import { migrateDatabase, openDatabase } from '@p2p-power/provider/database/openDatabase';
import { createTestDatabase } from '@p2p-power/provider/testing/testDatabase';
import { sql } from 'kysely';

/** Where worlds get their databases: real ones, each a fresh copy of a template of the present form. */
export interface DatabaseYard {
  /** URL of a new, empty database of the present form. */
  open(): Promise<{ readonly url: string; drop(): Promise<void> }>;
  close(): Promise<void>;
}

export async function openDatabaseYard(): Promise<DatabaseYard> {
  const template = await createTestDatabase();
  const migrating = openDatabase(template.url, { poolSize: 1 });
  await migrateDatabase(migrating);
  await migrating.destroy();
  const office = await createTestDatabase();
  const db = openDatabase(office.url, { poolSize: 1 });
  const templateName = new URL(template.url).pathname.slice(1);
  let count = 0;
  return {
    async open() {
      count += 1;
      const name = `${templateName}_${count}`;
      await sql.raw(`create database ${name} template ${templateName}`).execute(db);
      const url = new URL(template.url);
      url.pathname = `/${name}`;
      return {
        url: url.href,
        drop: async () => {
          await sql.raw(`drop database if exists ${name} with (force)`).execute(db);
        },
      };
    },
    async close() {
      await db.destroy();
      await office.drop();
      await template.drop();
    },
  };
}
