/** Calls `task` every `everyMs`, but never while an earlier call still runs. `stop` waits for the last. */
export function repeat(everyMs: number, task: () => Promise<void>): { stop(): Promise<void> } {
  let running: Promise<void> = Promise.resolve();
  let isBusy = false;
  const timer = setInterval(() => {
    if (isBusy) return;
    isBusy = true;
    running = task().finally(() => {
      isBusy = false;
    });
  }, everyMs);
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
