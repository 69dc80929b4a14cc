import { keyId } from '@p2p-power/protocol/KeyId';
import {
  type TrustContent,
  type TrustList,
  TrustListHead,
  trustContentHash,
} from '@p2p-power/protocol/TrustList';
import type { ProviderContext } from '../ProviderContext.ts';
import { readMembers } from './refreshMembers.ts';

/**
 * What our stations are to trust now, signed: the members' certificate keys, and every certificate
 * that we or a peer took back and that has not run out.
 */
export async function publishTrustList(
  context: Pick<ProviderContext, 'db' | 'config' | 'clock' | 'certificateSigner' | 'networkId'>,
): Promise<TrustList> {
  const { db, config, clock, certificateSigner, networkId } = context;
  const now = clock.nowS();
  const members = await readMembers(context);
  const revoked = await db
    .selectFrom('revocation')
    .select(['provider_id', 'certificate_id', 'revoked_at'])
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', String(now))]))
    .orderBy('provider_id')
    .orderBy('certificate_id')
    .execute();
  const content: TrustContent = {
    providers: members.map(({ providerId, name, keys }) => ({ providerId, name, keys })),
    revocations: revoked.map((row) => ({
      certificateId: row.certificate_id,
      providerId: row.provider_id,
      revokedAt: Number(row.revoked_at),
    })),
  };
  const contentJson = JSON.stringify(content);
  const head = await TrustListHead.sign(
    networkId,
    {
      providerId: config.providerId,
      issuerKeyId: keyId(certificateSigner.publicKey),
      issuedAt: now,
      contentHash: trustContentHash(contentJson),
    },
    certificateSigner,
  );
  return { head, contentJson };
}
