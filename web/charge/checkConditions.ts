import type { Outlook } from '@p2p-power/planning/sessionWish';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { Conditions } from '@p2p-power/protocol/LocalLink';
import { Offer } from '@p2p-power/protocol/Offer';
import { checkOfferedPrices } from '@p2p-power/protocol/OfferedPrices';
import type { Verifier } from '@p2p-power/protocol/Signer';
import { StationCertificate } from '@p2p-power/protocol/StationCertificate';
import { tariffId } from '@p2p-power/protocol/tariffId';
import type { EvidenceTrust } from '@p2p-power/protocol/verifyEvidence';
import { isTimeZone } from '@p2p-power/tariff/localTime';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { openOutlook } from './openOutlook.ts';

/** Why a station's conditions are not to be trusted, in order of precedence. */
export type ConditionsRefusal =
  | 'wrong-network'
  | 'unknown-station-provider'
  | 'bad-station-certificate-signature'
  | 'station-certificate-not-yet-valid'
  | 'station-certificate-expired'
  | 'offer-not-of-station'
  | 'bad-offer-signature'
  | 'tariff-mismatch'
  | 'currency-mismatch'
  | 'unknown-time-zone'
  | 'unknown-prices'
  | 'prices-mismatch'
  | 'prices-over-tariff'
  | 'offer-expired'
  | 'clocks-differ'
  | 'another-point';

/** Conditions that are genuine: what the driver may sign. */
export interface CheckedConditions {
  readonly conditions: Conditions;
  readonly stationCertificateId: Hex;
  readonly offerId: Hex;
  readonly tariffId: Hex;
  /** Without separators, upper case. */
  readonly evseId: string;
  /** What the station plans by, as far as its provider signed it. */
  readonly outlook: Outlook;
}

/** How far the clocks of phone and station may lie apart before the phone will not sign, in seconds. */
export const clockToleranceS = 120;

const plain = (evseId: string) => evseId.replaceAll('*', '').toUpperCase();

/**
 * Checks with the keys at hand, no internet needed, that the station is the charging point that it
 * says, and that the offer, the tariff and the prices are its own and hold at `now` (epoch seconds, the phone's clock).
 * `expectedEvseId` is the point that the driver chose on the map, if any.
 */
export async function checkConditions(
  conditions: Conditions,
  trust: EvidenceTrust,
  verifier: Verifier,
  now: number,
  expectedEvseId?: string,
): Promise<Result<CheckedConditions, ConditionsRefusal>> {
  const { networkId } = trust;
  if (conditions.networkId !== networkId) return refuse('wrong-network', conditions.networkId);
  const certificate = conditions.stationCertificate.value;
  const issuer = trust.certificateKey(certificate.providerId, certificate.issuerKeyId);
  if (issuer === undefined) return refuse('unknown-station-provider', certificate.providerId);
  if (!(await StationCertificate.verify(networkId, conditions.stationCertificate, issuer, verifier)))
    return refuse('bad-station-certificate-signature', certificate.providerId);
  if (now < certificate.notBefore - clockToleranceS)
    return refuse('station-certificate-not-yet-valid', `valid from ${certificate.notBefore}`);
  if (now >= certificate.notAfter)
    return refuse('station-certificate-expired', `valid until ${certificate.notAfter}`);
  const stationCertificateId = StationCertificate.id(networkId, certificate);
  const offer = conditions.offer.value;
  if (offer.stationCertificateId !== stationCertificateId)
    return refuse('offer-not-of-station', 'it names another station certificate');
  if (!(await Offer.verify(networkId, conditions.offer, certificate.publicKey, verifier)))
    return refuse('bad-offer-signature', 'not signed by the station');
  const idOfTariff = tariffId(networkId, conditions.tariff);
  if (idOfTariff !== offer.tariffId) return refuse('tariff-mismatch', 'not the tariff of the offer');
  if (conditions.tariff.currency !== offer.currency)
    return refuse('currency-mismatch', `${conditions.tariff.currency}, ${offer.currency}`);
  if (!isTimeZone(offer.timeZone)) return refuse('unknown-time-zone', offer.timeZone);
  const prices = checkOfferedPrices(networkId, offer, conditions.tariff, conditions.prices);
  if (!prices.ok) return prices;
  if (now >= offer.expiresAt) return refuse('offer-expired', `until ${offer.expiresAt}`);
  if (now < offer.issuedAt - clockToleranceS)
    return refuse('clocks-differ', `${offer.issuedAt - now} seconds apart`);
  const evseId = plain(certificate.evseId.text);
  if (expectedEvseId !== undefined && plain(expectedEvseId) !== evseId)
    return refuse('another-point', `${evseId} instead of ${plain(expectedEvseId)}`);
  return accept({
    conditions,
    stationCertificateId,
    offerId: Offer.id(networkId, offer),
    tariffId: idOfTariff,
    evseId,
    outlook: await openOutlook(conditions.signals ?? [], certificate.providerId, trust, verifier),
  });
}
