import type { Hex } from '@p2p-power/protocol/Hex';
import type { Clock, Log } from './Ports.ts';
import type { Station } from './Station.ts';

const everyMs = 300_000;
const retryMs = 10_000;

/** What a station tells of itself: whether a charge runs, and by which tariff it makes its offers. */
export interface Standing {
  readonly occupied: boolean;
  readonly tariffId: Hex;
}

/**
 * Tells the provider how the station stands: at once when that changes, and every five minutes. Call it
 * often; it never throws.
 */
export function standingTeller(
  parts: {
    readonly clock: Clock;
    readonly log: Log;
    readonly tell: (standing: Standing) => Promise<void>;
  },
  station: () => Station | undefined,
): () => Promise<void> {
  const { clock, log, tell } = parts;
  let told: Standing | undefined;
  let dueMs = clock.monotonicMs();
  return async () => {
    const open = station();
    const nowMs = clock.monotonicMs();
    if (open === undefined) return;
    const { session, tariffId } = open.status();
    const standing = { occupied: session !== undefined, tariffId };
    const isTold = told?.occupied === standing.occupied && told.tariffId === tariffId;
    if (nowMs < dueMs && (told === undefined || isTold)) return;
    try {
      await tell(standing);
      told = standing;
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
