import { type Signed, signedObject, type ValueOf } from './SignedObject.ts';

/** Signed by the station: the conditions now. A driver who signs its id has agreed to exactly these. */
export const Offer = signedObject('Offer', {
  stationCertificateId: 'bytes32',
  /** {@link tariffId} of the tariff. */
  tariffId: 'bytes32',
  /** Id of the signed prices of the coming hours where they are dynamic; zero where the tariff says all. */
  pricesId: 'bytes32',
  /** ISO 4217. */
  currency: 'text',
  /** IANA zone in which the tariff's times of day and weekdays are meant. */
  timeZone: 'text',
  maxPowerW: 'uint',
  /** Paid to the driver per kWh given back; 0 where the point takes none. */
  feedInMicroPerKwh: 'uint',
  /** Epoch seconds. */
  issuedAt: 'uint',
  /** Epoch seconds, exclusive: an authorization must be signed before. */
  expiresAt: 'uint',
  nonce: 'bytes32',
});
export type Offer = ValueOf<typeof Offer.layout>;
export type SignedOffer = Signed<Offer>;
