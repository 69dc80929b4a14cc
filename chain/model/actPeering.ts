import type { Hex } from 'viem';
import type { ChainRefusal } from '../ChainRefusal.ts';
import type { Terms } from '../Peering.ts';
import { type CallOf, isActive, isPresent, type Network, pairOf, presentMemberOf } from './Network.ts';
import { agreementIdOf } from './networkIds.ts';

const maxSpanS = 366 * 86_400;
const maxObjectionWindowS = 60 * 86_400;

type Outcome = ChainRefusal | null;

export function proposeAgreement(network: Network, call: CallOf<'proposeAgreement'>, now: number): Outcome {
  const { other, version, terms } = call;
  const proposer = presentMemberOf(network, call.from);
  if (proposer === null || !isPresent(network.members.get(other))) return 'not-a-member';
  if (proposer === other) return 'same-member';
  if (!isActive(network.members.get(proposer))) return 'suspended-member';
  if (!isWellFormed(terms)) return 'terms-malformed';
  const members = pairOf(proposer, other);
  const refused = whyNotNext(network, members, version, terms.validFrom, now);
  if (refused !== null) return refused;
  const agreementId = agreementIdOf(network, proposer, other, version, terms);
  if (network.agreements.has(agreementId)) return 'agreement-exists';
  network.agreements.set(agreementId, { members, proposer, version, terms, acceptedAt: 0, endsAt: 0 });
  return null;
}

export function acceptAgreement(network: Network, call: CallOf<'acceptAgreement'>, now: number): Outcome {
  const accepter = presentMemberOf(network, call.from);
  if (accepter === null) return 'not-a-member';
  const agreement = network.agreements.get(call.agreementId);
  if (agreement === undefined) return 'agreement-unknown';
  if (agreement.acceptedAt !== 0) return 'agreement-accepted-already';
  const { members, proposer, version, terms } = agreement;
  if (accepter === proposer || !members.includes(accepter)) return 'not-the-other';
  if (!isPresent(network.members.get(proposer))) return 'not-a-member';
  if (!isActive(network.members.get(accepter)) || !isActive(network.members.get(proposer))) {
    return 'suspended-member';
  }
  const refused = whyNotNext(network, members, version, terms.validFrom, now);
  if (refused !== null) return refused;
  agreement.acceptedAt = now;
  const pair = members.join(' ');
  network.accepted.set(pair, [...(network.accepted.get(pair) ?? []), call.agreementId]);
  return null;
}

export function giveNotice(network: Network, call: CallOf<'giveNotice'>, now: number): Outcome {
  const memberId = presentMemberOf(network, call.from);
  if (memberId === null) return 'not-a-member';
  const agreement = network.agreements.get(call.agreementId);
  if (agreement === undefined) return 'agreement-unknown';
  if (!agreement.members.includes(memberId)) return 'not-a-party';
  if (agreement.acceptedAt === 0) return 'agreement-not-accepted';
  if (agreement.endsAt !== 0) return 'notice-given-already';
  if (call.endsAt < now + agreement.terms.noticeS || call.endsAt >= 2 ** 48) return 'notice-too-short';
  agreement.endsAt = call.endsAt;
  return null;
}

/** The agreement of a pair in force at a time: the newest that is valid by then, unless it has ended. */
export function agreementInForce(network: Network, x: Hex, y: Hex, at: number): Hex | null {
  const accepted = network.accepted.get(pairOf(x, y).join(' ')) ?? [];
  const newest = accepted.findLast((id) => (network.agreements.get(id)?.terms.validFrom ?? 0) <= at);
  const endsAt = network.agreements.get(newest ?? '0x')?.endsAt ?? 0;
  return newest === undefined || (endsAt !== 0 && endsAt <= at) ? null : newest;
}

function isWellFormed(terms: Terms): boolean {
  const spans = [terms.periodS, terms.handInDeadlineS, terms.graceS, terms.noticeS];
  return (
    terms.feeShareBp <= 10_000 &&
    terms.currency !== '' &&
    terms.periodS > 0 &&
    spans.every((span) => span <= maxSpanS) &&
    terms.objectionWindowS > 0 &&
    terms.objectionWindowS <= maxObjectionWindowS
  );
}

function whyNotNext(
  network: Network,
  members: readonly [Hex, Hex],
  version: number,
  validFrom: number,
  now: number,
): Outcome {
  const accepted = network.accepted.get(members.join(' ')) ?? [];
  if (version !== accepted.length + 1) return 'version-not-next';
  const former = network.agreements.get(accepted.at(-1) ?? '0x')?.terms;
  if (former === undefined) return null;
  const isFuturePeriod = validFrom > now && validFrom >= former.validFrom && validFrom % former.periodS === 0;
  return isFuturePeriod ? null : 'valid-from-not-usable';
}
