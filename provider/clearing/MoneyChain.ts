import type { Hex } from '@p2p-power/protocol/Hex';
import type { Position } from '@p2p-power/protocol/netPositions';
import type { Result } from '@p2p-power/tariff/Result';

/** The positions of all members and former members as one block has them; they come to the supply. */
export interface PositionsAt {
  readonly blockNumber: number;
  readonly blockHash: Hex;
  /** Epoch seconds. */
  readonly blockTime: number;
  readonly supplyMicro: bigint;
  readonly positions: readonly Position[];
}

/** Where the money of a redemption shall go, as its holder signs it. */
export interface RedemptionAccount {
  readonly redemptionId: Hex;
  /** Party id of the provider that was asked. */
  readonly provider: string;
  readonly name: string;
  readonly iban: string;
}

/** EIP-712 typed data, as a wallet signs it. */
export type TypedData = Readonly<Record<string, unknown>>;

/** What netting and operators' payouts need of the chain; as `ClearingChain` in names, units and faults. */
export interface MoneyChain {
  /** Null where the chain has no such block yet; null as number: the newest. */
  positionsAt(blockNumber: number | null): Promise<PositionsAt | null>;
  /** What a provider issued less what it redeemed, and how far that may go. */
  issuance(providerId: string): Promise<{ readonly positionMicro: bigint; readonly limitMicro: bigint }>;
  /** When a redemption was asked for, epoch seconds; null where the chain knows none of this id. */
  redemptionRequestedAt(redemptionId: Hex): Promise<number | null>;
  /** Brings a request to any provider that its holder has signed; who brings it pays nothing and gets nothing. */
  relayRedemption(request: RelayedRedemption): Promise<Result<{ readonly txHash: Hex | null }, string>>;
  /** What the holder's wallet signs for that. */
  redemptionRequestData(request: Omit<RelayedRedemption, 'signature'>): TypedData;
  signRedemptionAccount(holderKey: Hex, account: RedemptionAccount): Promise<Hex>;
  isRedemptionAccountOf(account: RedemptionAccount, signature: Hex, holder: Hex): Promise<boolean>;
  redemptionAccountData(account: RedemptionAccount): TypedData;
  /** What the key of an operator's new account signs. */
  payoutAccountData(operatorId: string, account: Hex): TypedData;
  isPayoutAccountOf(operatorId: string, account: Hex, signature: Hex): Promise<boolean>;
}

export interface RelayedRedemption {
  readonly holder: Hex;
  /** Party id. */
  readonly provider: string;
  readonly amountMicro: bigint;
  /** 32 bytes of the holder's choice. */
  readonly reference: Hex;
  /** Epoch seconds, the last in which it may be brought. */
  readonly deadline: number;
  readonly signature: Hex;
}
