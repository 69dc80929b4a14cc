import type { ChainCursor, EventPage } from '@p2p-power/chain/followEvents';
import type { EndpointReport } from '@p2p-power/chain/RpcEndpoints';
import type { Batch } from '@p2p-power/protocol/Batch';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { FeeUsage } from '@p2p-power/protocol/PeeringFee';
import type { Result } from '@p2p-power/tariff/Result';
import type { DisputeChain } from '../disputes/DisputeChain.ts';
import type { MoneyChain } from './MoneyChain.ts';

/** What two providers agreed on and both accepted, as the chain has it. Times and spans in seconds. */
export interface ClearingTerms {
  readonly agreementId: Hex;
  /** 1 for the pair's first. */
  readonly version: number;
  readonly acceptedAt: number;
  /** When notice ends it; 0 = open. */
  readonly endsAt: number;
  readonly feeShareBp: number;
  readonly feeMicroPerKwh: bigint;
  /** Whose the fee is: with `debtor` it is not paid at all. */
  readonly feeTo: 'creditor' | 'debtor';
  readonly currency: string;
  readonly periodS: number;
  readonly handInDeadlineS: number;
  readonly graceS: number;
  readonly objectionWindowS: number;
  readonly noticeS: number;
  readonly creditLimitMicro: bigint;
  readonly disputeFeeMicro: bigint;
  /** The pair's own terms contract; null = the generic fee. */
  readonly termsContract: Hex | null;
  readonly validFrom: number;
}

/** Terms to propose to another member; as in {@link ClearingTerms}. */
export type NewTerms = Omit<ClearingTerms, 'agreementId' | 'version' | 'acceptedAt' | 'endsAt'>;

/** What was proposed, accepted or not. */
export interface ProposedAgreement extends ClearingTerms {
  /** Party ids. */
  readonly members: readonly [string, string];
  readonly proposer: string;
}

export interface ClearingMember {
  /** Party id, e.g. `DEAAA`. */
  readonly providerId: string;
  readonly account: Hex;
  readonly url: string;
  /** Epoch seconds; 0 while a member. */
  readonly removedAt: number;
  /** From when on it makes no new debts, by suspension or removal, epoch seconds; 0 in good standing. */
  readonly suspendedAt: number;
  /** Certificate keys x‖y; `retiredAt` 0 = in use. */
  readonly keys: readonly { readonly publicKey: Hex; readonly addedAt: number; readonly retiredAt: number }[];
}

/**
 * The chain as clearing sees it; providers are party ids, amounts micro-units, accounts lower-case
 * addresses. What the contracts refuse is returned by its name; a chain that cannot be reached throws,
 * and each call may then be made again: none takes effect twice.
 */
export interface ClearingChain extends MoneyChain {
  /** This provider's own account. */
  readonly account: Hex;
  channelId(debtor: string, creditor: string): Hex;
  /** The hash of the struct, by which Clearing names a settled batch. */
  hashBatch(batch: Batch): Hex;
  /** Our signature of a batch. */
  signBatch(batch: Batch): Promise<Hex>;
  /** Whether the account signed it. */
  isSignedBy(batch: Batch, signature: Hex, account: Hex): Promise<boolean>;
  members(): Promise<readonly ClearingMember[]>;
  /** All that two providers ever agreed on and accepted, by version. */
  agreementsBetween(one: string, other: string): Promise<readonly ClearingTerms[]>;
  /** One that was proposed, `acceptedAt` 0 until it is accepted; null where there is none of this id. */
  agreement(agreementId: Hex): Promise<ProposedAgreement | null>;
  /** The most that the fee may be of what was charged; a pair's own terms contract is asked, as in settling. */
  feeBound(
    agreementId: Hex,
    usage: FeeUsage & { readonly debtor: string; readonly creditor: string; readonly count: number },
  ): Promise<bigint>;
  /** Proposes terms to another member, as the pair's next version. */
  proposeAgreement(proposal: {
    readonly other: string;
    readonly version: number;
    readonly terms: NewTerms;
  }): Promise<Result<{ readonly agreementId: Hex; readonly txHash: Hex | null }, string>>;
  /** Accepts what was proposed to us. */
  acceptAgreement(agreementId: Hex): Promise<Result<{ readonly txHash: Hex | null }, string>>;
  /** Ends an agreement of ours at a time, for good. */
  giveNotice(agreementId: Hex, endsAt: number): Promise<Result<{ readonly txHash: Hex | null }, string>>;
  /** The last sequence number settled in a channel and the tokens in its pot. */
  channel(
    debtor: string,
    creditor: string,
  ): Promise<{ readonly sequence: bigint; readonly potMicro: bigint }>;
  settle(signed: {
    readonly batch: Batch;
    readonly creditorSignature: Hex;
    readonly debtorSignature: Hex;
  }): Promise<
    Result<{ readonly txHash: Hex; readonly blockNumber: number; readonly gasUsed: bigint }, string>
  >;
  /** Has an account paid what the channel's newest payouts' root says. */
  claim(payout: {
    readonly debtor: string;
    readonly creditor: string;
    readonly account: Hex;
    readonly cumulativeMicro: bigint;
    readonly proof: readonly Hex[];
  }): Promise<Result<{ readonly paidMicro: bigint; readonly txHash: Hex | null }, string>>;
  claimedMicro(debtor: string, creditor: string, account: Hex): Promise<bigint>;
  balanceMicro(account: Hex): Promise<bigint>;
  /** What a provider issued less what it redeemed. */
  positionMicro(providerId: string): Promise<bigint>;
  /** The id that a holder's request under this reference has. */
  redemptionId(holder: Hex, reference: Hex): Hex;
  /** Asks a provider for money; signed by the holder. */
  requestRedemption(
    holderKey: Hex,
    request: { readonly provider: string; readonly amountMicro: bigint; readonly reference: Hex },
  ): Promise<Result<{ readonly txHash: Hex | null }, string>>;
  cancelRedemption(
    holderKey: Hex,
    redemptionId: Hex,
  ): Promise<Result<{ readonly txHash: Hex | null }, string>>;
  beginPayment(redemptionId: Hex): Promise<Result<{ readonly txHash: Hex | null }, string>>;
  markPaid(redemptionId: Hex, bankReference: Hex): Promise<Result<{ readonly txHash: Hex | null }, string>>;
  /** We received a bank transfer of another provider. */
  confirmReceipt(receipt: {
    readonly payer: string;
    readonly amountMicro: bigint;
    readonly bankReference: Hex;
  }): Promise<Result<{ readonly txHash: Hex | null }, string>>;
  /** Forced claims, objections and anchors. */
  readonly disputes: DisputeChain;
  /** What happened since the cursor, null from the beginning. */
  eventsSince(cursor: ChainCursor | null): Promise<EventPage>;
  /** How the nodes stand that are asked; nothing is asked for it. */
  endpoints?(): readonly EndpointReport[];
}
