import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { findFreePortBase } from '../network/checkPorts.ts';
import { planNetwork, portCount } from '../network/NetworkPlan.ts';
import { isAlive, type RunningCommand, runCommand } from './runCommand.ts';

const upTimeoutMs = 120_000;
let folder: string;
let portBase: number;
const commands: RunningCommand[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'p2p-power-up-'));
  chmodSync(folder, 0o711);
  portBase = await findFreePortBase(portCount);
});
afterAll(async () => {
  for (const { child } of commands) if (child.exitCode === null) child.kill('SIGKILL');
  await vi.waitFor(() => expect(processesOf(folder)).toEqual([]), 20_000);
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

function up(...more: readonly string[]): RunningCommand {
  const command = runCommand([
    'up',
    '--data',
    folder,
    '--port-base',
    String(portBase),
    '--no-register',
    ...more,
  ]);
  commands.push(command);
  return command;
}

/** Numbers of the processes that were started with this folder on their command line. */
function processesOf(path: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(path);
      } catch {
        return false;
      }
    })
    .map(Number);
}

async function occupy(port: number) {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()));
  return server;
}

describe('p2p-power up', { timeout: 300_000 }, () => {
  test('complains of a port in use, by number and use, and starts nothing', async () => {
    const plan = planNetwork(folder, portBase);
    const server = await occupy(plan.providers[1]?.port ?? 0);
    const command = up();
    expect(await command.ended(30_000)).toBe(2);
    server.close();
    expect(command.output()).toContain(`port ${plan.providers[1]?.port} (provider Bergstrom eG)`);
    expect(command.output()).toMatch(/--port-base \d+/);
    expect(processesOf(folder)).toEqual([]);
  });

  test('stopped while it comes up, it leaves nothing running', async () => {
    const command = up();
    await command.printed(/consortium of/, upTimeoutMs);
    command.child.kill('SIGINT');
    expect(await command.ended(60_000)).toBe(130);
    expect(command.output()).toContain('stopped before it was up');
    expect(processesOf(folder)).toEqual([]);
  });

  test('comes up, says where to click, refuses a second run, and stops in order', async () => {
    const command = up();
    await command.printed(/Ctrl-C stops everything/, upTimeoutMs);
    const plan = planNetwork(folder, portBase);
    for (const { url, name } of plan.providers) {
      expect(command.output()).toContain(`${url}/`);
      const info = (await (await fetch(`${url}/provider`)).json()) as { name: string };
      expect(info.name).toBe(name);
      const page = await fetch(`${url}/`);
      expect(page.headers.get('content-type')).toContain('text/html');
    }
    const second = runCommand(['up', '--data', folder]);
    expect(await second.ended(30_000)).toBe(2);
    expect(second.output()).toContain(`process ${command.child.pid} (up) is using ${folder}`);

    command.child.kill('SIGINT');
    expect(await command.ended(60_000)).toBe(0);
    expect(command.output()).toContain('everything stopped, all is kept');
    expect(processesOf(folder)).toEqual([]);
  });

  test('comes back as it was, and when it is killed its parts end by themselves', async () => {
    const before = readFileSync(join(folder, 'deployment.json'), 'utf8');
    const command = up();
    await command.printed(/Ctrl-C stops everything/, upTimeoutMs);
    expect(command.output()).toContain(`The network in ${folder}`);
    expect(readFileSync(join(folder, 'deployment.json'), 'utf8')).toBe(before);
    const parts = processesOf(folder).filter((pid) => pid !== command.child.pid);
    expect(parts.length).toBeGreaterThanOrEqual(8);
    command.child.kill('SIGKILL');
    await vi.waitFor(() => expect(parts.filter(isAlive)).toEqual([]), { timeout: 40_000, interval: 200 });
  });

  test('a torn state is complained about, with the file and a way out', () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      [join(import.meta.dirname, '..', 'launch.js'), 'up', '--data', join(folder, 'providers')],
      { encoding: 'utf8' },
    );
    expect(status).toBe(2);
    expect(stderr).toContain('holds other things (DEAAA, DEBBB) and no network.json');
  });
});
