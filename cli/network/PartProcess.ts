import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** How one part of the network is started as a process of its own. */
export interface PartOptions {
  /** For people: `provider DEAAA`. */
  readonly name: string;
  /** What Node is to run: a script and its arguments. */
  readonly args: readonly string[];
  /** What it prints is appended here. */
  readonly logFile: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Within which it must say that it is ready; otherwise it is killed. */
  readonly readyTimeoutMs: number;
}

export interface PartExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface PartProcess {
  readonly name: string;
  readonly pid: number;
  /** Resolves however it ends. */
  readonly exited: Promise<PartExit>;
  /** Asks it to end (SIGTERM), and after `graceMs` kills it with all that it started. */
  stop(graceMs: number): Promise<PartExit>;
  /** SIGKILL to this one process, as a power cut would end it. */
  kill(): Promise<PartExit>;
}

/** A part that ended, or hung, before it was ready. `tail` is the end of its log. */
export class PartFailed extends Error {
  override readonly name = 'PartFailed';
  readonly tail: string;

  constructor(message: string, tail: string) {
    super(message, tail === '' ? undefined : { cause: new Error(tail) });
    this.tail = tail;
  }
}

/** What a part sends to the process that started it, once, when it answers. */
export const readyMessage = 'ready';

/**
 * Starts a part and waits until it is ready. It runs in a process group of its own, so that Ctrl-C in a
 * terminal reaches only the parent, which then stops its parts in order; when the parent is gone the
 * channel between them closes, and the part ends by itself ({@link tellParent}).
 */
export async function startPart(options: PartOptions): Promise<PartProcess> {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, 'a');
  const child = spawn(process.execPath, options.args, {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
    env: { ...process.env, ...options.env },
  });
  closeSync(log);
  const exited = new Promise<PartExit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: null, signal: null }));
  });
  await waitUntilReady(options, child, exited);
  const { pid } = child;
  if (pid === undefined) throw new PartFailed(`${options.name} could not be started`, '');
  return {
    name: options.name,
    pid,
    exited,
    stop: (graceMs) => stopPart(child, exited, graceMs),
    kill() {
      child.kill('SIGKILL');
      return exited;
    },
  };
}

async function waitUntilReady(
  options: PartOptions,
  child: ChildProcess,
  exited: Promise<PartExit>,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const ready = new Promise<'ready'>((resolve) => {
    child.on('message', (message) => message === readyMessage && resolve('ready'));
  });
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), options.readyTimeoutMs);
  });
  const first = await Promise.race([ready, late, exited]);
  clearTimeout(timer);
  if (first === 'ready') return;
  if (first === 'late') await stopPart(child, exited, 0);
  const why =
    first === 'late'
      ? `was not ready within ${options.readyTimeoutMs / 1000} s`
      : `ended at once (${printExit(first)})`;
  throw new PartFailed(`${options.name} ${why}; its log is ${options.logFile}`, readTail(options.logFile));
}

async function stopPart(child: ChildProcess, exited: Promise<PartExit>, graceMs: number): Promise<PartExit> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => killGroup(child), graceMs);
  const exit = await exited;
  clearTimeout(timer);
  return exit;
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}

/** `exit code 1` or `signal SIGKILL`. */
export function printExit({ code, signal }: PartExit): string {
  return signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`;
}

function readTail(file: string, lines = 15): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '';
  }
}

/**
 * Called by a part when it answers: tells the process that started it, if one did. `stop` is called
 * once, when that process is gone or the part is asked to end by SIGTERM or SIGINT.
 */
export function tellParent(stop: (reason: string) => void): void {
  let stopping = false;
  const stopOnce = (reason: string) => {
    if (stopping) return;
    stopping = true;
    stop(reason);
  };
  process.on('SIGTERM', () => stopOnce('SIGTERM'));
  process.on('SIGINT', () => stopOnce('SIGINT'));
  if (process.send === undefined) return;
  process.once('disconnect', () => stopOnce('the parent process is gone'));
  process.send(readyMessage);
}
