import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

const launcher = join(import.meta.dirname, '..', 'launch.js');

/** A `p2p-power` command that runs as a process, and what it has printed so far. */
export interface RunningCommand {
  readonly child: ChildProcess;
  output(): string;
  /** Resolves when the output matches; throws when it ends or `timeoutMs` pass before. */
  printed(pattern: RegExp, timeoutMs: number): Promise<void>;
  /** Resolves with its exit code. */
  ended(timeoutMs: number): Promise<number | null>;
}

export function runCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): RunningCommand {
  const child = spawn(process.execPath, [launcher, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', ...env },
  });
  let output = '';
  const exit = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });

  const within = async <Value>(promise: Promise<Value>, what: string, timeoutMs: number): Promise<Value> => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`${what} within ${timeoutMs} ms. Output:\n${output}`)),
        timeoutMs,
      );
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      clearTimeout(timer);
    }
  };

  return {
    child,
    output: () => output,
    ended: (timeoutMs) => within(exit, 'it did not end', timeoutMs),
    printed: (pattern, timeoutMs) =>
      within(
        new Promise<void>((resolve, reject) => {
          const look = () => pattern.test(output) && resolve();
          look();
          for (const stream of [child.stdout, child.stderr]) stream.on('data', look);
          void exit.then((code) =>
            pattern.test(output) ? resolve() : reject(new Error(`it ended with ${code}. Output:\n${output}`)),
          );
        }),
        `it did not print ${pattern}`,
        timeoutMs,
      ),
  };
}

/** Whether a process of that number is there. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
