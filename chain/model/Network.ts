import type { Address, Hex } from 'viem';
import type { Batch } from '../BatchSigning.ts';
import type { ChainRefusal } from '../ChainRefusal.ts';
import type { Deployment } from '../Deployment.ts';
import type { Terms } from '../Peering.ts';

/**
 * All that the contracts hold, as plain data, and all that can be asked of them: the acting side of the model. Amounts
 * are micro-units, times epoch seconds; 0 and zero words stand where the contracts have them. Accounts are lower case.
 */
export type Network = {
  readonly chainId: number;
  readonly addresses: Pick<
    Deployment,
    'consortium' | 'chargeToken' | 'peering' | 'clearing' | 'forcedClaims'
  >;
  readonly members: Map<Hex, NetworkMember>;
  /** The present or former member whose account it is, or was last. */
  readonly holders: Map<Address, Hex>;
  readonly proposals: Map<Hex, NetworkProposal>;
  readonly agreements: Map<Hex, NetworkAgreement>;
  /** Accepted agreements of a pair (the two ids in ascending order), in order of their versions. */
  readonly accepted: Map<string, Hex[]>;
  readonly money: Map<Hex, { issuedMicro: bigint; redeemedMicro: bigint; limitMicro: bigint }>;
  readonly balances: Map<Address, bigint>;
  /** By owner and spender. */
  readonly allowances: Map<string, bigint>;
  readonly permitNonces: Map<Address, bigint>;
  readonly redemptions: Map<Hex, NetworkRedemption>;
  /** By member and reference. */
  readonly bankReferences: Set<string>;
  closesAt: number;
  readonly channels: Map<Hex, { sequence: bigint; potMicro: bigint; payoutsRoot: Hex }>;
  /** By channel and sequence. */
  readonly settledRoots: Map<string, Hex>;
  /** By channel and account. */
  readonly claimed: Map<string, bigint>;
  /** Claims by force, by claim id. */
  readonly forcedClaims: Map<Hex, NetworkClaim>;
  /** When a root of hand-ins was first anchored. */
  readonly handIns: Map<Hex, number>;
  /** By member and root. */
  readonly revocations: Map<string, number>;
};

/** What the evidence of one charge says, as far as claiming it goes; it is genuine but for what `spoilt` names. */
export type NetworkCharge = {
  readonly networkId: Hex;
  readonly authorizationId: Hex;
  readonly cdrId: Hex;
  readonly driverProvider: Hex;
  readonly stationProvider: Hex;
  readonly driverIssuer: NetworkKey;
  readonly stationIssuer: NetworkKey;
  readonly driverCertificateId: Hex;
  readonly stationCertificateId: Hex;
  readonly operatorAccount: Address;
  readonly signedAt: number;
  readonly endedAt: number;
  readonly importedWh: bigint;
  readonly exportedWh: bigint;
  readonly chargeMicro: bigint;
  readonly creditMicro: bigint;
  readonly spoilt: ChainRefusal | null;
};

export type NetworkClaim = {
  readonly charge: NetworkCharge;
  readonly direction: 'charge' | 'credit';
  readonly agreementId: Hex;
  readonly debtor: Hex;
  readonly creditor: Hex;
  readonly amountMicro: bigint;
  readonly maker: Address;
  readonly makerId: Hex | null;
  readonly bondMicro: bigint;
  status: 'raised' | 'paid' | 'void';
  /** Null while the debtor waits for the meter's record. */
  payableFrom: number | null;
  recordDemanded: boolean;
};

export type NetworkMember = {
  account: Address;
  admittedAt: number;
  suspendedAt: number;
  removedAt: number;
  url: string;
  readonly keys: Map<string, { readonly addedAt: number; retiredAt: number }>;
  readonly formerSpans: { readonly from: number; readonly until: number }[];
};

export type NetworkProposal = {
  readonly action: NetworkAction;
  readonly expiresAt: number;
  isExecuted: boolean;
  readonly voters: Hex[];
};

export type NetworkKey = { readonly x: Hex; readonly y: Hex };

export type NetworkAction =
  | {
      readonly kind: 'admit';
      readonly memberId: Hex;
      readonly account: Address;
      readonly url: string;
      readonly keys: readonly NetworkKey[];
    }
  | { readonly kind: 'remove' | 'suspend' | 'reinstate'; readonly memberId: Hex }
  | { readonly kind: 'rotate-account'; readonly memberId: Hex; readonly account: Address }
  | { readonly kind: 'set-issuance-limit'; readonly memberId: Hex; readonly limitMicro: bigint }
  | { readonly kind: 'close-token' };

export type NetworkAgreement = {
  readonly members: readonly [Hex, Hex];
  readonly proposer: Hex;
  readonly version: number;
  readonly terms: Terms;
  acceptedAt: number;
  endsAt: number;
};

export type NetworkRedemption = {
  readonly holder: Address;
  readonly provider: Hex;
  readonly amountMicro: bigint;
  readonly requestedAt: number;
  status: 'open' | 'paying' | 'paid' | 'cancelled';
  payBy: number;
  bankReference: Hex;
};

export type NetworkPayout = { readonly account: Address; readonly cumulativeMicro: bigint };

/**
 * The calls of the contracts. Signatures are said by who made them over just these contents; null is one over other
 * contents.
 */
type Calls = {
  propose: { readonly action: NetworkAction; readonly salt: Hex };
  vote: { readonly proposalId: Hex };
  execute: { readonly proposalId: Hex };
  addKey: { readonly key: NetworkKey };
  retireKey: { readonly key: NetworkKey; readonly retiredFrom: number };
  setUrl: { readonly url: string };
  proposeAgreement: { readonly other: Hex; readonly version: number; readonly terms: Terms };
  acceptAgreement: { readonly agreementId: Hex };
  giveNotice: { readonly agreementId: Hex; readonly endsAt: number };
  settle: {
    readonly batch: Batch;
    readonly debtorSigner: Address | null;
    readonly creditorSigner: Address | null;
  };
  claim: {
    readonly debtor: Hex;
    readonly creditor: Hex;
    readonly payout: NetworkPayout;
    /** The leaves of the tree that the proof is of. */
    readonly payouts: readonly NetworkPayout[];
  };
  bookForced: { readonly debtor: Hex; readonly amountMicro: bigint };
  bookDisputeFee: { readonly debtor: Hex; readonly amountMicro: bigint };
  issue: { readonly debtor: Hex; readonly amountMicro: bigint };
  setIssuanceLimit: { readonly memberId: Hex; readonly limitMicro: bigint };
  transfer: { readonly to: Address; readonly amountMicro: bigint };
  approve: { readonly to: Address; readonly amountMicro: bigint };
  transferFrom: { readonly owner: Address; readonly to: Address; readonly amountMicro: bigint };
  permit: {
    readonly owner: Address;
    readonly spender: Address;
    readonly amountMicro: bigint;
    readonly nonce: bigint;
    readonly deadline: number;
    readonly signer: Address;
  };
  requestRedemption: { readonly provider: Hex; readonly amountMicro: bigint; readonly reference: Hex };
  requestRedemptionFor: {
    readonly holder: Address;
    readonly provider: Hex;
    readonly amountMicro: bigint;
    readonly reference: Hex;
    readonly deadline: number;
    readonly signer: Address | null;
  };
  beginPayment: { readonly redemptionId: Hex };
  cancelRedemption: { readonly redemptionId: Hex };
  markPaid: { readonly redemptionId: Hex; readonly bankReference: Hex };
  raise: {
    readonly charge: NetworkCharge;
    readonly direction: 'charge' | 'credit';
    /** Of the tree of just this charge's hand-in, zero for none. */
    readonly handInRoot: Hex;
  };
  payForced: { readonly claimId: Hex };
  /** By a batch whose one charge was this. */
  objectSettled: { readonly claimId: Hex; readonly sequence: bigint };
  objectRevoked: { readonly claimId: Hex; readonly root: Hex };
  /** With the true record, which a genuine charge's meter has signed. */
  objectMeter: { readonly claimId: Hex };
  demandRecord: { readonly claimId: Hex };
  showRecord: { readonly claimId: Hex; readonly isTrueRecord: boolean };
  anchorHandIn: { readonly root: Hex };
  anchorRevocations: { readonly root: Hex };
  confirmReceipt: { readonly payer: Hex; readonly amountMicro: bigint; readonly bankReference: Hex };
};

export type CallOf<Name extends keyof Calls> = { readonly name: Name; readonly from: Address } & Calls[Name];

/** A call of one of the contracts by an account. */
export type NetworkCall = { [Name in keyof Calls]: CallOf<Name> }[keyof Calls];

export function isPresent(member: NetworkMember | undefined): boolean {
  return member !== undefined && member.removedAt === 0;
}

/** In good standing: it votes, agrees, and makes new debts. */
export function isActive(member: NetworkMember | undefined): boolean {
  return isPresent(member) && member?.suspendedAt === 0;
}

export function presentMemberOf(network: Network, account: Address): Hex | null {
  const memberId = network.holders.get(account);
  return memberId !== undefined && isPresent(network.members.get(memberId)) ? memberId : null;
}

export function pairOf(x: Hex, y: Hex): readonly [Hex, Hex] {
  return x < y ? [x, y] : [y, x];
}
