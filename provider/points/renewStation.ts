import { parseMeterPublicKey } from '@p2p-power/protocol/MeterPublicKey';
import type { SignedStationCertificate } from '@p2p-power/protocol/StationCertificate';
import { type Result, refuse } from '@p2p-power/tariff/Result';
import type { z } from 'zod';
import type { ProviderContext } from '../ProviderContext.ts';
import { noteAsked } from '../signals/stationSignals.ts';
import { type CertifyRefusal, certifyStation } from './certifyStation.ts';
import type { newStationCertificateSchema, ProvisionAnswer } from './PointSchemas.ts';
import type { CertifiedStation } from './PointTables.ts';

/**
 * What a station gets that asks with its own key: its provision, with a new certificate where that is
 * due, for the same key, meter, model and metrology as staff certified. Only its link's address is its own.
 */
export async function renewStation(
  context: ProviderContext,
  certified: CertifiedStation,
  station: z.output<typeof newStationCertificateSchema>,
): Promise<Result<ProvisionAnswer, CertifyRefusal | 'renewal-of-another-station'>> {
  const meterKey = parseMeterPublicKey(station.meterPublicKey);
  if (
    station.publicKey !== certified.public_key ||
    !meterKey.ok ||
    meterKey.value.spki !== certified.meter_public_key
  )
    return refuse('renewal-of-another-station', 'a station renews for its own key and meter only');
  const renewed = await recertify(context, certified, station.linkUrl);
  if (renewed.ok && renewed.value.dynamic !== undefined) await noteAsked(context, certified.uid);
  return renewed;
}

/** The provision of a certified station, with a new certificate of the same content where that is due. */
export function recertify(
  context: ProviderContext,
  certified: CertifiedStation,
  linkUrl?: string,
): Promise<Result<ProvisionAnswer, CertifyRefusal>> {
  const { hardwareModel, metrologyClass, certificationHash } = (
    JSON.parse(certified.signed) as SignedStationCertificate
  ).value;
  return certifyStation(context, certified.uid, {
    publicKey: certified.public_key,
    meterPublicKey: certified.meter_public_key,
    hardwareModel,
    metrologyClass,
    certificationHash,
    linkUrl,
  });
}
