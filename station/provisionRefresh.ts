import { canonicalJson } from './canonicalJson.ts';
import type { Log } from './Ports.ts';
import type { Provision } from './Provision.ts';
import type { StationLife } from './StationLife.ts';

/**
 * Asks the provider what it has for this station now, and changes over where tariff, certificate, power
 * or keys are others: kept first, then in force as soon as no session runs, for a session goes on under
 * what its driver agreed to. The task never throws: without a way the next one asks again.
 */
export function provisionRefresh(
  parts: {
    readonly log: Log;
    readonly ask: () => Promise<Provision>;
    /** Throws where a station could not open with it. */
    readonly check: (provision: Provision) => Promise<void>;
    readonly keep: (provision: Provision) => void;
  },
  first: Provision,
  life: StationLife,
): () => Promise<void> {
  let known = essence(first);
  return async () => {
    try {
      const provision = await parts.ask();
      await life.station()?.takeTrustList(provision.trustList);
      if (essence(provision) === known) return;
      await parts.check(provision);
      parts.keep(provision);
      life.renew(provision);
      known = essence(provision);
      parts.log.info({ tariff: provision.tariff.id }, 'the provider has changed the provision');
    } catch (error) {
      parts.log.warn({ fault: error instanceof Error ? error.message : String(error) }, 'no new provision');
    }
  };
}

/** All but the trust list, which is another at each asking and is taken by itself. */
const essence = ({ trustList: _, ...rest }: Provision): string => canonicalJson(rest);
