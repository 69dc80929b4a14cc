import type { Hex } from '@p2p-power/protocol/Hex';
import type { ProviderContext } from '../ProviderContext.ts';
import type { CheckTrust } from './checkEvidence.ts';

/**
 * Seconds for which what a retired certificate key signed is still believed: charges under certificates
 * of before may be on their way for weeks.
 */
export const retiredKeyForS = 60 * 86_400;

interface MemberKey {
  readonly publicKey: Hex;
  /** Epoch seconds; 0 = in use. */
  readonly retiredAt: number;
}

/** Whose certificates are believed now: the members' keys as last read, and our own. */
export async function readCheckTrust(
  context: Pick<ProviderContext, 'db' | 'clock' | 'config' | 'networkId' | 'certificateSigner'>,
): Promise<CheckTrust> {
  const { providerId } = context.config;
  const now = context.clock.nowS();
  const members = await context.db
    .selectFrom('member')
    .select(['provider_id', 'keys'])
    .orderBy('provider_id')
    .execute();
  const keys = members.flatMap((member) =>
    (member.keys as readonly MemberKey[])
      .filter((key) => key.retiredAt === 0 || now < key.retiredAt + retiredKeyForS)
      .map((key) => ({ providerId: member.provider_id, publicKey: key.publicKey })),
  );
  const own = { providerId, publicKey: context.certificateSigner.publicKey };
  if (!keys.some((key) => key.publicKey === own.publicKey && key.providerId === providerId)) keys.push(own);
  return { networkId: context.networkId, providerId, keys };
}
