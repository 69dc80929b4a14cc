import { openBooks } from '@p2p-power/provider/audit/openBooks';
import { runAudit } from '@p2p-power/provider/audit/runAudit';
import type { Breach } from './promises.ts';
import type { World } from './World.ts';

/**
 * Audits the chain and the books of each provider as `p2p-power audit --signatures` does, from the first
 * block on: whatever went wrong in the world, everything adds up in the end.
 */
export async function auditWorld(world: World): Promise<readonly Breach[]> {
  const breaches: Breach[] = [];
  for (const { db, providerId } of world.providers) {
    const books = await openBooks(world.chain, db, { providerId, signatures: true });
    const audited = await runAudit({ client: world.chain, books });
    if (!audited.ok) breaches.push(`audit of ${providerId}: ${audited.refusal}: ${audited.detail}`);
    else
      for (const { name, detail, expected, found } of audited.value.findings)
        breaches.push(`audit of ${providerId}: ${name}: ${detail}; expected ${expected}, found ${found}`);
  }
  return breaches;
}
