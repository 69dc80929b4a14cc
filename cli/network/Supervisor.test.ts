import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PartFailed, startPart } from './PartProcess.ts';
import { printSupervisorEvent, type SupervisorEvent, supervise } from './Supervisor.ts';

const partUrl = JSON.stringify(new URL('./PartProcess.ts', import.meta.url).href);
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'p2p-power-part-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A part that is a small program of its own. */
function part(body: string, readyTimeoutMs = 10_000) {
  const script = join(folder, 'part.mjs');
  writeFileSync(script, `import { tellParent } from ${partUrl};\n${body}\n`);
  return { name: 'a part', args: [script], logFile: join(folder, 'part.log'), readyTimeoutMs };
}

const obedient = `
  console.log('hello');
  const alive = setInterval(() => {}, 1000);
  tellParent((reason) => { console.log('stopping: ' + reason); clearInterval(alive); process.disconnect?.(); });
`;

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('a part is ready when it says so, ends when asked, and keeps a log', async () => {
  const started = await startPart(part(obedient));
  expect(await started.stop(20_000)).toEqual({ code: 0, signal: null });
  expect(readFileSync(join(folder, 'part.log'), 'utf8')).toBe('hello\nstopping: SIGTERM\n');
});

test('a part that does not end when asked is killed', async () => {
  const stubborn = `setInterval(() => {}, 1000); tellParent(() => {});`;
  const started = await startPart(part(stubborn));
  expect(await started.stop(200)).toEqual({ code: null, signal: 'SIGKILL' });
});

test('a part that fails at once tells how its log ended', async () => {
  const failing = startPart(part(`console.log('no such file'); process.exit(3);`));
  await expect(failing).rejects.toThrow('a part ended at once (exit code 3)');
  await expect(failing).rejects.toMatchObject({ tail: 'no such file' });
});

test('a part that never gets ready is killed', async () => {
  await expect(startPart(part('setInterval(() => {}, 1000);', 300))).rejects.toThrow(PartFailed);
});

test('a part ends by itself when its parent is gone', async () => {
  const pidFile = join(folder, 'pid');
  const parent = join(folder, 'parent.mjs');
  // Written before it says that it is ready.
  const options = part(`import { writeFileSync } from 'node:fs';
    writeFileSync(${JSON.stringify(pidFile)}, String(process.pid));\n${obedient}`);
  writeFileSync(
    parent,
    `import { startPart, tellParent } from ${partUrl};
     await startPart(${JSON.stringify(options)});
     tellParent(() => {});`,
  );
  const parentPart = await startPart({ ...options, args: [parent], logFile: join(folder, 'parent.log') });
  const pid = Number(readFileSync(pidFile, 'utf8'));
  expect(isAlive(pid)).toBe(true);
  await parentPart.kill();
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), 20_000);
  expect(readFileSync(join(folder, 'part.log'), 'utf8')).toContain('the parent process is gone');
});

test('a part that dies is reported and started again', async () => {
  const events: SupervisorEvent[] = [];
  const supervised = await supervise(part(obedient), {
    report: (event) => events.push(event),
    firstPauseMs: 50,
  });
  const first = supervised.pid ?? 0;
  process.kill(first, 'SIGKILL');
  await vi.waitFor(() => expect(events.map(({ type }) => type)).toEqual(['died', 'restarted']), 20_000);
  expect(supervised.pid).not.toBe(first);
  expect(events.map(printSupervisorEvent)).toEqual([
    'a part ended unexpectedly (SIGKILL); it is started again in 0.05 s',
    'a part runs again',
  ]);
  await supervised.stop(20_000);
  expect(supervised.pid).toBeUndefined();
});

test('the pause doubles while starting fails', async () => {
  const marker = join(folder, 'started-once');
  const events: SupervisorEvent[] = [];
  const once = `
    import { existsSync, writeFileSync } from 'node:fs';
    if (existsSync(${JSON.stringify(marker)})) { console.log('disk full'); process.exit(4); }
    writeFileSync(${JSON.stringify(marker)}, '');
    tellParent(() => {});
    setTimeout(() => process.exit(1), 100);
  `;
  const supervised = await supervise(part(once), {
    report: (event) => events.push(event),
    firstPauseMs: 20,
    longestPauseMs: 40,
  });
  await vi.waitFor(
    () => expect(events.filter(({ type }) => type === 'restart-failed').length).toBeGreaterThan(2),
    20_000,
  );
  await supervised.stop(1_000);
  expect(existsSync(marker)).toBe(true);
  expect(printSupervisorEvent(events[1] as SupervisorEvent)).toContain('disk full');
});

test('what is cut stays down until it is restored', async () => {
  const events: SupervisorEvent[] = [];
  const supervised = await supervise(part(obedient), {
    report: (event) => events.push(event),
    firstPauseMs: 10,
  });
  await supervised.cut();
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(supervised.pid).toBeUndefined();
  await supervised.restore();
  expect(supervised.pid).toBeGreaterThan(0);
  expect(events).toEqual([]);
  await supervised.stop(20_000);
});
