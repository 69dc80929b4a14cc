import { type BackoffOptions, backoffMs } from './HandIn.ts';
import type { Backend, Clock, Log, Random } from './Ports.ts';
import type { Station } from './Station.ts';

/**
 * Decides when to hand in: soon after a CDR is there, after a failure later and later, and once an hour
 * for a newer trust list even with nothing to hand in. Call `turn` often; it never throws and overlaps
 * with no earlier turn.
 */
export function handInLoop(
  parts: { readonly clock: Clock; readonly random: Random; readonly backend: Backend; readonly log: Log },
  station: () => Station | undefined,
  backoff: BackoffOptions & { readonly trustListEveryMs: number } = {
    firstMs: 1_000,
    mostMs: 300_000,
    trustListEveryMs: 3_600_000,
  },
): { turn(): Promise<void> } {
  const { clock, random, backend, log } = parts;
  let failures = 0;
  let dueMs = clock.monotonicMs();
  let isBusy = false;
  const attempt = async (open: Station): Promise<void> => {
    try {
      const acknowledged = await open.handIn(backend);
      const left = open.status().unacknowledged;
      if (acknowledged > 0) log.info({ acknowledged, left }, 'handed in');
      failures = left === 0 ? 0 : failures + 1;
    } catch (error) {
      failures += 1;
      const fault = error instanceof Error ? error.message : String(error);
      log.warn({ fault, failures }, 'no way to the provider; trying again later');
    }
    const waitMs = failures === 0 ? backoff.trustListEveryMs : backoffMs(failures, random, backoff);
    dueMs = clock.monotonicMs() + waitMs;
  };
  return {
    async turn() {
      const open = station();
      if (isBusy || open === undefined) return;
      const isFresh = failures === 0 && open.status().unacknowledged > 0;
      if (!isFresh && clock.monotonicMs() < dueMs) return;
      isBusy = true;
      try {
        await attempt(open);
      } finally {
        isBusy = false;
      }
    },
  };
}
