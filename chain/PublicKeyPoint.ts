import type { Hex } from 'viem';

/** A P-256 key as the contracts take it. */
export type PublicKeyPoint = { readonly x: Hex; readonly y: Hex };

/** The point of a key x‖y (64 bytes). */
export function pointOf(publicKey: Hex): PublicKeyPoint {
  return { x: `0x${publicKey.slice(2, 66)}`, y: `0x${publicKey.slice(66)}` };
}
