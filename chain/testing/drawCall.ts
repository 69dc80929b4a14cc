import { type Address, type Hex, keccak256, toHex, zeroAddress, zeroHash } from 'viem';
import { channelId as channelIdOf } from '../BatchSigning.ts';
import { rootOf } from '../model/actClearing.ts';
import { handInRootOf, revokedRootOf, settledRootOf } from '../model/actForcedClaims.ts';
import { balanceOf } from '../model/actToken.ts';
import type {
  CallOf,
  Network,
  NetworkAction,
  NetworkCall,
  NetworkCharge,
  NetworkKey,
  NetworkPayout,
} from '../model/Network.ts';
import type { Terms } from '../Peering.ts';

/** One step of a random trace, before it is known what there is to act on: a kind and numbers to choose with. */
export type Draw = {
  readonly kind: DrawKind;
  readonly waitS: number;
  readonly picks: readonly number[];
};

/** How often each is drawn: what needs something before it often, so that traces come far. */
export const drawWeights = {
  settle: 14,
  claim: 8,
  propose: 8,
  vote: 22,
  execute: 10,
  addKey: 2,
  retireKey: 3,
  setUrl: 1,
  proposeAgreement: 4,
  acceptAgreement: 4,
  giveNotice: 2,
  transfer: 4,
  approve: 2,
  transferFrom: 3,
  permit: 2,
  requestRedemption: 7,
  requestRedemptionFor: 4,
  beginPayment: 5,
  markPaid: 5,
  cancelRedemption: 5,
  confirmReceipt: 4,
  raise: 9,
  payForced: 5,
  objectSettled: 3,
  objectRevoked: 2,
  objectMeter: 1,
  demandRecord: 2,
  showRecord: 2,
  anchorHandIn: 2,
  anchorRevocations: 2,
  bookForced: 1,
  bookDisputeFee: 1,
  issue: 1,
  setIssuanceLimit: 1,
} as const;

export type DrawKind = keyof typeof drawWeights;

/** Who is there to act: members and candidates, operators, a stranger. Accounts in lower case. */
export type People = {
  readonly memberIds: readonly Hex[];
  readonly memberAccounts: readonly Address[];
  readonly operators: readonly Address[];
  readonly all: readonly Address[];
  readonly keys: readonly NetworkKey[];
  readonly terms: Terms;
  readonly charges: readonly NetworkCharge[];
};

/** What a trace remembers besides the model: the leaves under each root of payouts. */
export type Trees = Map<Hex, readonly NetworkPayout[]>;

/**
 * The call that a draw means on the network as it stands. Most would be done, some are spoilt in one thing, and some
 * simply come at the wrong time; what must come of it the model says.
 */
export function drawCall(
  network: Network,
  people: People,
  trees: Trees,
  draw: Draw,
  now: number,
): NetworkCall {
  const numbers = draw.picks;
  const [n0 = 0, n1 = 0, n2 = 0, n3 = 0, n4 = 0, n5 = 0] = numbers;
  const from = pick(people.all, n0);
  const memberFrom = n0 % 13 === 0 ? pick(people.all, n1) : presentAccount(network, people, n0);
  const memberId = pick(people.memberIds, n2);
  const amountMicro = amountOf(n3);
  const word = (of: string, n: number) => keccak256(toHex(`${of} ${n}`));
  const pending = [...network.redemptions].filter(([, at]) => at.status === 'open' || at.status === 'paying');
  const asked = n5 % 5 === 0 ? [...network.redemptions.keys(), zeroHash] : pending.map(([id]) => id);
  const redemptionId = pickOr(asked, n4, zeroHash);
  const redemption = network.redemptions.get(redemptionId);
  const { kind } = draw;
  switch (kind) {
    case 'propose': {
      const action = drawAction(network, people, numbers);
      return { name: kind, from: memberFrom, action, salt: word('salt', n5 % 4) };
    }
    case 'vote': {
      const open = [...network.proposals].filter(([, at]) => !at.isExecuted && at.expiresAt >= now);
      const ids = open.slice(0, 3).map(([proposalId]) => proposalId);
      const id = pickOr(ids, n2, zeroHash);
      const proposal = network.proposals.get(id);
      const missing = people.memberIds.filter(
        (member) => network.members.get(member)?.removedAt === 0 && !proposal?.voters.includes(member),
      );
      const voter = network.members.get(pickOr(missing, n1, '0x'))?.account;
      const proposalId = n3 % 9 === 0 ? pickOr([...network.proposals.keys()], n4, zeroHash) : id;
      return { name: kind, from: n5 % 5 === 0 ? memberFrom : (voter ?? memberFrom), proposalId };
    }
    case 'execute': {
      const open = [...network.proposals]
        .filter(([, at]) => !at.isExecuted && at.expiresAt >= now)
        .sort(([, x], [, y]) => y.voters.length - x.voters.length);
      const ids = n1 % 8 === 0 ? [...network.proposals.keys(), zeroHash] : open.slice(0, 2).map(([id]) => id);
      return { name: kind, from: memberFrom, proposalId: pickOr(ids, n2, zeroHash) };
    }
    case 'addKey':
      return { name: kind, from: memberFrom, key: pick(people.keys, n1) };
    case 'retireKey': {
      const retiredFrom = pick([0, 0, now, now + 86_400, now + 40 * 86_400, now - 1], n2);
      return { name: kind, from: memberFrom, key: pick(people.keys, n1), retiredFrom };
    }
    case 'setUrl':
      return { name: kind, from: memberFrom, url: 'é'.repeat(pick([0, 5, 128, 129], n1)) };
    case 'proposeAgreement': {
      const own = network.holders.get(memberFrom) ?? memberId;
      const count = network.accepted.get([own, memberId].sort().join(' '))?.length ?? 0;
      const version = n4 % 7 === 0 ? count : count + 1;
      return {
        name: kind,
        from: memberFrom,
        other: memberId,
        version,
        terms: drawTerms(people, numbers, now),
      };
    }
    case 'acceptAgreement': {
      const open = [...network.agreements].filter(([, { acceptedAt }]) => acceptedAt === 0);
      const id = n1 % 6 === 0 ? pickOr([...network.agreements.keys()], n2, zeroHash) : open.at(-1)?.[0];
      const agreement = network.agreements.get(id ?? zeroHash);
      const other = agreement?.members.find((member) => member !== agreement.proposer);
      const account = network.members.get(other ?? '0x')?.account;
      const by = n3 % 6 === 0 || account === undefined ? memberFrom : account;
      return { name: kind, from: by, agreementId: id ?? zeroHash };
    }
    case 'giveNotice': {
      const agreementId = pickOr([...network.agreements.keys(), zeroHash], n1, zeroHash);
      const party = pick(network.agreements.get(agreementId)?.members ?? [memberId], n2);
      const account = network.members.get(party)?.account;
      const endsAt = now + pick([30, 30, 29, 60, 366, 4e9], n3) * 86_400;
      return { name: kind, from: n4 % 6 === 0 ? memberFrom : (account ?? from), agreementId, endsAt };
    }
    case 'settle':
      return drawBatch(network, people, trees, numbers, now, from);
    case 'claim': {
      const [debtor, creditor] = channelAt(network, people, n1, n2);
      const channel = network.channels.get(channelIdOf(debtor, creditor));
      const roots = [...trees.keys()];
      const root = n3 % 7 === 0 ? pickOr(roots, n4, zeroHash) : (channel?.payoutsRoot ?? zeroHash);
      const payouts = trees.get(root) ?? [];
      const true_ = payouts.length === 0 ? { account: from, cumulativeMicro: 1n } : pick(payouts, n4);
      const more = n5 % 9 === 0 ? 1n : 0n;
      const payout = { ...true_, cumulativeMicro: true_.cumulativeMicro + more };
      return { name: kind, from, debtor, creditor, payout, payouts };
    }
    case 'transfer': {
      const to = n1 % 11 === 0 ? zeroAddress : pick([...people.all, network.addresses.clearing], n1);
      return { name: kind, from, to, amountMicro: partOf(network, from, n3) };
    }
    case 'approve': {
      const { forcedClaims } = network.addresses;
      const to = n1 % 11 === 0 ? zeroAddress : n1 % 2 === 0 ? forcedClaims : pick(people.all, n1);
      return { name: kind, from, to, amountMicro: n2 % 4 === 0 ? 2n ** 256n - 1n : amountMicro };
    }
    case 'transferFrom': {
      const { forcedClaims } = network.addresses;
      const given = [...network.allowances].filter(([key]) => !key.endsWith(forcedClaims));
      const [key, allowed] = pickOr(given, n1, [`${from} ${from}`, 0n] as [string, bigint]);
      const [owner, spender] = key.split(' ') as [Address, Address];
      const ownedMicro = balanceOf(network, owner);
      const to = pick(people.all, n2);
      const more = allowed + (allowed < 2n ** 255n ? 1n : 0n);
      const wanted = n3 % 3 === 0 ? more : n3 % 3 === 1 ? allowed : ownedMicro / 2n;
      return { name: kind, from: n4 % 5 === 0 ? from : spender, owner, to, amountMicro: wanted };
    }
    case 'permit': {
      const owner = pick(people.all, n1);
      const nonce = (network.permitNonces.get(owner) ?? 0n) + (n4 % 6 === 0 ? 1n : 0n);
      return {
        name: kind,
        from,
        owner,
        spender: pick(people.all, n2),
        amountMicro,
        nonce,
        deadline: now + pick([0, 100, -1], n5),
        signer: n5 % 7 === 0 ? pick(people.all, n3) : owner,
      };
    }
    case 'requestRedemption': {
      const holder = holderAt(network, people, n0);
      const reference = word('reference', n4 % 200);
      return {
        name: kind,
        from: holder,
        provider: memberId,
        amountMicro: partOf(network, holder, n3),
        reference,
      };
    }
    case 'requestRedemptionFor': {
      const holder = holderAt(network, people, n1);
      return {
        name: kind,
        from,
        holder,
        provider: memberId,
        amountMicro: partOf(network, holder, n3),
        reference: word('reference', n4 % 200),
        deadline: now + pick([0, 100, 100, 100, 100, -1], n4),
        signer: n5 % 9 === 0 ? null : n5 % 11 === 0 ? from : holder,
      };
    }
    case 'beginPayment':
    case 'markPaid': {
      const account = network.members.get(redemption?.provider ?? '0x')?.account;
      const by = n1 % 6 === 0 || account === undefined ? from : account;
      if (kind === 'beginPayment') return { name: kind, from: by, redemptionId };
      const bankReference = n2 % 9 === 0 ? zeroHash : word('bank', n5 % 30);
      return { name: kind, from: by, redemptionId, bankReference };
    }
    case 'cancelRedemption': {
      const by = n1 % 6 === 0 || redemption === undefined ? from : redemption.holder;
      return { name: kind, from: by, redemptionId };
    }
    case 'confirmReceipt': {
      const owed = people.memberIds.find((id) => positionIn(network, id) < 0n);
      const owes = people.memberIds.filter((id) => positionIn(network, id) > 0n);
      const receiver = network.members.get(owed ?? '0x')?.account;
      return {
        name: kind,
        from: n1 % 5 === 0 || receiver === undefined ? from : receiver,
        payer: n2 % 5 === 0 ? memberId : pickOr(owes, n2, memberId),
        amountMicro: n3 % 4 === 0 ? amountMicro : BigInt(n3 % 50),
        bankReference: n4 % 9 === 0 ? zeroHash : word('bank', n5 % 30),
      };
    }
    case 'raise': {
      const charge = pick(people.charges, n1);
      const isCredit = n2 % 3 === 0 && charge.creditMicro > 0n;
      const creditor = isCredit ? charge.driverProvider : charge.stationProvider;
      const account = network.members.get(creditor)?.account ?? from;
      const by = n3 % 3 === 0 ? charge.operatorAccount : n3 % 7 === 0 ? from : account;
      const handInRoot = n4 % 3 === 0 ? handInRootOf(charge) : zeroHash;
      return { name: kind, from: by, charge, direction: isCredit ? 'credit' : 'charge', handInRoot };
    }
    case 'payForced':
    case 'showRecord':
    case 'demandRecord':
    case 'objectMeter':
    case 'objectRevoked':
    case 'objectSettled':
      return drawDispute(network, kind, numbers, from);
    case 'anchorHandIn':
      return { name: kind, from, root: n1 % 9 === 0 ? zeroHash : handInRootOf(pick(people.charges, n2)) };
    case 'anchorRevocations': {
      const charge = pick(people.charges, n2);
      const direction = n3 % 2 === 0 ? 'charge' : 'credit';
      const debtor = direction === 'charge' ? charge.driverProvider : charge.stationProvider;
      const account = network.members.get(debtor)?.account ?? from;
      const root = n1 % 9 === 0 ? zeroHash : revokedRootOf(charge, direction);
      return { name: kind, from: n4 % 5 === 0 ? from : account, root };
    }
    case 'setIssuanceLimit':
      return { name: kind, from, memberId, limitMicro: amountMicro };
    default:
      return { name: kind, from, debtor: memberId, amountMicro };
  }
}

function drawDispute(
  network: Network,
  kind: 'payForced' | 'showRecord' | 'demandRecord' | 'objectMeter' | 'objectRevoked' | 'objectSettled',
  numbers: readonly number[],
  from: Address,
): NetworkCall {
  const [, n1 = 0, n2 = 0, n3 = 0, n4 = 0] = numbers;
  const open = [...network.forcedClaims].filter(([, { status }]) => status === 'raised');
  const claims = n1 % 6 === 0 ? [...network.forcedClaims] : open;
  const [claimId, claim] = claims.length === 0 ? [zeroHash, undefined] : pick(claims, n2);
  const debtor = network.members.get(claim?.debtor ?? '0x')?.account;
  const by = n3 % 7 === 0 || debtor === undefined ? from : debtor;
  if (kind === 'payForced') return { name: kind, from, claimId };
  if (kind === 'showRecord') return { name: kind, from, claimId, isTrueRecord: n4 % 4 !== 0 };
  if (kind === 'objectSettled') {
    const root = claim === undefined ? zeroHash : settledRootOf(claim.charge);
    const found = [...network.settledRoots].find(([, settled]) => settled === root);
    const sequence = n4 % 4 === 0 ? 1n : BigInt(found?.[0].split(' ')[1] ?? 1);
    return { name: kind, from: by, claimId, sequence };
  }
  if (kind === 'objectRevoked') {
    const root = claim === undefined ? zeroHash : revokedRootOf(claim.charge, claim.direction);
    return { name: kind, from: by, claimId, root: n4 % 5 === 0 ? zeroHash : root };
  }
  return { name: kind, from: by, claimId };
}

function drawAction(network: Network, people: People, numbers: readonly number[]): NetworkAction {
  const [, n1 = 0, n2 = 0, n3 = 0, n4 = 0] = numbers;
  const memberId = pick(people.memberIds, n2);
  const account = n3 % 9 === 0 ? zeroAddress : pick(people.memberAccounts, n3);
  switch (n1 % 12) {
    case 0:
    case 1: {
      const away = people.memberIds.filter((id) => network.members.get(id)?.removedAt !== 0);
      const key = pick(people.keys, n4);
      const url = n4 % 17 === 0 ? 'x'.repeat(257) : 'https://again.example';
      const wanted = n3 % 3 === 0 ? memberId : pickOr(away, n2, memberId);
      const id = n4 % 11 === 0 ? (`0x64${wanted.slice(4)}` as Hex) : wanted;
      return { kind: 'admit', memberId: id, account, url, keys: n3 % 4 === 0 ? [key, key] : [key] };
    }
    case 2:
      return { kind: 'remove', memberId };
    case 3:
    case 4:
    case 5:
      return { kind: 'suspend', memberId };
    case 6:
    case 7:
      return { kind: 'reinstate', memberId };
    case 8:
      return { kind: 'rotate-account', memberId, account };
    case 9:
      return n3 % 2 === 0 && network.closesAt === 0
        ? { kind: 'close-token' }
        : { kind: 'reinstate', memberId };
    default:
      return { kind: 'set-issuance-limit', memberId, limitMicro: BigInt(pick([0, 30e6, 1e9, 1e12], n3)) };
  }
}

function drawTerms(people: People, numbers: readonly number[], now: number): Terms {
  const [, , n2 = 0, n3 = 0, n4 = 0, n5 = 0] = numbers;
  const periodS = pick([86_400, 3_600, 0, 367 * 86_400], n5 % 11 === 0 ? n4 : 0);
  return {
    ...people.terms,
    feeShareBp: pick([0, 200, 10_000, 10_001], n3),
    feeMicroPerKwh: BigInt(pick([0, 10_000, 2 ** 40], n4)),
    feeTo: n2 % 3 === 0 ? 'debtor' : 'creditor',
    currency: n3 % 13 === 0 ? 'CHF' : 'EUR',
    periodS,
    objectionWindowS: pick([3 * 86_400, 1, 0, 61 * 86_400], n5 % 13 === 0 ? n3 : 0),
    noticeS: pick([30, 0, 366, 367], n5 % 7 === 0 ? n3 : 0) * 86_400,
    validFrom: (Math.floor(now / 86_400) + pick([1, 2, 0, 30], n5)) * 86_400 + (n4 % 7 === 0 ? 1 : 0),
  };
}

function drawBatch(
  network: Network,
  people: People,
  trees: Trees,
  numbers: readonly number[],
  now: number,
  from: Address,
): CallOf<'settle'> {
  const [n0 = 0, n1 = 0, n2 = 0, n3 = 0, n4 = 0, n5 = 0] = numbers;
  const [debtor, creditor] = pairAt(people, n1, n2);
  const id = channelIdOf(debtor, creditor);
  const channel = network.channels.get(id);
  const accepted = network.accepted.get([debtor, creditor].sort().join(' ')) ?? [];
  const agreementId = pickOr(n5 % 12 === 0 ? [...network.agreements.keys()] : accepted, n4, zeroHash);
  const terms = network.agreements.get(agreementId)?.terms;

  const payouts = new Map(
    (trees.get(channel?.payoutsRoot ?? zeroHash) ?? []).map((leaf) => [leaf.account, leaf.cumulativeMicro]),
  );
  const earnedMicro = amountOf(n3);
  const operator = pick(people.operators, n4);
  payouts.set(operator, (payouts.get(operator) ?? 0n) + earnedMicro);
  const leaves = [...payouts].map(([account, cumulativeMicro]) => ({ account, cumulativeMicro }));
  const payoutsRoot = rootOf(id, leaves);
  trees.set(payoutsRoot, leaves);

  const energyWh = BigInt(n3 % 100_000);
  const shareMicro = (earnedMicro * BigInt(terms?.feeShareBp ?? 0)) / 10_000n;
  const perEnergyMicro = (energyWh * (terms?.feeMicroPerKwh ?? 0n)) / 1_000n;
  const feeMicro = n5 % 3 === 0 ? 0n : shareMicro + perEnergyMicro + (n5 % 10 === 0 ? 1n : 0n);
  const spoilt = n0 % 23;
  // Often a batch of just one of the charges that are claimed by force, too.
  const own = people.charges.filter(
    ({ driverProvider, stationProvider }) => driverProvider === debtor && stationProvider === creditor,
  );
  const single = n3 % 3 === 0 && own.length > 0 ? pick(own, n4) : undefined;
  const others = keccak256(toHex(`charges ${numbers.join()}`));
  const periodStart = BigInt(now - pick([1, 2, 9, 20], n0) * 86_400);
  const signers = [debtor, creditor].map((member) => network.members.get(member)?.account ?? null);
  return {
    name: 'settle',
    from,
    batch: {
      debtor,
      creditor: spoilt === 1 ? debtor : creditor,
      sequence: (channel?.sequence ?? 0n) + (spoilt === 2 ? 2n : spoilt === 3 ? 0n : 1n),
      periodStart,
      periodEnd: periodStart + (spoilt === 4 ? 0n : 86_400n),
      agreementId,
      count: spoilt === 5 ? 0n : 3n,
      energyWh,
      // The fee comes out of the total; a total too small for what the operators were promised is their loss.
      totalMicro: spoilt === 6 ? 2n ** 128n : spoilt === 7 ? earnedMicro / 2n : earnedMicro + feeMicro,
      feeMicro,
      cdrRoot: spoilt === 8 ? zeroHash : single === undefined ? others : settledRootOf(single),
      payoutsRoot,
    },
    debtorSigner: spoilt === 9 ? null : spoilt === 10 ? from : (signers[0] ?? null),
    creditorSigner: spoilt === 11 ? null : spoilt === 12 ? from : (signers[1] ?? null),
  };
}

function pick<Item>(items: readonly Item[], n: number): Item {
  return items[n % items.length] as Item;
}

function pickOr<Item>(items: readonly Item[], n: number, otherwise: Item): Item {
  return items.length === 0 ? otherwise : pick(items, n);
}

/** Of the first members mostly, so that channels fill. */
function pairAt(people: People, x: number, y: number): readonly [Hex, Hex] {
  const ids = x % 4 === 0 ? people.memberIds : people.memberIds.slice(0, 2);
  const first = pick(ids, x);
  const others = ids.filter((id) => id !== first);
  return [first, pick(others, y)];
}

/** One in which something was settled, if there is any. */
function channelAt(network: Network, people: People, x: number, y: number): readonly [Hex, Hex] {
  const used = people.memberIds
    .flatMap((debtor) => people.memberIds.map((creditor) => [debtor, creditor] as const))
    .filter(([debtor, creditor]) => network.channels.has(channelIdOf(debtor, creditor)));
  return x % 9 === 0 ? pairAt(people, x, y) : pickOr(used, y, pairAt(people, x, y));
}

/** Mostly somebody who has tokens. */
function holderAt(network: Network, people: People, n: number): Address {
  const rich = people.operators.filter((account) => balanceOf(network, account) > 0n);
  return n % 7 === 0 ? pick(people.operators, n) : pickOr(rich, n, pick(people.operators, n));
}

function presentAccount(network: Network, people: People, n: number): Address {
  const known = people.memberIds.flatMap((id) => network.members.get(id)?.account ?? []);
  return pick(known, n);
}

function positionIn(network: Network, memberId: Hex): bigint {
  const money = network.money.get(memberId);
  return money === undefined ? 0n : money.issuedMicro - money.redeemedMicro;
}

function amountOf(n: number): bigint {
  return n % 17 === 0 ? 0n : BigInt(n % 40_000_000);
}

/** All of it, more than it, none of it, or some. */
function partOf(network: Network, account: Address, n: number): bigint {
  const all = balanceOf(network, account);
  if (n % 13 === 0) return all + 1n;
  if (n % 13 === 1) return 0n;
  return all / BigInt((n % 5) + 1);
}
