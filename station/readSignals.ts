import { gridAt } from '@p2p-power/planning/gridState';
import type { Outlook } from '@p2p-power/planning/sessionWish';
import type { SitePort } from './Ports.ts';
import type { SignalStore } from './SignalStore.ts';

/** What the signals at hand say of CO2 and grid, as planning takes it. */
export function outlookOf(signals: Pick<SignalStore, 'newest'>): Outlook {
  const carbon = signals.newest('carbon')?.content;
  const grid = signals.newest('grid')?.content.slots;
  return { ...(carbon && { carbon }), ...(grid && { grid }) };
}

/**
 * The lowest of the grid's limit and the site's at an instant, W; Infinity where there is none. `wantedW` tells the site
 * what the point asks for.
 */
export function limitAt(
  signals: Pick<SignalStore, 'newest'>,
  site: SitePort | undefined,
  now: number,
  wantedW?: number,
): number {
  const grid = signals.newest('grid')?.content.slots ?? [];
  return Math.min(
    gridAt(grid, now)?.limitW ?? Number.POSITIVE_INFINITY,
    site?.limitW(now, wantedW) ?? Number.POSITIVE_INFINITY,
  );
}

/** Takes what is newer of a list of signals out of untrusted JSON; answers why each of the others was not. */
export async function takeSignals(
  signals: Pick<SignalStore, 'take'>,
  list: readonly unknown[],
): Promise<readonly string[]> {
  const refusals: string[] = [];
  for (const json of list) {
    const taken = await signals.take(json);
    if (!taken.ok && taken.refusal !== 'not-newer') refusals.push(`${taken.refusal}: ${taken.detail}`);
  }
  return refusals;
}
