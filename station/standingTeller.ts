import type { Clock, Log } from './Ports.ts';
import type { Station } from './Station.ts';

const everyMs = 300_000;
const retryMs = 10_000;

/**
 * Tells the provider whether a charge runs: at once when that changes, and every five minutes. Call it
 * often; it never throws.
 */
export function standingTeller(
  parts: {
    readonly clock: Clock;
    readonly log: Log;
    readonly tell: (occupied: boolean) => Promise<void>;
  },
  station: () => Station | undefined,
): () => Promise<void> {
  const { clock, log, tell } = parts;
  let told: boolean | undefined;
  let dueMs = clock.monotonicMs();
  return async () => {
    const open = station();
    const nowMs = clock.monotonicMs();
    if (open === undefined) return;
    const occupied = open.status().session !== undefined;
    if (nowMs < dueMs && (told === undefined || told === occupied)) return;
    try {
      await tell(occupied);
      told = occupied;
      dueMs = nowMs + everyMs;
    } catch (error) {
      told = undefined;
      dueMs = nowMs + retryMs;
      log.warn(
        { fault: error instanceof Error ? error.message : String(error) },
        'the provider was not told',
      );
    }
  };
}
