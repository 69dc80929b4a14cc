import { keccak256, toHex } from 'viem';
import { openValidatorKey, type ValidatorKey } from '../ValidatorKey.ts';

/** A key that is always the same for the same number. */
export function testValidatorKey(index: number): ValidatorKey {
  return openValidatorKey(keccak256(toHex(`validator ${index}`)));
}

/** Entries of a list of providers, at addresses for documentation (RFC 5737). */
export function testProviders(count: number, options: { readonly withKeys?: boolean } = {}) {
  return Array.from({ length: count }, (_, index) => ({
    providerId: `DEAA${index}`,
    p2pHost: `192.0.2.${10 + index}`,
    ...(options.withKeys === true && { publicKey: testValidatorKey(index).publicKey }),
  }));
}
