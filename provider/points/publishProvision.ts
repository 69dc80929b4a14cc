import type { Hex } from '@p2p-power/protocol/Hex';
import { keyId } from '@p2p-power/protocol/KeyId';
import { type ProvisionUpdate, signProvisionUpdate } from '@p2p-power/protocol/ProvisionUpdate';
import type { ProviderContext } from '../ProviderContext.ts';
import { findCertified } from './asStaffOrStation.ts';
import { recertify } from './renewStation.ts';

/**
 * What we have now for the station of this certificate, signed for couriers to bring it: also a new
 * certificate where half of the last one's life is over. Undefined where the station was revoked, was
 * replaced, or its certificate has run out: then staff certifies it.
 */
export async function publishProvision(
  context: ProviderContext,
  stationCertificateId: Hex,
): Promise<ProvisionUpdate | undefined> {
  const { db, config, networkId, certificateSigner } = context;
  const named = await db
    .selectFrom('station_certificate')
    .select(['uid', 'public_key'])
    .where('certificate_id', '=', stationCertificateId)
    .executeTakeFirst();
  if (named === undefined) return undefined;
  const certified = await findCertified(context, named.uid, context.clock.nowS());
  if (certified?.public_key !== named.public_key) return undefined;
  const provision = await recertify(context, certified);
  if (!provision.ok) return undefined;
  return signProvisionUpdate(
    networkId,
    {
      providerId: config.providerId,
      issuerKeyId: keyId(certificateSigner.publicKey),
      stationKeyId: keyId(certified.public_key),
      issuedAt: provision.value.trustList.head.value.issuedAt,
    },
    provision.value,
    certificateSigner,
  );
}
