import type { Hex } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import type { ChainSigner } from './ChainClient.ts';

/** A signer from the 32 bytes of a private key, for who keeps the key itself. */
export function accountSigner(privateKey: Hex): ChainSigner {
  return privateKeyToAccount(privateKey);
}

/** A new random private key of a chain account. */
export function newAccountKey(): Hex {
  return generatePrivateKey();
}
