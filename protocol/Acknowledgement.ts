import { type Signed, signedObject, type ValueOf } from './SignedObject.ts';

/**
 * Signed by the station's provider: we have these CDRs of yours on disk. Only then may the station
 * let go of them. It says nothing about whether they are accepted.
 */
export const Acknowledgement = signedObject('Acknowledgement', {
  providerId: 'text',
  issuerKeyId: 'bytes32',
  stationCertificateId: 'bytes32',
  /** {@link segmentId} of what was handed in. */
  segmentId: 'bytes32',
  /** How many CDRs the segment held. */
  count: 'uint',
  /** Epoch seconds. */
  receivedAt: 'uint',
});
export type Acknowledgement = ValueOf<typeof Acknowledgement.layout>;
export type SignedAcknowledgement = Signed<Acknowledgement>;
