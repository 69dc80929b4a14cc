import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takeLock } from './LockFile.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'p2p-power-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const lockFile = () => join(folder, 'lock');

test('a folder is taken once, and again after its release', () => {
  const first = takeLock(folder, 'up');
  if (!first.ok) throw new Error(first.detail);
  const second = takeLock(folder, 'up');
  expect(second).toMatchObject({ ok: false, refusal: 'folder-in-use' });
  expect(!second.ok && second.detail).toContain(`process ${process.pid} (up)`);
  first.value.release();
  expect(takeLock(folder, 'demo').ok).toBe(true);
});

test('the lock of a process that is gone is taken over', () => {
  const gone = spawnSync(process.execPath, ['-e', '']).pid;
  writeFileSync(lockFile(), JSON.stringify({ pid: gone, began: '1', command: 'up' }));
  expect(takeLock(folder, 'up').ok).toBe(true);
  expect(JSON.parse(readFileSync(lockFile(), 'utf8'))).toMatchObject({ pid: process.pid });
});

test('a number that now belongs to another process does not hold the folder', () => {
  writeFileSync(lockFile(), JSON.stringify({ pid: process.ppid, began: '1', command: 'up' }));
  expect(takeLock(folder, 'up').ok).toBe(true);
});

test('a torn lock file is taken over', () => {
  for (const torn of ['', '{"pid":', '[]', '{"pid":"1"}']) {
    writeFileSync(lockFile(), torn);
    const lock = takeLock(folder, 'up');
    expect(lock.ok, torn).toBe(true);
    if (lock.ok) lock.value.release();
  }
});

test('a late release does not take away the next holder’s lock', () => {
  const first = takeLock(folder, 'up');
  writeFileSync(lockFile(), JSON.stringify({ pid: 1, began: 'other', command: 'up' }));
  if (first.ok) first.value.release();
  expect(existsSync(lockFile())).toBe(true);
});

test('of many processes at once exactly one gets the folder, even over a stale lock', async () => {
  writeFileSync(lockFile(), JSON.stringify({ pid: 999_999_999, began: '1', command: 'up' }));
  const script = `
    import { takeLock } from ${JSON.stringify(new URL('./LockFile.ts', import.meta.url).href)};
    console.log(takeLock(${JSON.stringify(folder)}, 'up').ok);
    setInterval(() => {}, 1000);
  `;
  const children = Array.from({ length: 6 }, () =>
    spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  const answers = await Promise.all(
    children.map(async (child) => String((await once(child.stdout, 'data'))[0]).trim()),
  );
  for (const child of children) child.kill('SIGKILL');
  expect(answers.toSorted()).toEqual(['false', 'false', 'false', 'false', 'false', 'true']);
  expect(readdirSync(folder)).toEqual(['lock']);
});
