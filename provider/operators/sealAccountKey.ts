import { fromBytes, type Hex, toBytes } from '@p2p-power/protocol/Hex';
import { openBytes, type SealingKey, sealBytes } from '../keys/sealBytes.ts';

/** Seals the private key of a chain account for the database; its address is authenticated with it. */
export function sealAccountKey(sealingKey: SealingKey, account: Hex, privateKey: Hex): string {
  return sealBytes(sealingKey, 'operator-account', account, toBytes(privateKey));
}

/** The private key again; throws where the sealing key, the account or the text is not the one it was sealed with. */
export function openAccountKey(sealingKey: SealingKey, account: Hex, sealed: string): Hex {
  return fromBytes(openBytes(sealingKey, 'operator-account', account, sealed));
}
