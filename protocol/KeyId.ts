import { type Hex, toBytes } from './Hex.ts';
import { sha256 } from './sha256.ts';

/** Names a P-256 key: SHA-256 of x‖y. Contracts compute the same with `sha256(abi.encode(x, y))`. */
export function keyId(publicKey: Hex): Hex {
  return sha256(toBytes(publicKey));
}
