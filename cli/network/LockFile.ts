import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';

/** Who holds a data folder: a process, and when it began, because process numbers are used again. */
export interface LockHolder {
  readonly pid: number;
  /** Clock ticks after boot at which the process began (proc(5), stat, field 22); empty where not known. */
  readonly began: string;
  readonly command: string;
}

export interface Lock {
  release(): void;
}

const fileName = 'lock';

/**
 * Takes the folder for this process, or tells who has it. A lock whose holder is gone, killed or from
 * before a reboot, is taken over. The file appears whole or not at all.
 */
export function takeLock(folder: string, command: string): Result<Lock, 'folder-in-use'> {
  const path = join(folder, fileName);
  const mine = `${path}.${process.pid}`;
  const holder: LockHolder = { pid: process.pid, began: whenBegan(process.pid), command };
  writeFileSync(mine, `${JSON.stringify(holder)}\n`);
  try {
    for (;;) {
      if (linked(mine, path)) return accept({ release: () => releaseLock(path, holder) });
      const other = readHolder(path);
      if (other === undefined) continue;
      if (isAlive(other))
        return refuse('folder-in-use', `process ${other.pid} (${other.command}) is using ${folder}`);
      removeStale(path, other);
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The holder that the file names; a file that is torn or foreign names a process that never was. */
function readHolder(path: string): LockHolder | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { pid, began, command } = JSON.parse(text) as Partial<LockHolder>;
    if (typeof pid === 'number' && pid > 0)
      return { pid, began: String(began ?? ''), command: String(command ?? '') };
  } catch {
    // Falls through to the holder that never was.
  }
  return { pid: 0, began: '', command: 'unreadable' };
}

/** Moves the stale lock aside first: if another took it over in between, its lock is put back. */
function removeStale(path: string, stale: LockHolder): void {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const moved = readHolder(aside);
  if (moved?.pid !== stale.pid || moved.began !== stale.began) linked(aside, path);
  rmSync(aside, { force: true });
}

function releaseLock(path: string, holder: LockHolder): void {
  const current = readHolder(path);
  if (current?.pid === holder.pid && current.began === holder.began) rmSync(path, { force: true });
}

function isAlive({ pid, began }: LockHolder): boolean {
  if (pid === 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const now = whenBegan(pid);
  return began === '' || now === '' || now === began;
}

function whenBegan(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in brackets and may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
