import type { Hex } from '@p2p-power/protocol/Hex';
import type { ProviderContext } from '../ProviderContext.ts';
import type { CheckTrust } from './checkEvidence.ts';

interface MemberKey {
  readonly publicKey: Hex;
}

/**
 * Whose certificates can be checked: all keys that members have or ever had, as last read, and our own.
 * Until when what a retired key signed counts is a matter of when the driver signed (`judgeCharges`).
 */
export async function readCheckTrust(
  context: Pick<ProviderContext, 'db' | 'config' | 'networkId' | 'certificateSigner'>,
): Promise<CheckTrust> {
  const { providerId } = context.config;
  const members = await context.db
    .selectFrom('member')
    .select(['provider_id', 'keys'])
    .orderBy('provider_id')
    .execute();
  const keys = members.flatMap((member) =>
    (member.keys as readonly MemberKey[]).map((key) => ({
      providerId: member.provider_id,
      publicKey: key.publicKey,
    })),
  );
  const own = { providerId, publicKey: context.certificateSigner.publicKey };
  if (!keys.some((key) => key.publicKey === own.publicKey && key.providerId === providerId)) keys.push(own);
  return { networkId: context.networkId, providerId, keys };
}
