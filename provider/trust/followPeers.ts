import type { Job } from '../jobs/Job.ts';
import { pullLocations } from '../locations/pullLocations.ts';
import { pullSignals } from '../locations/pullSignals.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { pollName, pollTrustList } from './pollPeer.ts';
import { readMembers, refreshMembers } from './refreshMembers.ts';

/** Members from the chain; of each peer its name, what it revoked, its points and what prices them. A peer that fails holds up no other. */
export const followPeersJob: Job = {
  name: 'follow-peers',
  everyS: (context) => context.config.jobs.peersEveryS,
  run: followPeers,
};

export async function followPeers(context: ProviderContext, signal: AbortSignal): Promise<void> {
  await refreshMembers(context);
  const now = context.clock.nowS();
  for (const peer of await readMembers(context)) {
    const isMember = peer.keys.some((key) => key.retiredAt === 0 || now < key.retiredAt);
    if (signal.aborted) return;
    if (peer.providerId === context.config.providerId || peer.url === '' || !isMember) continue;
    try {
      const polled = await pollTrustList(context, peer);
      if (!polled.ok)
        context.log.warn(
          { peer: peer.providerId, refusal: polled.refusal },
          'a peer’s trust list is refused',
        );
      await pollName(context, peer);
      await pullLocations(context, peer.providerId, signal);
      await pullSignals(context, peer, signal);
    } catch (error) {
      if (!signal.aborted)
        context.log.warn(
          { peer: peer.providerId, error: (error as Error).message },
          'a peer cannot be followed',
        );
    }
  }
}
