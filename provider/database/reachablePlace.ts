import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { PostgresUser } from './postgresUser.ts';

/**
 * Where PostgreSQL's own user keeps what it cannot reach elsewhere: as root one often works below
 * `/root`, which no other user may enter.
 */
const commonPlace = '/var/lib/p2p-power';

/** Whether the user may enter the folder and all folders above it (path resolution, path_resolution(7)). */
export function isReachable(folder: string, { uid, gid }: PostgresUser): boolean {
  const path = resolve(folder);
  const { mode, uid: owner, gid: group } = statSync(path);
  const mayEnter = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001;
  return (mode & mayEnter) !== 0 && (path === '/' || isReachable(dirname(path), { uid, gid, name: '' }));
}

/**
 * The folder itself where the user can reach it, else one that it can; the folder then notes which, so
 * that deleting it is beginning anew, as ever.
 */
export function reachableFolder(folder: string, user: PostgresUser, place = commonPlace): string {
  if (isReachable(folder, user)) return folder;
  const note = join(folder, 'kept-in');
  if (existsSync(note)) {
    const noted = readFileSync(note, 'utf8').trim();
    if (existsSync(noted)) return noted;
  }
  mkdirSync(place, { recursive: true, mode: 0o755 });
  const kept = mkdtempSync(join(place, 'database-'));
  chownSync(kept, user.uid, user.gid);
  writeFileSync(note, `${kept}\n`);
  return kept;
}

/** The package's folder itself where the user can reach it, else a copy of its programs, made once. */
export function reachablePackage(packageFolder: string, user: PostgresUser, place = commonPlace): string {
  if (isReachable(packageFolder, user)) return packageFolder;
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as {
    version: string;
  };
  const copy = join(place, `postgres-${version}`);
  if (existsSync(copy)) return copy;
  mkdirSync(place, { recursive: true, mode: 0o755 });
  const unfinished = mkdtempSync(join(place, `${basename(copy)}.unfinished-`));
  cpSync(packageFolder, unfinished, { recursive: true, verbatimSymlinks: true });
  chownSync(unfinished, user.uid, user.gid);
  try {
    renameSync(unfinished, copy);
  } catch (error) {
    // Another process was faster.
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(copy)) throw error;
  }
  return copy;
}
