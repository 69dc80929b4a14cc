import { chmodSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { startEmbeddedPostgres } from '../database/EmbeddedPostgres.ts';
import { announcement } from './testDatabase.ts';

/**
 * A program of its own: runs the tests' PostgreSQL on a temporary folder, announces it, and takes all
 * away again when nobody has been connected for a while.
 */
const idleSeconds = 15;

const folder = mkdtempSync(join(tmpdir(), 'p2p-power-test-pg-'));
chmodSync(folder, 0o755);
const starting = `${announcement}.starting`;
try {
  const server = await startEmbeddedPostgres({ folder, forgetful: true });
  const unfinished = `${announcement}.${process.pid}`;
  writeFileSync(unfinished, server.url, { mode: 0o600 });
  renameSync(unfinished, announcement);
  rmSync(starting, { recursive: true, force: true });

  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  for (let idle = 0; idle < idleSeconds; idle++) {
    await delay(1_000);
    const others = await client.query(
      `select 1 from pg_stat_activity
        where backend_type = 'client backend' and application_name <> 'p2p-power owner'
          and pid <> pg_backend_pid() limit 1`,
    );
    if (others.rowCount !== 0) idle = -1;
  }
  if (readAnnounced() === server.url) rmSync(announcement, { force: true });
  await client.end();
  await server.stop();
} finally {
  rmSync(starting, { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
}

function readAnnounced(): string {
  try {
    return readFileSync(announcement, 'utf8');
  } catch {
    return '';
  }
}
