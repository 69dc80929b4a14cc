/** Curves that meters sign on (OCMF 1.4, signature algorithms). */
export type MeterCurve =
  | 'secp256r1'
  | 'secp256k1'
  | 'secp384r1'
  | 'secp192r1'
  | 'secp192k1'
  | 'brainpool256r1'
  | 'brainpool384r1';

/** Each curve's object identifier in DER and the length of a coordinate in bytes; the commonest first. */
export const meterCurves: readonly {
  readonly curve: MeterCurve;
  readonly oid: string;
  readonly fieldBytes: number;
}[] = [
  { curve: 'secp256r1', oid: '06082a8648ce3d030107', fieldBytes: 32 },
  { curve: 'secp256k1', oid: '06052b8104000a', fieldBytes: 32 },
  { curve: 'secp192r1', oid: '06082a8648ce3d030101', fieldBytes: 24 },
  { curve: 'secp192k1', oid: '06052b8104001f', fieldBytes: 24 },
  { curve: 'secp384r1', oid: '06052b81040022', fieldBytes: 48 },
  { curve: 'brainpool256r1', oid: '06092b2403030208010107', fieldBytes: 32 },
  { curve: 'brainpool384r1', oid: '06092b240303020801010b', fieldBytes: 48 },
];
