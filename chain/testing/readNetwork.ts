import { type Abi, type Address, type Hex, hexToString, zeroHash } from 'viem';
import { channelId as channelIdOf } from '../BatchSigning.ts';
import { type ChainClient, contractAt } from '../ChainClient.ts';
import { chargeTokenAbi } from '../generated/ChargeToken.ts';
import { clearingAbi } from '../generated/Clearing.ts';
import { consortiumAbi } from '../generated/Consortium.ts';
import { forcedClaimsAbi } from '../generated/ForcedClaims.ts';
import { peeringAbi } from '../generated/Peering.ts';
import { countVoters, isLiable } from '../model/actConsortium.ts';
import { agreementInForce } from '../model/actPeering.ts';
import { balanceOf } from '../model/actToken.ts';
import { isActive, isPresent, type Network, presentMemberOf } from '../model/Network.ts';

/** What to compare: everything that the test's people and ids can be asked for. */
export type Universe = { readonly memberIds: readonly Hex[]; readonly accounts: readonly Address[] };

type Row = {
  readonly what: string;
  readonly address: Address;
  readonly abi: Abi;
  readonly functionName: string;
  readonly args: readonly unknown[];
  /** The model's value. */
  readonly must: unknown;
  /** Of the contract's answer what is compared; all of it unless given. */
  readonly pick?: (found: never) => unknown;
};

const graceS = 86_400;
const redemptionPeriodS = 10 * 86_400;
const statuses = ['none', 'open', 'paying', 'paid', 'cancelled', 'overdue'];

/**
 * Reads the whole state of the contracts in few calls and names what differs from the model: none when all is equal.
 * `now` is the time of the newest block.
 */
export async function findDifferences(
  client: ChainClient,
  network: Network,
  universe: Universe,
  now: number,
): Promise<readonly string[]> {
  const rows = [
    ...consortiumRows(client, network, universe, now),
    ...peeringRows(client, network, universe, now),
    ...tokenRows(client, network, universe, now),
    ...clearingRows(client, network, universe),
    ...forcedClaimRows(client, network),
  ];
  const found = await client.rpc.multicall({
    contracts: rows.map(({ address, abi, functionName, args }) => ({ address, abi, functionName, args })),
    deployless: true,
    batchSize: 2_500,
    allowFailure: false,
  });
  return rows.flatMap(({ what, must, pick }, index) => {
    const is = pick === undefined ? found[index] : pick(found[index] as never);
    const [a, b] = [show(is), show(must)];
    return a === b ? [] : [`${what} is ${a}, in the model ${b}`];
  });
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'bigint' ? String(inner) : typeof inner === 'number' ? String(inner) : inner,
  ).toLowerCase();
}

function consortiumRows(
  client: ChainClient,
  network: Network,
  { memberIds, accounts }: Universe,
  now: number,
): readonly Row[] {
  const at = contractAt(client.deployment.consortium, consortiumAbi as Abi);
  const members = [...network.members.values()];
  const rows: Row[] = [
    { what: 'voters', ...at, functionName: 'voterCount', args: [], must: countVoters(network) },
    {
      what: 'members',
      ...at,
      functionName: 'memberCount',
      args: [],
      must: members.filter(isPresent).length,
    },
  ];
  for (const memberId of memberIds) {
    const member = network.members.get(memberId);
    const name = hexToString(memberId).slice(0, 5);
    rows.push({
      what: `member ${name}`,
      ...at,
      functionName: 'member',
      args: [memberId],
      pick: (found: Record<string, unknown>) => [
        found.account,
        found.admittedAt,
        found.suspendedAt,
        found.removedAt,
        found.url,
      ],
      must:
        member === undefined
          ? [`0x${'0'.repeat(40)}`, 0, 0, 0, '']
          : [member.account, member.admittedAt, member.suspendedAt, member.removedAt, member.url],
    } as Row);
    rows.push({
      what: `active ${name}`,
      ...at,
      functionName: 'isActive',
      args: [memberId],
      must: isActive(member),
    });
    rows.push({
      what: `keys of ${name}`,
      ...at,
      functionName: 'keys',
      args: [memberId],
      pick: (found: readonly { x: Hex; y: Hex; addedAt: bigint; retiredAt: bigint }[]) =>
        found.map(({ x, y, addedAt, retiredAt }) => [`${x} ${y}`, addedAt, retiredAt]),
      must: [...(member?.keys ?? [])].map(([key, { addedAt, retiredAt }]) => [key, addedAt, retiredAt]),
    } as Row);
    for (const [signedAt, grace] of [
      [now, 0],
      [now, graceS],
      [now - 3 * graceS, graceS],
      [now - 9 * graceS, 0],
    ] as const) {
      rows.push({
        what: `liability of ${name} at ${signedAt - now} with ${grace}`,
        ...at,
        functionName: 'isLiable',
        args: [memberId, BigInt(signedAt), BigInt(grace)],
        must: isLiable(network, memberId, signedAt, grace),
      });
    }
  }
  for (const account of accounts) {
    const holder = { ...at, args: [account] };
    rows.push({
      what: `member of ${account}`,
      ...holder,
      functionName: 'memberOf',
      must: presentMemberOf(network, account) ?? zeroHash,
    });
    rows.push({
      what: `member or former of ${account}`,
      ...holder,
      functionName: 'memberOrFormerOf',
      must: network.holders.get(account) ?? zeroHash,
    });
  }
  for (const [proposalId, { expiresAt, isExecuted, voters }] of network.proposals) {
    rows.push({
      what: `proposal ${proposalId}`,
      ...at,
      functionName: 'proposal',
      args: [proposalId],
      pick: (found: Record<string, unknown>) => [found.expiresAt, found.executed],
      must: [expiresAt, isExecuted],
    } as Row);
    rows.push({
      what: `votes for ${proposalId}`,
      ...at,
      functionName: 'votes',
      args: [proposalId],
      must: voters,
    });
  }
  return rows;
}

function peeringRows(
  client: ChainClient,
  network: Network,
  { memberIds }: Universe,
  now: number,
): readonly Row[] {
  const at = contractAt(client.deployment.peering, peeringAbi as Abi);
  const rows: Row[] = [];
  for (const [agreementId, { acceptedAt, endsAt, proposer, version }] of network.agreements) {
    rows.push({
      what: `agreement ${agreementId}`,
      ...at,
      functionName: 'agreement',
      args: [agreementId],
      pick: (found: Record<string, unknown>) => [
        found.acceptedAt,
        found.endsAt,
        found.proposer,
        found.version,
      ],
      must: [acceptedAt, endsAt, proposer, version],
    } as Row);
  }
  for (const [x, y] of pairsOf(memberIds).filter(([first, second]) => first < second)) {
    for (const time of [now - 86_400, now, now + 40 * 86_400]) {
      rows.push({
        what: `agreement of ${x} and ${y} at ${time - now}`,
        ...at,
        functionName: 'currentAgreement',
        args: [y, x, BigInt(time)],
        must: agreementInForce(network, x, y, time) ?? zeroHash,
      });
    }
  }
  return rows;
}

function tokenRows(
  client: ChainClient,
  network: Network,
  { memberIds, accounts }: Universe,
  now: number,
): readonly Row[] {
  const at = contractAt(client.deployment.chargeToken, chargeTokenAbi as Abi);
  const supplyMicro = [...network.money.values()].reduce(
    (sum, { issuedMicro, redeemedMicro }) => sum + issuedMicro - redeemedMicro,
    0n,
  );
  const rows: Row[] = [
    { what: 'supply', ...at, functionName: 'totalSupply', args: [], must: supplyMicro },
    { what: 'close', ...at, functionName: 'closesAt', args: [], must: network.closesAt },
  ];
  for (const memberId of memberIds) {
    rows.push({
      what: `account of ${memberId}`,
      ...at,
      functionName: 'accountState',
      args: [memberId],
      must: network.money.get(memberId) ?? { issuedMicro: 0n, redeemedMicro: 0n, limitMicro: 0n },
    });
  }
  const { clearing, chargeToken, forcedClaims } = client.deployment;
  const contracts = [clearing, chargeToken, forcedClaims].map((account) => account.toLowerCase() as Address);
  for (const account of [...accounts, ...contracts]) {
    rows.push({
      what: `balance of ${account}`,
      ...at,
      functionName: 'balanceOf',
      args: [account],
      must: balanceOf(network, account),
    });
    rows.push({
      what: `permits of ${account}`,
      ...at,
      functionName: 'nonces',
      args: [account],
      must: network.permitNonces.get(account) ?? 0n,
    });
  }
  for (const [key, must] of network.allowances) {
    rows.push({ what: `allowance ${key}`, ...at, functionName: 'allowance', args: key.split(' '), must });
  }
  for (const [redemptionId, redemption] of network.redemptions) {
    const { holder, provider, amountMicro, requestedAt, payBy, bankReference, status } = redemption;
    const isWaiting = status === 'open' || (status === 'paying' && now > payBy);
    const isOverdue = isWaiting && now > requestedAt + redemptionPeriodS;
    rows.push({
      what: `redemption ${redemptionId}`,
      ...at,
      functionName: 'redemption',
      args: [redemptionId],
      pick: (found: Record<string, unknown>) => [
        found.holder,
        found.provider,
        found.amountMicro,
        found.requestedAt,
        found.payBy,
        found.bankReference,
        statuses[found.status as number],
      ],
      must: [
        holder,
        provider,
        amountMicro,
        requestedAt,
        payBy,
        bankReference,
        isOverdue ? 'overdue' : status,
      ],
    } as Row);
  }
  return rows;
}

function clearingRows(client: ChainClient, network: Network, { memberIds }: Universe): readonly Row[] {
  const at = contractAt(client.deployment.clearing, clearingAbi as Abi);
  const rows: Row[] = [];
  for (const [debtor, creditor] of pairsOf(memberIds)) {
    const id = channelIdOf(debtor, creditor);
    const must = network.channels.get(id) ?? { sequence: 0n, potMicro: 0n, payoutsRoot: zeroHash };
    const { sequence, potMicro, payoutsRoot } = must;
    rows.push({
      what: `channel ${debtor} to ${creditor}`,
      ...at,
      functionName: 'channel',
      args: [id],
      pick: (found: Record<string, unknown>) => [found.sequence, found.potMicro, found.payoutsRoot],
      must: [sequence, potMicro, payoutsRoot],
    } as Row);
    rows.push({
      what: `root after the last of ${debtor} to ${creditor}`,
      ...at,
      functionName: 'settledRoot',
      args: [id, sequence + 1n],
      must: zeroHash,
    });
  }
  for (const [key, must] of network.settledRoots) {
    const [id, sequence] = key.split(' ') as [Hex, string];
    rows.push({
      what: `root ${key}`,
      ...at,
      functionName: 'settledRoot',
      args: [id, BigInt(sequence)],
      must,
    });
  }
  for (const [key, must] of network.claimed) {
    rows.push({ what: `claimed ${key}`, ...at, functionName: 'claimedMicro', args: key.split(' '), must });
  }
  return rows;
}

const claimStatuses = ['none', 'raised', 'paid', 'void'];

function forcedClaimRows(client: ChainClient, network: Network): readonly Row[] {
  const at = contractAt(client.deployment.forcedClaims, forcedClaimsAbi as Abi);
  const rows: Row[] = [];
  for (const [claimId, { status }] of network.forcedClaims) {
    rows.push({
      what: `forced claim ${claimId}`,
      ...at,
      functionName: 'statusOf',
      args: [claimId],
      pick: (found: number) => claimStatuses[found],
      must: status,
    } as Row);
  }
  for (const [root, must] of network.handIns) {
    rows.push({ what: `hand-in ${root}`, ...at, functionName: 'handInAnchoredAt', args: [root], must });
  }
  for (const [key, must] of network.revocations) {
    const args = key.split(' ');
    rows.push({ what: `revocations ${key}`, ...at, functionName: 'revocationsAnchoredAt', args, must });
  }
  return rows;
}

function pairsOf(memberIds: readonly Hex[]): readonly (readonly [Hex, Hex])[] {
  return memberIds.flatMap((x) => memberIds.filter((y) => y !== x).map((y) => [x, y] as const));
}
