import { type Signed, signedObject, type ValueOf } from './SignedObject.ts';

/** Why a session ended. */
export const endReasons = [
  'driver-stopped',
  'cable-removed',
  'energy-reached',
  'amount-reached',
  'leave-time',
  'power-cut',
  'fault',
] as const;

/** Signed by the station: what was charged under one authorization. */
export const ChargeDetailRecord = signedObject('ChargeDetailRecord', {
  authorizationId: 'bytes32',
  stationCertificateId: 'bytes32',
  /** Epoch seconds, the station's clock: first reading. */
  startedAt: 'uint',
  /** Epoch seconds: last reading. */
  endedAt: 'uint',
  importedWh: 'uint',
  exportedWh: 'uint',
  /** {@link readingsHash} of the quarter-hour readings. */
  readingsHash: 'bytes32',
  /** SHA-256 of the meter's own signed record (OCMF), byte by byte. */
  meterRecordHash: 'bytes32',
  /** What the driver pays, micro-units, tax included: the smaller of the tariff's price and the authorization's bound. */
  chargeMicro: 'uint',
  /** What the driver is paid for energy given back. */
  creditMicro: 'uint',
  endReason: endReasons,
  /** Number of this CDR's entry in the station's journal. */
  journalNumber: 'uint',
  /** Hash of the journal entry before it. */
  journalPreviousHash: 'bytes32',
});
export type ChargeDetailRecord = ValueOf<typeof ChargeDetailRecord.layout>;
export type SignedChargeDetailRecord = Signed<ChargeDetailRecord>;
