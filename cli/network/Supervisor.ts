import { type PartExit, PartFailed, type PartOptions, type PartProcess, startPart } from './PartProcess.ts';

/** A part that is kept running: when it dies it is started again, after a pause that grows. */
export interface Supervised {
  readonly name: string;
  /** The process that runs now, if one does. */
  readonly pid: number | undefined;
  /** Kills it as a power cut would, and leaves it down until {@link restore}. */
  cut(): Promise<void>;
  /** Starts it again and waits until it is ready. */
  restore(): Promise<void>;
  /** Ends it for good. */
  stop(graceMs: number): Promise<void>;
}

export type SupervisorEvent =
  | { readonly type: 'died'; readonly name: string; readonly exit: PartExit; readonly pauseMs: number }
  | { readonly type: 'restarted'; readonly name: string }
  | { readonly type: 'restart-failed'; readonly name: string; readonly error: Error };

export interface SupervisorOptions {
  readonly report: (event: SupervisorEvent) => void;
  /** The first pause before a restart; each further one is twice as long, up to `longestPauseMs`. */
  readonly firstPauseMs?: number;
  readonly longestPauseMs?: number;
  /** Having run this long, the next pause is the first one again. */
  readonly steadyMs?: number;
}

/** Starts the part, waits until it is ready, and keeps it running from then on. */
export async function supervise(part: PartOptions, options: SupervisorOptions): Promise<Supervised> {
  const { report, firstPauseMs = 500, longestPauseMs = 30_000, steadyMs = 60_000 } = options;
  let current: PartProcess | undefined;
  let starting: Promise<void> | undefined;
  let wanted = true;
  let pauseMs = firstPauseMs;
  let startedAt = 0;
  let timer: NodeJS.Timeout | undefined;

  const start = async () => {
    const started = await startPart(part);
    startedAt = performance.now();
    current = started;
    void started.exited.then((exit) => {
      current = undefined;
      if (wanted) restartLater(exit);
    });
    if (!wanted) await started.stop(0);
  };

  const restartLater = (exit: PartExit) => {
    if (performance.now() - startedAt > steadyMs) pauseMs = firstPauseMs;
    report({ type: 'died', name: part.name, exit, pauseMs });
    scheduleStart();
  };

  const scheduleStart = () => {
    timer = setTimeout(() => {
      starting = start().then(
        () => report({ type: 'restarted', name: part.name }),
        (error: Error) => {
          report({ type: 'restart-failed', name: part.name, error });
          if (wanted) scheduleStart();
        },
      );
    }, pauseMs);
    pauseMs = Math.min(longestPauseMs, pauseMs * 2);
  };

  await start();
  return {
    name: part.name,
    get pid() {
      return current?.pid;
    },
    async cut() {
      wanted = false;
      clearTimeout(timer);
      await starting;
      await current?.kill();
    },
    async restore() {
      if (current !== undefined) return;
      wanted = true;
      pauseMs = firstPauseMs;
      await start();
    },
    async stop(graceMs) {
      wanted = false;
      clearTimeout(timer);
      await starting;
      await current?.stop(graceMs);
    },
  };
}

/** One line for people; the log's end where a start failed. */
export function printSupervisorEvent(event: SupervisorEvent): string {
  if (event.type === 'restarted') return `${event.name} runs again`;
  if (event.type === 'died') {
    const how = event.exit.signal ?? `exit code ${event.exit.code ?? 'unknown'}`;
    return `${event.name} ended unexpectedly (${how}); it is started again in ${event.pauseMs / 1000} s`;
  }
  const tail = event.error instanceof PartFailed && event.error.tail !== '' ? `\n${event.error.tail}` : '';
  return `${event.name} could not be started again: ${event.error.message}${tail}`;
}
