import { Kysely, PostgresDialect } from 'kysely';
import { Migrator } from 'kysely/migration';
import pg from 'pg';
import { allMigrations } from './allMigrations.ts';
import type { Database } from './Database.ts';

/**
 * Connects to PostgreSQL. Connections are opened when needed. `close` with `destroy()`.
 *
 * `onError` hears of idle connections that broke (the server restarted); the pool opens others.
 */
export function openDatabase(
  url: string,
  options: { readonly poolSize?: number; readonly onError?: (error: Error) => void } = {},
): Kysely<Database> {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.poolSize ?? 10,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 60_000,
    application_name: 'p2p-power',
  });
  pool.on('error', options.onError ?? (() => undefined));
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
}

/**
 * Brings the database's form up to date, each step in the one transaction of all. Processes that start
 * together wait for each other (Kysely takes an advisory lock).
 */
export async function migrateDatabase(db: Kysely<Database>): Promise<readonly string[]> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve({ ...allMigrations }) },
    allowUnorderedMigrations: true,
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error !== undefined) throw new Error('the database could not be brought up to date', { cause: error });
  return (results ?? []).filter((step) => step.status === 'Success').map((step) => step.migrationName);
}
