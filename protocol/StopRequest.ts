import { type Signed, signedObject, type ValueOf } from './SignedObject.ts';

/** Signed by the driver's key: end this session now. */
export const StopRequest = signedObject('StopRequest', {
  authorizationId: 'bytes32',
  /** Epoch seconds. */
  signedAt: 'uint',
});
export type StopRequest = ValueOf<typeof StopRequest.layout>;
export type SignedStopRequest = Signed<StopRequest>;
