import type { Backend, Log } from './Ports.ts';
import type { Station } from './Station.ts';

/**
 * Asks the provider for newer signals. The task never throws: without a way the next one asks again, and the log says
 * so once until there is one.
 */
export function signalRefresh(
  parts: { readonly log: Log; readonly backend: Backend },
  station: () => Station | undefined,
): () => Promise<void> {
  let hasFailed = false;
  return async () => {
    try {
      await station()?.takeSignals(await parts.backend.fetchSignals());
      hasFailed = false;
    } catch (error) {
      const fault = error instanceof Error ? error.message : String(error);
      if (!hasFailed) parts.log.warn({ fault }, 'no new signals');
      hasFailed = true;
    }
  };
}
