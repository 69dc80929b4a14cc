import { type Signed, signedObject, type ValueOf } from './SignedObject.ts';

/**
 * Signed by a driver's provider: this key may charge on our account. Valid for weeks; renewed on its
 * own; not renewed is the account closed. The contract id is new at each renewal, so that nobody can
 * follow a driver across months.
 */
export const DriverCertificate = signedObject('DriverCertificate', {
  /** Country code and party id of the issuing provider, e.g. `DEAAA` (OCPI party, eMI3 provider id). */
  providerId: 'text',
  /** Which of the provider's certificate keys signs: {@link keyId}. */
  issuerKeyId: 'bytes32',
  /** eMAID (STANDARDS §5), 15 characters without hyphens, a pseudonym that only the provider resolves. */
  emaid: 'sealedText',
  publicKey: 'publicKey',
  /** Epoch seconds, inclusive. */
  notBefore: 'uint',
  /** Epoch seconds, exclusive. */
  notAfter: 'uint',
  /** Most energy of one session, Wh. */
  maxEnergyWh: 'uint',
  /** Most money of one session, micro-units of the offer's currency, tax included. */
  maxAmountMicro: 'uint',
  mayDischarge: 'flag',
});
export type DriverCertificate = ValueOf<typeof DriverCertificate.layout>;
export type SignedDriverCertificate = Signed<DriverCertificate>;
