import { createHash } from 'node:crypto';
import { fromBytes, type Hex } from '@p2p-power/protocol/Hex';

/** How a bank reference (an end-to-end id, where there is one) stands on the chain: its SHA-256. */
export const bankReferenceHash = (bankReference: string): Hex =>
  fromBytes(new Uint8Array(createHash('sha256').update(bankReference).digest()));

/** What the payment of a redemption is called from bank to bank: 34 characters that name it to all parties. */
export const redemptionEndToEndId = (redemptionId: Hex): string =>
  `R-${redemptionId.slice(2, 34).toUpperCase()}`;
