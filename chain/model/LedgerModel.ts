import { type Address, type Hex, zeroAddress, zeroHash } from 'viem';
import { channelId as channelIdOf, hashBatch } from '../BatchSigning.ts';
import type { Deployment } from '../Deployment.ts';
import type { ChainEvent } from '../followEvents.ts';
import { effectsOfAction } from './ProposedAction.ts';

/**
 * What the contracts' money comes to, as a pure model: a second, independent set of books that is kept from nothing but
 * the events. It is what the contracts are tested against, and what an audit folds a whole chain with.
 *
 * It grows with members, accounts, channels, bank transfers and single disputes; never with charges or batches.
 */
export type Ledger = {
  readonly consortium: Address;
  readonly chargeToken: Address;
  readonly clearing: Address;
  readonly forcedClaims: Address;
  /** By member id. Those who left stay: what they owe stays. */
  readonly members: Map<Hex, LedgerMember>;
  readonly proposals: Map<Hex, { readonly action: number; readonly data: Hex; readonly voters: Set<Hex> }>;
  readonly agreements: Map<Hex, LedgerAgreement>;
  /** By account, lower case; none is zero. */
  readonly balances: Map<Address, bigint>;
  supplyMicro: bigint;
  readonly channels: Map<Hex, LedgerChannel>;
  /** Paid so far, by channel and account. */
  readonly claimed: Map<`${Hex} ${Address}`, bigint>;
  /** By redemption id; those that are paid or cancelled only in `closedRedemptions`. */
  readonly redemptions: Map<Hex, LedgerRedemption>;
  readonly closedRedemptions: Set<Hex>;
  /** By member and reference. */
  readonly bankReferences: Set<`${Hex} ${Hex}`>;
  /** Claims by force that are neither paid nor fallen, by claim id; the others only in `closedClaims`. */
  readonly claims: Map<Hex, LedgerClaim>;
  readonly closedClaims: Set<Hex>;
  /** Of the predecessor's tokens what nobody has carried over yet. */
  carriedMicro: bigint;
  /** Tokens that somebody simply sent to one of the contracts: nobody's any more. */
  lostMicro: bigint;
  /** The transaction that is being read, and what in it has an effect without its cause (−) or a cause without its effect (+). */
  txHash: Hex | null;
  readonly tally: Map<string, number>;
  /** Whether the founding is over: from then on nobody comes in and no limit moves without a vote. */
  isFounded: boolean;
};

export type LedgerMember = {
  account: Address;
  isPresent: boolean;
  isSuspended: boolean;
  issuedMicro: bigint;
  redeemedMicro: bigint;
  limitMicro: bigint;
};

export type LedgerAgreement = {
  readonly members: readonly [Hex, Hex];
  readonly isFeeIssued: boolean;
  isAccepted: boolean;
};

export type LedgerChannel = {
  readonly debtor: Hex;
  readonly creditor: Hex;
  /** Of the last batch; 0 before the first. */
  sequence: bigint;
  payoutsRoot: Hex;
  /** Settled for operators and not claimed yet. */
  potMicro: bigint;
  /** Of all its batches, fees included. */
  settledMicro: bigint;
  feesMicro: bigint;
  claimedMicro: bigint;
  /** Charges in all its batches. */
  charges: bigint;
};

export type LedgerRedemption = {
  readonly holder: Address;
  readonly provider: Hex;
  readonly amountMicro: bigint;
  isPaying: boolean;
};

export type LedgerClaim = {
  readonly debtor: Hex;
  readonly amountMicro: bigint;
  readonly maker: Address;
  /** Zero where the maker is no member and left a bond. */
  readonly makerId: Hex;
  readonly bondMicro: bigint;
};

/** An event that cannot follow what came before it, or sums that do not agree. */
export type Contradiction = {
  readonly name: ContradictionName;
  readonly detail: string;
  readonly txHash: Hex | null;
};

export type ContradictionName =
  | 'member-exists'
  | 'member-unknown'
  | 'proposal-unknown'
  | 'quorum-missing'
  | 'agreement-unknown'
  | 'batch-hash-wrong'
  | 'channel-wrong'
  | 'sequence-gap'
  | 'fee-above-total'
  | 'limit-passed'
  | 'claim-above-pot'
  | 'claim-not-cumulative'
  | 'balance-negative'
  | 'redemption-exists'
  | 'redemption-unknown'
  | 'redemption-not-open'
  | 'bank-reference-used'
  | 'receipt-not-owed'
  | 'forced-claim-exists'
  | 'forced-claim-unknown'
  | 'forced-claim-above-amount'
  | 'carried-above-predecessor'
  | 'cause-missing'
  | 'effect-missing'
  | 'positions-not-supply'
  | 'balances-not-supply'
  | 'pots-not-balance'
  | 'locked-not-redemptions';

export function openLedger(
  deployment: Pick<Deployment, 'consortium' | 'chargeToken' | 'clearing' | 'forcedClaims'>,
): Ledger {
  return {
    consortium: lower(deployment.consortium),
    chargeToken: lower(deployment.chargeToken),
    clearing: lower(deployment.clearing),
    forcedClaims: lower(deployment.forcedClaims),
    members: new Map(),
    proposals: new Map(),
    agreements: new Map(),
    balances: new Map(),
    supplyMicro: 0n,
    channels: new Map(),
    claimed: new Map(),
    redemptions: new Map(),
    closedRedemptions: new Set(),
    bankReferences: new Set(),
    claims: new Map(),
    closedClaims: new Set(),
    carriedMicro: 0n,
    lostMicro: 0n,
    txHash: null,
    tally: new Map(),
    isFounded: false,
  };
}

/** What an event means to the model: the events of `followEvents` fit, and so do those that a test makes up. */
export type LedgerEvent = ChainEvent extends infer Event
  ? Event extends ChainEvent
    ? Pick<Event, 'name' | 'args' | 'address' | 'txHash'>
    : never
  : never;

/**
 * Moves the ledger on by one event, in the chain's order, and says what contradicts. The ledger is the caller's own and
 * is changed in place, so that a chain of any length takes the memory of its state. It follows the chain also where it
 * contradicts: what comes after is judged from there.
 *
 * What one transaction leaves unexplained (tokens made without a batch, a batch without its tokens) is said with the
 * first event of the next one, or by `checkLedger`.
 */
export function applyEvent(ledger: Ledger, event: LedgerEvent): readonly Contradiction[] {
  const found: Contradiction[] = [];
  if (event.txHash !== ledger.txHash) {
    found.push(...closeTransaction(ledger));
    ledger.txHash = event.txHash;
  }
  if (!foundingEvents.has(event.name)) ledger.isFounded = true;
  const say = (name: ContradictionName, detail: string) => {
    found.push({ name, detail: `${event.name}: ${detail}`, txHash: event.txHash });
  };
  apply(ledger, event, say);
  return found;
}

const foundingEvents: ReadonlySet<LedgerEvent['name']> = new Set([
  'MemberAdmitted',
  'KeyAdded',
  'LimitSet',
  'PositionCarried',
  'Transfer',
]);

type Say = (name: ContradictionName, detail: string) => void;

function apply(ledger: Ledger, event: LedgerEvent, say: Say): void {
  switch (event.name) {
    case 'MemberAdmitted': {
      const { memberId, account } = event.args;
      const before = ledger.members.get(memberId);
      if (before?.isPresent === true) say('member-exists', memberId);
      if (ledger.isFounded) effect(ledger, `admit ${memberId}`);
      const money = before ?? { issuedMicro: 0n, redeemedMicro: 0n, limitMicro: 0n };
      ledger.members.set(memberId, {
        ...money,
        account: lower(account),
        isPresent: true,
        isSuspended: false,
      });
      return;
    }
    case 'MemberRemoved': {
      effect(ledger, `remove ${event.args.memberId}`);
      const member = memberOf(ledger, event.args.memberId, say);
      member.isPresent = false;
      return;
    }
    case 'MemberSuspended':
    case 'MemberReinstated': {
      const isSuspended = event.name === 'MemberSuspended';
      effect(ledger, `${isSuspended ? 'suspend' : 'reinstate'} ${event.args.memberId}`);
      memberOf(ledger, event.args.memberId, say).isSuspended = isSuspended;
      return;
    }
    case 'Closing':
      effect(ledger, 'close');
      return;
    case 'SuccessorNamed':
      effect(ledger, `successor ${lower(event.args.successor)}`);
      return;
    case 'PositionCarried': {
      const { memberId, positionMicro } = event.args;
      // Also of those who left before the token that this one succeeds was closed.
      const member = ledger.members.get(memberId) ?? addStranger(ledger, memberId);
      if (positionMicro >= 0n) member.issuedMicro = positionMicro;
      else member.redeemedMicro = -positionMicro;
      ledger.carriedMicro += positionMicro;
      return;
    }
    case 'CarriedOver': {
      const { account, amountMicro } = event.args;
      ledger.carriedMicro -= amountMicro;
      if (ledger.carriedMicro < 0n) say('carried-above-predecessor', `${account} ${amountMicro}`);
      cause(ledger, transferName(ledger.chargeToken, account, amountMicro));
      return;
    }
    case 'ForcedBooked': {
      const { debtor, creditor, payee, payeeMicro, feeAccount, feeMicro } = event.args;
      effect(ledger, `forced ${debtor} ${creditor} ${lower(payee)} ${payeeMicro} ${feeMicro}`);
      causeIssue(ledger, debtor, payee, payeeMicro);
      causeIssue(ledger, debtor, feeAccount, feeMicro);
      return;
    }
    case 'DisputeFeeBooked': {
      const { payer, to, amountMicro } = event.args;
      if (amountMicro !== 0n) effect(ledger, `dispute ${payer} ${lower(to)} ${amountMicro}`);
      causeIssue(ledger, payer, to, amountMicro);
      return;
    }
    case 'ForcedClaimRaised':
    case 'ForcedClaimObjected':
    case 'ForcedClaimPaid':
      applyForcedClaim(ledger, event, say);
      return;
    case 'AccountRotated': {
      const { memberId, account } = event.args;
      effect(ledger, `rotate ${memberId} ${lower(account)}`);
      memberOf(ledger, memberId, say).account = lower(account);
      return;
    }
    case 'LimitSet': {
      const { memberId, limitMicro } = event.args;
      if (ledger.isFounded) effect(ledger, `limit ${memberId} ${limitMicro}`);
      memberOf(ledger, memberId, say).limitMicro = limitMicro;
      return;
    }
    case 'Proposed': {
      const { proposalId, action, data } = event.args;
      ledger.proposals.set(proposalId, { action, data, voters: new Set() });
      return;
    }
    case 'Voted': {
      const { proposalId, memberId } = event.args;
      if (!mayVote(memberOf(ledger, memberId, say))) say('member-unknown', `${memberId} may not vote`);
      const proposal = ledger.proposals.get(proposalId);
      if (proposal === undefined) say('proposal-unknown', proposalId);
      proposal?.voters.add(memberId);
      return;
    }
    case 'Executed': {
      const { proposalId } = event.args;
      const proposal = ledger.proposals.get(proposalId);
      if (proposal === undefined) {
        say('proposal-unknown', proposalId);
        return;
      }
      ledger.proposals.delete(proposalId);
      const voters = [...ledger.members].filter(([, member]) => mayVote(member));
      const votes = voters.filter(([memberId]) => proposal.voters.has(memberId)).length;
      if (votes * 2 <= voters.length) say('quorum-missing', `${votes} of ${voters.length}`);
      const { action, data } = proposal;
      for (const name of effectsOfAction(action, data, ledger.chargeToken)) cause(ledger, name);
      return;
    }
    case 'AgreementProposed': {
      const { agreementId, proposer, other, terms } = event.args;
      const isFeeIssued = terms.feeTo === 0;
      ledger.agreements.set(agreementId, { members: [proposer, other], isFeeIssued, isAccepted: false });
      return;
    }
    case 'AgreementAccepted': {
      const agreement = ledger.agreements.get(event.args.agreementId);
      if (agreement === undefined) {
        say('agreement-unknown', event.args.agreementId);
        return;
      }
      agreement.isAccepted = true;
      return;
    }
    case 'BatchSettled':
      applyBatch(ledger, event.args, say);
      return;
    case 'Claimed':
      applyClaim(ledger, event.args, say);
      return;
    case 'Issued': {
      const { debtor, to, amountMicro } = event.args;
      effect(ledger, `issue ${debtor} ${lower(to)} ${amountMicro}`);
      cause(ledger, transferName(zeroAddress, to, amountMicro));
      const member = memberOf(ledger, debtor, say);
      member.issuedMicro += amountMicro;
      const positionMicro = positionOf(member);
      if (positionMicro > 0n && positionMicro > member.limitMicro) {
        say('limit-passed', `${debtor} owes ${positionMicro} of ${member.limitMicro}`);
      }
      return;
    }
    case 'Transfer':
      applyTransfer(ledger, event.args, say);
      return;
    case 'RedemptionRequested': {
      const { redemptionId, holder, provider, amountMicro } = event.args;
      if (ledger.redemptions.has(redemptionId) || ledger.closedRedemptions.has(redemptionId)) {
        say('redemption-exists', redemptionId);
      }
      memberOf(ledger, provider, say);
      ledger.redemptions.set(redemptionId, {
        holder: lower(holder),
        provider,
        amountMicro,
        isPaying: false,
      });
      cause(ledger, transferName(holder, ledger.chargeToken, amountMicro));
      return;
    }
    case 'PaymentBegun': {
      const redemption = ledger.redemptions.get(event.args.redemptionId);
      if (redemption === undefined) {
        say('redemption-unknown', event.args.redemptionId);
        return;
      }
      if (redemption.isPaying) say('redemption-not-open', event.args.redemptionId);
      redemption.isPaying = true;
      return;
    }
    case 'RedemptionPaid': {
      const { redemptionId, provider, amountMicro, bankReference } = event.args;
      const redemption = closeRedemption(ledger, redemptionId, say);
      if (redemption?.provider !== provider || redemption.amountMicro !== amountMicro) {
        say('redemption-unknown', `${redemptionId} was of another provider or amount`);
      }
      useBankReference(ledger, provider, bankReference, say);
      memberOf(ledger, provider, say).redeemedMicro += amountMicro;
      cause(ledger, transferName(ledger.chargeToken, zeroAddress, amountMicro));
      return;
    }
    case 'RedemptionCancelled': {
      const redemption = closeRedemption(ledger, event.args.redemptionId, say);
      if (redemption === undefined) return;
      cause(ledger, transferName(ledger.chargeToken, redemption.holder, redemption.amountMicro));
      return;
    }
    case 'ReceiptConfirmed': {
      const { receiver, payer, amountMicro, bankReference } = event.args;
      const receiving = memberOf(ledger, receiver, say);
      const paying = memberOf(ledger, payer, say);
      if (positionOf(receiving) > -amountMicro || positionOf(paying) < amountMicro) {
        say('receipt-not-owed', `${amountMicro} from ${payer} to ${receiver}`);
      }
      useBankReference(ledger, receiver, bankReference, say);
      receiving.issuedMicro += amountMicro;
      paying.redeemedMicro += amountMicro;
      return;
    }
    default:
      return;
  }
}

type ArgsOf<Name extends LedgerEvent['name']> = Extract<LedgerEvent, { name: Name }>['args'];

function applyBatch(ledger: Ledger, args: ArgsOf<'BatchSettled'>, say: Say): void {
  const { channelId, sequence, batchHash, batch } = args;
  const { debtor, creditor, totalMicro, feeMicro } = batch;
  if (hashBatch(batch) !== batchHash) say('batch-hash-wrong', batchHash);
  if (channelIdOf(debtor, creditor) !== channelId || batch.sequence !== sequence) {
    say('channel-wrong', channelId);
  }
  memberOf(ledger, debtor, say);
  const creditorAccount = memberOf(ledger, creditor, say).account;
  const agreement = ledger.agreements.get(batch.agreementId);
  if (agreement?.isAccepted !== true || !isPair(agreement.members, debtor, creditor)) {
    say('agreement-unknown', `${batch.agreementId} is not accepted by the two`);
  }
  const channel = ledger.channels.get(channelId) ?? newChannel(debtor, creditor);
  ledger.channels.set(channelId, channel);
  if (sequence !== channel.sequence + 1n) say('sequence-gap', `${sequence} after ${channel.sequence}`);
  if (feeMicro > totalMicro) say('fee-above-total', `${feeMicro} of ${totalMicro}`);

  const earnedMicro = totalMicro - feeMicro;
  channel.sequence = sequence;
  channel.payoutsRoot = batch.payoutsRoot;
  channel.potMicro += earnedMicro;
  channel.settledMicro += totalMicro;
  channel.feesMicro += feeMicro;
  channel.charges += batch.count;
  causeIssue(ledger, debtor, ledger.clearing, earnedMicro);
  if (agreement?.isFeeIssued !== false) causeIssue(ledger, debtor, creditorAccount, feeMicro);
}

type ForcedClaimEvent = Extract<
  LedgerEvent,
  { name: 'ForcedClaimRaised' | 'ForcedClaimObjected' | 'ForcedClaimPaid' }
>;

function applyForcedClaim(ledger: Ledger, event: ForcedClaimEvent, say: Say): void {
  const { claimId, debtor, creditor } = event.args;
  if (event.name === 'ForcedClaimRaised') {
    const { maker, makerId, bondMicro, amountMicro } = event.args.claim;
    if (ledger.claims.has(claimId) || ledger.closedClaims.has(claimId)) say('forced-claim-exists', claimId);
    ledger.claims.set(claimId, { debtor, amountMicro, maker: lower(maker), makerId, bondMicro });
    if (bondMicro !== 0n) cause(ledger, transferName(maker, ledger.forcedClaims, bondMicro));
    return;
  }
  const claim = ledger.claims.get(claimId);
  if (claim === undefined) {
    say('forced-claim-unknown', claimId);
    return;
  }
  const { bondMicro, makerId } = claim;
  const debtorAccount = memberOf(ledger, debtor, say).account;
  if (event.name === 'ForcedClaimObjected') {
    const { held, feeMicro } = event.args;
    if (held) close();
    const [payer, to] = held
      ? [makerId, debtorAccount]
      : [
          debtor,
          bondMicro === 0n && isMemberId(makerId) ? memberOf(ledger, makerId, say).account : claim.maker,
        ];
    if (held && bondMicro !== 0n) cause(ledger, transferName(ledger.forcedClaims, debtorAccount, bondMicro));
    else if (feeMicro !== 0n) cause(ledger, `dispute ${payer} ${to} ${feeMicro}`);
    return;
  }
  close();
  const { payee, payeeMicro, feeMicro } = event.args;
  if (payeeMicro + feeMicro > claim.amountMicro) say('forced-claim-above-amount', claimId);
  cause(ledger, `forced ${debtor} ${creditor} ${lower(payee)} ${payeeMicro} ${feeMicro}`);
  if (bondMicro !== 0n) cause(ledger, transferName(ledger.forcedClaims, claim.maker, bondMicro));

  function close(): void {
    ledger.claims.delete(claimId);
    ledger.closedClaims.add(claimId);
  }
}

function isMemberId(id: Hex): boolean {
  return id !== zeroHash;
}

function applyClaim(ledger: Ledger, args: ArgsOf<'Claimed'>, say: Say): void {
  const { channelId, account, paidMicro, claimedMicro } = args;
  const key = `${channelId} ${lower(account)}` as const;
  const before = ledger.claimed.get(key) ?? 0n;
  if (claimedMicro !== before + paidMicro) {
    say('claim-not-cumulative', `${claimedMicro} after ${before} and ${paidMicro}`);
  }
  const channel = ledger.channels.get(channelId);
  if (channel === undefined || paidMicro > channel.potMicro) {
    say('claim-above-pot', `${paidMicro} of ${channel?.potMicro ?? 'no channel'}`);
  }
  if (channel !== undefined) {
    channel.potMicro -= paidMicro;
    channel.claimedMicro += paidMicro;
  }
  ledger.claimed.set(key, claimedMicro);
  cause(ledger, transferName(ledger.clearing, account, paidMicro));
}

function applyTransfer(ledger: Ledger, args: ArgsOf<'Transfer'>, say: Say): void {
  const { from, to, value } = args;
  if (value === 0n && from !== zeroAddress && to !== zeroAddress) return;
  effect(ledger, transferName(from, to, value));
  if (lower(from) === zeroAddress) ledger.supplyMicro += value;
  else addBalance(ledger, from, -value, say);
  if (lower(to) === zeroAddress) ledger.supplyMicro -= value;
  else addBalance(ledger, to, value, say);
}

/**
 * Judges what the last transaction left, and the sums that must agree after each one:
 * positions, supply and balances; the tokens that the contracts hold and pots, open redemptions, bonds of claims, and
 * what is not carried over yet.
 */
export function checkLedger(ledger: Ledger): readonly Contradiction[] {
  const txHash = ledger.txHash;
  const found: Contradiction[] = [...closeTransaction(ledger)];
  const say = (name: ContradictionName, is: bigint, must: bigint) => {
    if (is !== must) found.push({ name, detail: `${is} instead of ${must}`, txHash });
  };
  const balance = (account: Address) => ledger.balances.get(account) ?? 0n;
  say('positions-not-supply', sum([...ledger.members.values()].map(positionOf)), ledger.supplyMicro);
  say('balances-not-supply', sum(ledger.balances.values()), ledger.supplyMicro);
  const potsMicro = sum([...ledger.channels.values()].map(({ potMicro }) => potMicro));
  const lockedMicro = sum([...ledger.redemptions.values()].map(({ amountMicro }) => amountMicro));
  const bondsMicro = sum([...ledger.claims.values()].map(({ bondMicro }) => bondMicro));
  const heldMicro = sum([ledger.clearing, ledger.chargeToken, ledger.forcedClaims].map(balance));
  const owedMicro = potsMicro + lockedMicro + bondsMicro + ledger.carriedMicro;
  say('pots-not-balance', heldMicro - ledger.lostMicro, owedMicro);
  if (balance(ledger.chargeToken) < lockedMicro) {
    say('locked-not-redemptions', balance(ledger.chargeToken), lockedMicro);
  }
  return found;
}

/** Issued less redeemed: positive is owed to holders of tokens, negative is owed to the member. */
export function positionOf(member: Pick<LedgerMember, 'issuedMicro' | 'redeemedMicro'>): bigint {
  return member.issuedMicro - member.redeemedMicro;
}

// --------------------------------------------------------------------------------- causes and effects

/** Something that must have its effect in the same transaction, before or after. */
function cause(ledger: Ledger, name: string): void {
  count(ledger, name, 1);
}

/** Something that must have its cause in the same transaction. */
function effect(ledger: Ledger, name: string): void {
  count(ledger, name, -1);
}

function count(ledger: Ledger, name: string, by: number): void {
  const after = (ledger.tally.get(name) ?? 0) + by;
  if (after === 0) ledger.tally.delete(name);
  else ledger.tally.set(name, after);
}

function causeIssue(ledger: Ledger, debtor: Hex, to: Address, amountMicro: bigint): void {
  if (amountMicro !== 0n) cause(ledger, `issue ${debtor} ${lower(to)} ${amountMicro}`);
}

function closeTransaction(ledger: Ledger): readonly Contradiction[] {
  const found: Contradiction[] = [];
  for (const [name, times] of ledger.tally) {
    if (times < 0 && isHoldersOwn(ledger, name)) {
      const [, , to, micro] = name.split(' ') as [string, string, Address, string];
      if (isContract(ledger, to)) ledger.lostMicro += BigInt(micro) * BigInt(-times);
      continue;
    }
    // What a token takes over is made at its founding, all at once.
    const founding = transferName(zeroAddress, ledger.chargeToken, ledger.carriedMicro);
    if (!ledger.isFounded && times === -1 && name === founding) continue;
    found.push({
      name: times > 0 ? 'effect-missing' : 'cause-missing',
      detail: name,
      txHash: ledger.txHash,
    });
  }
  ledger.tally.clear();
  ledger.txHash = null;
  return found;
}

function transferName(from: Address, to: Address, micro: bigint): string {
  return `transfer ${lower(from)} ${lower(to)} ${micro}`;
}

/** Holders may send their tokens as they like, without any other cause; the contracts may not. */
function isHoldersOwn(ledger: Ledger, name: string): boolean {
  const [what, from, to] = name.split(' ') as [string, Address, Address];
  return what === 'transfer' && from !== zeroAddress && to !== zeroAddress && !isContract(ledger, from);
}

function isContract(ledger: Ledger, account: Address): boolean {
  return [ledger.clearing, ledger.chargeToken, ledger.forcedClaims].includes(account);
}

// ---------------------------------------------------------------------------------------------- parts

function memberOf(ledger: Ledger, memberId: Hex, say: Say): LedgerMember {
  const known = ledger.members.get(memberId);
  if (known !== undefined) return known;
  say('member-unknown', memberId);
  return addStranger(ledger, memberId);
}

function addStranger(ledger: Ledger, memberId: Hex): LedgerMember {
  const stranger: LedgerMember = {
    account: zeroAddress,
    isPresent: false,
    isSuspended: false,
    issuedMicro: 0n,
    redeemedMicro: 0n,
    limitMicro: 0n,
  };
  ledger.members.set(memberId, stranger);
  return stranger;
}

function mayVote(member: LedgerMember): boolean {
  return member.isPresent && !member.isSuspended;
}

function newChannel(debtor: Hex, creditor: Hex): LedgerChannel {
  const nothing = { potMicro: 0n, settledMicro: 0n, feesMicro: 0n, claimedMicro: 0n, charges: 0n };
  return { debtor, creditor, sequence: 0n, payoutsRoot: '0x', ...nothing };
}

function isPair(members: readonly [Hex, Hex], x: Hex, y: Hex): boolean {
  return (members[0] === x && members[1] === y) || (members[0] === y && members[1] === x);
}

function addBalance(ledger: Ledger, account: Address, byMicro: bigint, say: Say): void {
  const key = lower(account);
  const after = (ledger.balances.get(key) ?? 0n) + byMicro;
  if (after < 0n) say('balance-negative', `${key} ${after}`);
  if (after === 0n) ledger.balances.delete(key);
  else ledger.balances.set(key, after);
}

function closeRedemption(ledger: Ledger, redemptionId: Hex, say: Say): LedgerRedemption | undefined {
  const redemption = ledger.redemptions.get(redemptionId);
  if (redemption === undefined) say('redemption-unknown', redemptionId);
  ledger.redemptions.delete(redemptionId);
  ledger.closedRedemptions.add(redemptionId);
  return redemption;
}

function useBankReference(ledger: Ledger, memberId: Hex, bankReference: Hex, say: Say): void {
  const key = `${memberId} ${bankReference}` as const;
  if (ledger.bankReferences.has(key)) say('bank-reference-used', key);
  ledger.bankReferences.add(key);
}

function sum(amounts: Iterable<bigint>): bigint {
  let total = 0n;
  for (const amount of amounts) total += amount;
  return total;
}

function lower(account: Address): Address {
  return account.toLowerCase() as Address;
}
