import type { Log } from './Ports.ts';
import { type Provision, provisionEssence } from './Provision.ts';
import type { Station } from './Station.ts';
import type { ProvisionKeeper } from './takeProvision.ts';

/**
 * Asks the provider what it has for this station now, and changes over where tariff, certificate, power
 * or keys are others: kept first, then in force as soon as no session runs, for a session goes on under
 * what its driver agreed to. The task never throws: without a way the next one asks again.
 */
export function provisionRefresh(
  parts: { readonly log: Log; readonly ask: () => Promise<Provision> },
  keeper: ProvisionKeeper,
  station: () => Station | undefined,
): () => Promise<void> {
  return async () => {
    try {
      const provision = await parts.ask();
      await station()?.takeTrustList(provision.trustList);
      await station()?.takeSignals(provision.signals ?? []);
      if (provisionEssence(provision) !== provisionEssence(keeper.newest())) await keeper.take(provision);
    } catch (error) {
      parts.log.warn({ fault: error instanceof Error ? error.message : String(error) }, 'no new provision');
    }
  };
}
