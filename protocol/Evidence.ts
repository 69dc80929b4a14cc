import type { Tariff } from '@p2p-power/tariff/Tariff';
import type { SignedAuthorization } from './Authorization.ts';
import type { SignedChargeDetailRecord } from './ChargeDetailRecord.ts';
import type { SignedDriverCertificate } from './DriverCertificate.ts';
import type { Hex } from './Hex.ts';
import type { SignedOffer } from './Offer.ts';
import type { OfferedPrices } from './OfferedPrices.ts';
import type { Reading } from './Readings.ts';
import type { SignedStationCertificate } from './StationCertificate.ts';

/**
 * A charge detail record with all that it names: whoever holds it can check the whole chain alone,
 * offline, years later. As JSON it is the driver's receipt, what stations hand in and what providers exchange.
 */
export interface Evidence {
  readonly networkId: Hex;
  readonly driverCertificate: SignedDriverCertificate;
  readonly stationCertificate: SignedStationCertificate;
  readonly offer: SignedOffer;
  readonly tariff: Tariff;
  /** The prices that the offer names, where the point's are dynamic. */
  readonly prices?: OfferedPrices;
  readonly authorization: SignedAuthorization;
  readonly cdr: SignedChargeDetailRecord;
  readonly readings: readonly Reading[];
  /** The meter's own signed record, OCMF, byte by byte. */
  readonly meterRecord: string;
  /** The meter's public key as SPKI DER, hex. */
  readonly meterPublicKey: Hex;
}
