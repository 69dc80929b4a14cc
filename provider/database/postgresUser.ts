import { execFileSync } from 'node:child_process';
import { userInfo } from 'node:os';

/** As whom to run PostgreSQL, where we are root. */
export interface PostgresUser {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
}

/**
 * The user to run PostgreSQL as: undefined for ourselves, and where we are root the user `postgres`,
 * which is made where it is missing. Throws where that is not possible.
 */
export function postgresUser(): PostgresUser | undefined {
  if (userInfo().uid !== 0) return undefined;
  const name = 'postgres';
  try {
    return { name, uid: idOf('-u', name), gid: idOf('-g', name) };
  } catch {
    execFileSync('useradd', ['--system', '--user-group', '--shell', '/usr/sbin/nologin', name], {
      stdio: 'pipe',
    });
    return { name, uid: idOf('-u', name), gid: idOf('-g', name) };
  }
}

const idOf = (flag: string, name: string) =>
  Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim());
