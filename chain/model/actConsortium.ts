import { type Hex, zeroAddress } from 'viem';
import type { ChainRefusal } from '../ChainRefusal.ts';
import {
  type CallOf,
  isActive,
  isPresent,
  type Network,
  type NetworkAction,
  type NetworkKey,
  type NetworkMember,
  type NetworkProposal,
  presentMemberOf,
} from './Network.ts';
import { proposalIdOf } from './networkIds.ts';

const votingPeriodS = 14 * 86_400;
const closingPeriodS = 7 * 86_400;
const maxKeys = 64;
const maxUrlBytes = 256;

type Outcome = ChainRefusal | null;

export function propose(network: Network, call: CallOf<'propose'>, now: number): Outcome {
  const proposer = presentMemberOf(network, call.from);
  if (proposer === null) return 'not-a-member';
  if (!isActive(network.members.get(proposer))) return 'suspended-member';
  const proposalId = proposalIdOf(network, proposer, call.action, call.salt);
  if (network.proposals.has(proposalId)) return 'proposal-exists';
  network.proposals.set(proposalId, {
    action: call.action,
    expiresAt: now + votingPeriodS,
    isExecuted: false,
    voters: [proposer],
  });
  return null;
}

export function vote(network: Network, call: CallOf<'vote'>, now: number): Outcome {
  const memberId = presentMemberOf(network, call.from);
  if (memberId === null) return 'not-a-member';
  if (!isActive(network.members.get(memberId))) return 'suspended-member';
  const proposal = network.proposals.get(call.proposalId);
  const closed = whyClosed(proposal, now);
  if (closed !== null || proposal === undefined) return closed;
  if (proposal.voters.includes(memberId)) return 'already-voted';
  proposal.voters.push(memberId);
  return null;
}

export function execute(network: Network, call: CallOf<'execute'>, now: number): Outcome {
  const proposal = network.proposals.get(call.proposalId);
  const closed = whyClosed(proposal, now);
  if (closed !== null || proposal === undefined) return closed;
  const votes = proposal.voters.filter((memberId) => isActive(network.members.get(memberId))).length;
  if (votes * 2 <= countVoters(network)) return 'quorum-missing';
  proposal.isExecuted = true;
  return carryOut(network, proposal.action, now);
}

function whyClosed(proposal: NetworkProposal | undefined, now: number): Outcome {
  if (proposal === undefined) return 'proposal-unknown';
  if (proposal.isExecuted) return 'proposal-executed';
  return now > proposal.expiresAt ? 'proposal-expired' : null;
}

export function countVoters(network: Network): number {
  return [...network.members.values()].filter(isActive).length;
}

function carryOut(network: Network, action: NetworkAction, now: number): Outcome {
  if (action.kind === 'admit') return admit(network, action, now);
  if (action.kind === 'close-token') {
    if (network.closesAt !== 0) return 'token-closing';
    network.closesAt = now + closingPeriodS;
    return null;
  }
  const member = network.members.get(action.memberId);
  if (action.kind === 'set-issuance-limit') {
    // A former member's, too: it bounds what may still be collected from it.
    if (member === undefined) return 'not-a-member';
    moneyOf(network, action.memberId).limitMicro = action.limitMicro;
    return null;
  }
  if (member === undefined || !isPresent(member)) return 'not-a-member';
  switch (action.kind) {
    case 'remove':
      if (member.suspendedAt === 0) {
        if (countVoters(network) === 1) return 'last-member';
        member.suspendedAt = now;
      }
      member.removedAt = now;
      return null;
    case 'suspend':
      if (member.suspendedAt !== 0) return 'suspended-member';
      if (countVoters(network) === 1) return 'last-member';
      member.suspendedAt = now;
      return null;
    case 'reinstate':
      if (member.suspendedAt === 0) return 'member-not-suspended';
      member.suspendedAt = 0;
      return null;
    case 'rotate-account':
      if (action.account === zeroAddress || network.holders.has(action.account)) return 'account-not-usable';
      network.holders.delete(member.account);
      network.holders.set(action.account, action.memberId);
      member.account = action.account;
      return null;
  }
}

function admit(network: Network, candidate: NetworkAction & { kind: 'admit' }, now: number): Outcome {
  const { memberId, account, url } = candidate;
  // Two letters, three letters or digits, then zeros.
  if (!/^0x(4[1-9a-f]|5[0-9a]){2}(3[0-9]|4[1-9a-f]|5[0-9a]){3}0{54}$/.test(memberId))
    return 'member-id-malformed';
  const former = network.members.get(memberId);
  if (isPresent(former)) return 'member-exists';
  const holder = network.holders.get(account);
  if (account === zeroAddress || (holder !== undefined && holder !== memberId)) return 'account-not-usable';
  if (new TextEncoder().encode(url).length > maxUrlBytes) return 'url-too-long';
  if (former !== undefined) {
    former.formerSpans.push({ from: former.admittedAt, until: former.suspendedAt });
    network.holders.delete(former.account);
  }
  const member: NetworkMember = {
    account,
    url,
    admittedAt: now,
    suspendedAt: 0,
    removedAt: 0,
    keys: former?.keys ?? new Map(),
    formerSpans: former?.formerSpans ?? [],
  };
  network.members.set(memberId, member);
  network.holders.set(account, memberId);
  for (const key of candidate.keys) {
    const refused = addKeyTo(member, key, now);
    if (refused !== null) return refused;
  }
  return null;
}

export function addKey(network: Network, call: CallOf<'addKey'>, now: number): Outcome {
  const memberId = presentMemberOf(network, call.from);
  if (memberId === null) return 'not-a-member';
  return addKeyTo(network.members.get(memberId) as NetworkMember, call.key, now);
}

function addKeyTo(member: NetworkMember, key: NetworkKey, now: number): Outcome {
  if (!isOnCurve(key)) return 'key-malformed';
  if (member.keys.has(keyName(key))) return 'key-exists';
  if (member.keys.size === maxKeys) return 'too-many-keys';
  member.keys.set(keyName(key), { addedAt: now, retiredAt: 0 });
  return null;
}

export function retireKey(network: Network, call: CallOf<'retireKey'>, now: number): Outcome {
  const memberId = presentMemberOf(network, call.from);
  if (memberId === null) return 'not-a-member';
  const times = network.members.get(memberId)?.keys.get(keyName(call.key));
  const until = times?.retiredAt ?? 0;
  if (times === undefined || (until !== 0 && until <= now)) return 'key-unknown';
  const from = call.retiredFrom === 0 ? now : call.retiredFrom;
  if (from < now) return 'time-passed';
  if (until !== 0 && from >= until) return 'retirement-not-earlier';
  times.retiredAt = from;
  return null;
}

export function setUrl(network: Network, call: CallOf<'setUrl'>): Outcome {
  const memberId = presentMemberOf(network, call.from);
  if (memberId === null) return 'not-a-member';
  if (new TextEncoder().encode(call.url).length > maxUrlBytes) return 'url-too-long';
  (network.members.get(memberId) as NetworkMember).url = call.url;
  return null;
}

/**
 * Whether a member answers for what was authorized at a time: admitted by then, and not suspended or removed for longer
 * than the grace by then, in its present membership or a former one.
 */
export function isLiable(network: Network, memberId: Hex, signedAt: number, graceS: number): boolean {
  const member = network.members.get(memberId);
  if (member === undefined) return false;
  const spans = [...member.formerSpans, { from: member.admittedAt, until: member.suspendedAt }];
  return spans.some(({ from, until }) => from <= signedAt && (until === 0 || signedAt < until + graceS));
}

export function moneyOf(network: Network, memberId: Hex) {
  const known = network.money.get(memberId);
  if (known !== undefined) return known;
  const none = { issuedMicro: 0n, redeemedMicro: 0n, limitMicro: 0n };
  network.money.set(memberId, none);
  return none;
}

export function keyName({ x, y }: NetworkKey): string {
  return `${x} ${y}`;
}

const p = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const b = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

/** y² = x³ − 3x + b over the field of P-256 (SEC 2, section 2.4.2). */
function isOnCurve(key: NetworkKey): boolean {
  const [x, y] = [BigInt(key.x), BigInt(key.y)];
  return x < p && y < p && (y * y - (x * x * x - 3n * x + b)) % p === 0n;
}
