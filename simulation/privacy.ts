import { auditPrivacy } from '@p2p-power/provider/audit/auditPrivacy';
import type { Breach } from './promises.ts';
import type { World } from './World.ts';

/**
 * Reads everything that was ever written on the world's chain, from the first block on, and looks for every
 * person and point that any of its providers knows: nobody may be found, neither plain nor hashed without salt.
 */
export async function privacyBreaches(world: World): Promise<readonly Breach[]> {
  const breaches: Breach[] = [];
  for (const { db, providerId } of world.providers) {
    const { texts, bytes } = await auditPrivacy(world.chain, { db, providerId }, ({ detail, txHash }) =>
      breaches.push(`privacy: ${detail}, ${txHash}`),
    );
    // Who looks for nothing, or in nothing, finds nothing.
    if (texts < 10 || bytes < 100_000) breaches.push(`privacy: looked for ${texts} texts in ${bytes} bytes`);
  }
  return breaches;
}
