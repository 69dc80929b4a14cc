import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findEmbeddedPostgres, startEmbeddedPostgres } from './EmbeddedPostgres.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'p2p-power-embedded-'));
  chmodSync(folder, 0o755);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

const pidOf = () => Number(readFileSync(join(folder, 'cluster', 'postmaster.pid'), 'utf8').split('\n')[0]);

// The tests share one folder, in this order: making a cluster takes longer than all else.
test('a cluster that was never finished is made anew', async () => {
  mkdirSync(join(folder, 'cluster.unfinished'));
  writeFileSync(join(folder, 'cluster.unfinished', 'PG_VERSION'), 'torn');
  const server = await startEmbeddedPostgres({ folder });
  expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  await server.stop();
});

test('data stays over a restart; one process at a time has the folder', async () => {
  const first = await startEmbeddedPostgres({ folder });
  expect(await query(first.url, 'show server_encoding')).toEqual([{ server_encoding: 'UTF8' }]);
  await query(first.url, "create table kept as select 'kept'::text as word");
  await expect(startEmbeddedPostgres({ folder })).rejects.toThrow(/another process is using the database/);
  expect(await query(findEmbeddedPostgres(folder) ?? '', 'select word from kept')).toEqual([
    { word: 'kept' },
  ]);
  await first.stop();
  expect(findEmbeddedPostgres(folder)).toBeUndefined();
  expect(existsSync(join(folder, 'cluster', 'postmaster.pid'))).toBe(false);
  const second = await startEmbeddedPostgres({ folder });
  expect(await query(second.url, 'select word from kept')).toEqual([{ word: 'kept' }]);
  await second.stop();
});

test('a server that outlived its killed process is taken over with its data', async () => {
  const script = `
    const { startEmbeddedPostgres } = await import(${JSON.stringify(new URL('./EmbeddedPostgres.ts', import.meta.url).href)});
    const { url } = await startEmbeddedPostgres({ folder: ${JSON.stringify(folder)} });
    console.log(url);
    setInterval(() => {}, 1000);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = String((await once(child.stdout, 'data'))[0]).trim();
  await query(url, 'create table written as select 42 as answer');
  const pid = pidOf();
  child.kill('SIGKILL');
  await once(child, 'exit');
  const adopted = await startEmbeddedPostgres({ folder });
  expect(pidOf()).toBe(pid);
  expect(await query(adopted.url, 'select answer from written')).toEqual([{ answer: 42 }]);
  await adopted.stop();
  expect(() => process.kill(pid, 0)).toThrow();
});

test('after the server itself was killed it starts again', async () => {
  const first = await startEmbeddedPostgres({ folder });
  await query(first.url, 'create table committed as select 1 as one');
  const pid = pidOf();
  process.kill(pid, 'SIGKILL');
  await first.stop();
  // The number of the dead server now belongs to a process that is none.
  const note = join(folder, 'cluster', 'postmaster.pid');
  writeFileSync(note, readFileSync(note, 'utf8').replace(String(pid), String(process.pid)));
  const second = await startEmbeddedPostgres({ folder });
  expect(await query(second.url, 'select one from committed')).toEqual([{ one: 1 }]);
  await second.stop();
});

test('what keeps it from starting is said', async () => {
  writeFileSync(join(folder, 'cluster', 'postgresql.conf'), 'no_such_setting = 1\n');
  await expect(startEmbeddedPostgres({ folder })).rejects.toThrow(/no_such_setting/);
});
