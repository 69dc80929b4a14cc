import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startEmbeddedPostgres } from './EmbeddedPostgres.ts';
import { isReachable, reachableFolder, reachablePackage } from './reachablePlace.ts';

const isRoot = userInfo().uid === 0;
/** Nobody's files here, and not ours; as another user than root we stand in for it ourselves. */
const stranger = isRoot
  ? { name: 'stranger', uid: 54_321, gid: 54_321 }
  : { name: userInfo().username, uid: userInfo().uid, gid: userInfo().gid };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'p2p-power-reach-'));
  chmodSync(folder, 0o755);
});
afterEach(() => {
  chmodSync(folder, 0o755);
  rmSync(folder, { recursive: true, force: true });
});

/** A folder below one that the stranger may not enter. */
function closedFolder(): string {
  const inside = join(folder, 'closed', 'inside');
  mkdirSync(inside, { recursive: true });
  return inside;
}
const closeDoor = (isClosed: boolean) =>
  chmodSync(join(folder, 'closed'), isClosed ? (isRoot ? 0o700 : 0o677) : 0o755);

describe('what a user can reach', () => {
  test('is a folder whose parents all let it in', () => {
    const inside = closedFolder();
    expect(isReachable(inside, stranger)).toBe(true);
    expect(reachableFolder(inside, stranger, join(folder, 'place'))).toBe(inside);
  });

  test.runIf(isRoot)('is not a folder behind one that is closed: another is taken, and found again', () => {
    const inside = closedFolder();
    closeDoor(true);
    expect(isReachable(inside, stranger)).toBe(false);
    const place = join(folder, 'place');
    const kept = reachableFolder(inside, stranger, place);
    expect(dirname(kept)).toBe(place);
    expect(isReachable(kept, stranger)).toBe(true);
    expect(reachableFolder(inside, stranger, place)).toBe(kept);
    rmSync(inside, { recursive: true });
    mkdirSync(inside);
    expect(reachableFolder(inside, stranger, place)).not.toBe(kept);
  });

  test.runIf(isRoot)('a package behind a closed folder is copied once, whole', () => {
    const inside = closedFolder();
    writeFileSync(join(inside, 'package.json'), '{"version":"1.2.3"}');
    writeFileSync(join(inside, 'program'), 'as it is');
    closeDoor(true);
    const place = join(folder, 'place');
    const copy = reachablePackage(inside, stranger, place);
    expect(copy).toBe(join(place, 'postgres-1.2.3'));
    expect(readFileSync(join(copy, 'program'), 'utf8')).toBe('as it is');
    expect(isReachable(copy, stranger)).toBe(true);
    writeFileSync(join(inside, 'program'), 'changed');
    expect(readFileSync(join(reachablePackage(inside, stranger, place), 'program'), 'utf8')).toBe('as it is');
    closeDoor(false);
    expect(reachablePackage(inside, stranger, place)).toBe(inside);
  });
});

test.runIf(isRoot)('root runs PostgreSQL on data below a folder that only root may enter', async () => {
  const inside = closedFolder();
  closeDoor(true);
  const postgres = await startEmbeddedPostgres({ folder: inside, forgetful: true });
  await postgres.stop();
  const kept = readFileSync(join(inside, 'kept-in'), 'utf8').trim();
  expect(existsSync(join(kept, 'cluster', 'PG_VERSION'))).toBe(true);
  const again = await startEmbeddedPostgres({ folder: inside, forgetful: true });
  await again.stop();
  expect(readFileSync(join(inside, 'kept-in'), 'utf8').trim()).toBe(kept);
  expect(spawnSync('rm', ['-r', kept]).status).toBe(0);
});
