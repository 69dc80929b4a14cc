import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Kysely } from 'kysely';
import pg from 'pg';
import type { Database } from '../database/Database.ts';
import { migrateDatabase, openDatabase } from '../database/openDatabase.ts';

/** Where the tests' server is announced; `keepTestPostgres` writes it. */
export const announcement = join(tmpdir(), `p2p-power-test-postgres-${userInfo().uid}`);

export interface TestDatabase {
  readonly url: string;
  readonly db: Kysely<Database>;
  /** Disconnects and drops the database. */
  close(): Promise<void>;
}

/**
 * A fresh database of the present form on a real PostgreSQL, which all test processes share: the first
 * one starts it, and it ends by itself when no test has been connected for some seconds.
 */
export async function openTestDatabase(): Promise<TestDatabase> {
  const { url, drop } = await createTestDatabase();
  const db = openDatabase(url, { poolSize: 8 });
  await migrateDatabase(db);
  return {
    url,
    db,
    async close() {
      await db.destroy();
      await drop();
    },
  };
}

/** An empty database, not migrated. */
export async function createTestDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const serverUrl = await findServer();
  const name = `test_${randomBytes(8).toString('hex')}`;
  await runOn(serverUrl, `create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: () => runOn(serverUrl, `drop database if exists ${name} with (force)`),
  };
}

async function runOn(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function findServer(): Promise<string> {
  const starting = `${announcement}.starting`;
  for (let attempt = 0; attempt < 400; attempt++) {
    const url = await announcedServer();
    if (url !== undefined) return url;
    if (tryLock(starting)) {
      const keeper = fileURLToPath(new URL('./keepTestPostgres.ts', import.meta.url));
      spawn(process.execPath, [keeper], { detached: true, stdio: 'ignore', cwd: '/' }).unref();
    }
    await delay(100);
  }
  throw new Error('the tests’ PostgreSQL did not come up within 40 s');
}

async function announcedServer(): Promise<string | undefined> {
  try {
    const url = readFileSync(announcement, 'utf8').trim();
    await runOn(url, 'select 1');
    return url;
  } catch {
    return undefined;
  }
}

/** True for one caller in ten seconds: the keeper removes the lock when the server is announced. */
function tryLock(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch {
    try {
      if (Date.now() - statSync(folder).mtimeMs > 10_000) rmSync(folder, { recursive: true, force: true });
    } catch {
      // Gone by now.
    }
    return false;
  }
}
