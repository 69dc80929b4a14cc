import { type Signed, signedObject, type ValueOf } from './SignedObject.ts';

/** Signed by an operator's provider: this key is the charging point with this EVSE-ID. */
export const StationCertificate = signedObject('StationCertificate', {
  /** Country code and party id of the issuing provider, e.g. `DEBBB`. */
  providerId: 'text',
  /** Which of the provider's certificate keys signs. */
  issuerKeyId: 'bytes32',
  /** EVSE-ID (STANDARDS §5) without separators, upper case. */
  evseId: 'sealedText',
  /** The chain account that the operator is paid at. */
  operatorAccount: 'address',
  publicKey: 'publicKey',
  /** SHA-256 of the meter's public key as SPKI DER: the meter may speak another curve. */
  meterKeyHash: 'bytes32',
  /** Epoch seconds, inclusive. */
  notBefore: 'uint',
  /** Epoch seconds, exclusive. */
  notAfter: 'uint',
  /** Maker and model, as certified. */
  hardwareModel: 'text',
  /** SHA-256 of the model's certification document; zero where there is none. */
  certificationHash: 'bytes32',
  /** What the meter may be used for (STANDARDS §3): energy and time, only time, nothing that is billed. */
  metrologyClass: ['energy', 'time-only', 'none'],
});
export type StationCertificate = ValueOf<typeof StationCertificate.layout>;
export type SignedStationCertificate = Signed<StationCertificate>;
