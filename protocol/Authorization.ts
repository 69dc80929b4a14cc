import { type Signed, signedObject, type ValueOf } from './SignedObject.ts';

/** Signed by the driver's key: yes to this offer, here and now, up to these bounds. */
export const Authorization = signedObject('Authorization', {
  driverCertificateId: 'bytes32',
  stationCertificateId: 'bytes32',
  offerId: 'bytes32',
  /** Epoch seconds, the driver's clock. */
  signedAt: 'uint',
  nonce: 'bytes32',
  /** Most energy drawn, Wh, whatever is given back; not above the certificate's. */
  maxEnergyWh: 'uint',
  /** Most money, micro-units, tax included; not above the certificate's. */
  maxAmountMicro: 'uint',
  /** How to charge. */
  mode: ['immediate', 'cheapest', 'greenest'],
  /** Not before, epoch seconds; 0 = at once. */
  startAt: 'uint',
  /** The driver leaves then, epoch seconds; 0 = unknown. */
  leaveAt: 'uint',
  /** Highest power, W; 0 = what car and point can. */
  maxPowerW: 'uint',
  mayDischarge: 'flag',
  /** Never discharge the car below this much energy, Wh. */
  reserveWh: 'uint',
  /** With `mayDischarge`: the energy in the battery, Wh, that the driver wants at `leaveAt`; 0 = what `maxEnergyWh` allows. */
  targetWh: 'uint',
});
export type Authorization = ValueOf<typeof Authorization.layout>;
export type SignedAuthorization = Signed<Authorization>;

/** How to charge where nothing is wished: at once, with what car and point can, and nothing given back. */
export const withoutWishes = {
  mode: 'immediate',
  startAt: 0,
  leaveAt: 0,
  maxPowerW: 0,
  mayDischarge: false,
  reserveWh: 0,
  targetWh: 0,
} as const satisfies Partial<Authorization>;
