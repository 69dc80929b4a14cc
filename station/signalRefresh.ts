import type { Backend, Log } from './Ports.ts';
import type { Station } from './Station.ts';

/**
 * Asks the provider for newer signals, and tells it which price signal came of that: an answer may be lost on the way, and
 * the map promises prices by what the station holds. The task never throws: without a way the next one asks again, and the log says
 * so once until there is one.
 */
export function signalRefresh(
  parts: { readonly log: Log; readonly backend: Backend },
  station: () => Station | undefined,
): () => Promise<void> {
  let hasFailed = false;
  return async () => {
    try {
      const holds = () => station()?.status().priceSignalId;
      const before = holds();
      await station()?.takeSignals(await parts.backend.fetchSignals(before));
      const now = holds();
      if (now !== before) await parts.backend.fetchSignals(now);
      hasFailed = false;
    } catch (error) {
      const fault = error instanceof Error ? error.message : String(error);
      if (!hasFailed) parts.log.warn({ fault }, 'no new signals');
      hasFailed = true;
    }
  };
}
