import type { Hex } from '@p2p-power/protocol/Hex';
import type { Backend, Random } from './Ports.ts';
import type { StationRooms } from './Station.ts';

/** How long to wait between attempts, ms. */
export interface BackoffOptions {
  readonly firstMs: number;
  readonly mostMs: number;
}

/**
 * Hands in every segment that waits, once, and fetches a newer trust list. Answers how many CDRs the
 * provider newly acknowledged; what it did not stays for later. Nothing but a genuine acknowledgement
 * counts. Throws where there is no way to the provider: then later again.
 */
export async function handInOnce(rooms: StationRooms, backend: Backend): Promise<number> {
  const { outbox, options, counters, parts } = rooms;
  const tried = new Set<Hex>();
  let acknowledged = 0;
  for (;;) {
    const segments = await outbox.segments(options.maxSegments, tried);
    if (segments.length === 0) break;
    for (const { header } of segments) tried.add(header.segmentId);
    const results = await backend.handIn(segments);
    const count = await outbox.acknowledge(
      results.flatMap(({ acknowledgement }) => (acknowledgement === undefined ? [] : [acknowledgement])),
    );
    counters.handedIn += count;
    acknowledged += count;
    await outbox.noteOutcomes(results.flatMap(({ outcomes }) => outcomes));
    for (const { segmentId, refusal } of results)
      if (refusal !== undefined) parts.log.warn({ segmentId, refusal }, 'segment refused');
  }
  const taken = await rooms.trust.take(await backend.fetchTrustList());
  if (!taken.ok && taken.refusal !== 'not-newer')
    parts.log.warn({ refusal: taken.refusal, detail: taken.detail }, 'trust list refused');
  return acknowledged;
}

/**
 * The wait before attempt `attempt` (1, 2, …), ms: doubled each time up to a most, of which a random
 * half is taken off, so that a thousand stations do not come back at once.
 */
export function backoffMs(attempt: number, random: Random, { firstMs, mostMs }: BackoffOptions): number {
  const full = Math.min(mostMs, firstMs * 2 ** Math.min(attempt - 1, 30));
  const [high = 0, low = 0] = random.bytes(2);
  return Math.round(full * (0.5 + (high * 256 + low) / 131_072));
}
