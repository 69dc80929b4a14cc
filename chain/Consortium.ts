import { accept, type Result } from '@p2p-power/tariff/Result';
import {
  type Address,
  encodeAbiParameters,
  type Hex,
  isAddressEqual,
  keccak256,
  parseAbiParameters,
} from 'viem';
import { type ChainClient, type ChainSigner, contractAt } from './ChainClient.ts';
import { withChainFaults } from './ChainFault.ts';
import type { ChainRefusal } from './ChainRefusal.ts';
import { encodeTimeZone } from './Deployment.ts';
import { consortiumAbi } from './generated/Consortium.ts';
import { forcedClaimsAbi } from './generated/ForcedClaims.ts';
import { decodeMemberId } from './MemberId.ts';
import type { PublicKeyPoint } from './PublicKeyPoint.ts';
import { submitOnce, type TxOutcome } from './submitTransaction.ts';
import type { TimeZoneRule } from './timeZoneRules.ts';

export type CertificateKey = PublicKeyPoint & { readonly addedAt: number; readonly retiredAt: number | null };

export type Member = {
  readonly memberId: Hex;
  readonly partyId: string;
  readonly account: Address;
  readonly url: string;
  /** Epoch seconds. */
  readonly admittedAt: number;
  /** Not null while suspended, and of a removed member: from then on it makes no new debts. */
  readonly suspendedAt: number | null;
  readonly removedAt: number | null;
  readonly keys: readonly CertificateKey[];
};

export type Candidate = {
  readonly memberId: Hex;
  readonly account: Address;
  readonly url: string;
  readonly keys: readonly PublicKeyPoint[];
};

/** What the members decide by vote. */
export type ConsortiumAction =
  | { readonly kind: 'admit'; readonly candidate: Candidate }
  | { readonly kind: 'remove'; readonly memberId: Hex }
  | { readonly kind: 'rotate-account'; readonly memberId: Hex; readonly account: Address }
  | { readonly kind: 'set-issuance-limit'; readonly memberId: Hex; readonly limitMicro: bigint }
  | { readonly kind: 'suspend'; readonly memberId: Hex }
  | { readonly kind: 'reinstate'; readonly memberId: Hex }
  /** The deployment's own token; after its closing period nothing in it changes any more. */
  | { readonly kind: 'close-token' }
  | { readonly kind: 'name-successor'; readonly successor: Address }
  /** A new zone, or the next rule of a known one, from the future on. */
  | { readonly kind: 'set-time-zone'; readonly rule: TimeZoneRule };

export type Proposal = {
  readonly proposalId: Hex;
  readonly proposer: Hex;
  readonly kind: ConsortiumAction['kind'];
  /** The action's ABI-encoded content. */
  readonly data: Hex;
  readonly executed: boolean;
  /** Epoch seconds. */
  readonly expiresAt: number;
  /** Members that voted for it. */
  readonly votes: readonly Hex[];
};

/** The kinds of actions, each at its number in the contract (`IConsortium.Action`). */
export const actionKinds = [
  'admit',
  'remove',
  'rotate-account',
  'set-issuance-limit',
  'suspend',
  'reinstate',
  'close-token',
  'name-successor',
  'set-time-zone',
] as const satisfies readonly ConsortiumAction['kind'][];

const consortiumOf = (client: ChainClient) => contractAt(client.deployment.consortium, consortiumAbi);

export async function readMember(client: ChainClient, memberId: Hex): Promise<Member | null> {
  const contract = consortiumOf(client);
  const [found, keys] = await withChainFaults(() =>
    Promise.all([
      client.rpc.readContract({ ...contract, functionName: 'member', args: [memberId] }),
      client.rpc.readContract({ ...contract, functionName: 'keys', args: [memberId] }),
    ]),
  );
  if (found.admittedAt === 0) return null;
  return {
    memberId,
    partyId: decodeMemberId(memberId),
    account: found.account,
    url: found.url,
    admittedAt: found.admittedAt,
    suspendedAt: timeOrNull(found.suspendedAt),
    removedAt: timeOrNull(found.removedAt),
    keys: keys.map(({ x, y, addedAt, retiredAt }) => ({
      x,
      y,
      addedAt: Number(addedAt),
      retiredAt: timeOrNull(retiredAt),
    })),
  };
}

/** Every member and former member, in the order of their first admission. */
export async function readMembers(client: ChainClient): Promise<readonly Member[]> {
  const ids = await withChainFaults(() =>
    client.rpc.readContract({ ...consortiumOf(client), functionName: 'memberIds' }),
  );
  const members = await Promise.all(ids.map((memberId) => readMember(client, memberId)));
  return members.filter((member) => member !== null);
}

/** The id of the member with this account; 32 zero bytes if there is none. */
export async function memberOf(client: ChainClient, account: Address): Promise<Hex> {
  return withChainFaults(() =>
    client.rpc.readContract({ ...consortiumOf(client), functionName: 'memberOf', args: [account] }),
  );
}

/** Adds a certificate key to the signer's own. */
export function addKey(
  client: ChainClient,
  signer: ChainSigner,
  key: PublicKeyPoint,
): Promise<Result<TxOutcome, ChainRefusal>> {
  return submitOnce(
    client,
    signer,
    { ...consortiumOf(client), functionName: 'addKey', args: [key.x, key.y] },
    async () => (await findOwnKey(client, signer, key)) !== undefined,
  );
}

/**
 * Ends the use of one of the signer's own certificate keys, for good.
 *
 * @param key.from epoch seconds from which on nothing is signed with it; 0 is now. A time ahead lets it and the next key
 * overlap; it may be moved to an earlier time, never to a later one
 */
export function retireKey(
  client: ChainClient,
  signer: ChainSigner,
  key: PublicKeyPoint & { readonly from?: number },
): Promise<Result<TxOutcome, ChainRefusal>> {
  const from = key.from ?? 0;
  return submitOnce(
    client,
    signer,
    { ...consortiumOf(client), functionName: 'retireKey', args: [key.x, key.y, BigInt(from)] },
    async () => {
      const retiredAt = (await findOwnKey(client, signer, key))?.retiredAt ?? null;
      if (retiredAt === null) return false;
      return from === 0 ? retiredAt <= (await readBlockTime(client)) : retiredAt === from;
    },
  );
}

/** Since when and until when a key is a member's; null if it never was. */
export async function readKeyTimes(
  client: ChainClient,
  memberId: Hex,
  key: PublicKeyPoint,
): Promise<{ readonly addedAt: number; readonly retiredAt: number | null } | null> {
  const [addedAt, retiredAt] = await withChainFaults(() =>
    client.rpc.readContract({
      ...consortiumOf(client),
      functionName: 'keyTimes',
      args: [memberId, key.x, key.y],
    }),
  );
  return addedAt === 0n ? null : { addedAt: Number(addedAt), retiredAt: timeOrNull(retiredAt) };
}

/** Whether a member answers for what was authorized at a time (epoch seconds). */
export async function isLiableAt(client: ChainClient, memberId: Hex, at: number): Promise<boolean> {
  return withChainFaults(() =>
    client.rpc.readContract({
      ...consortiumOf(client),
      functionName: 'liableAt',
      args: [memberId, BigInt(at)],
    }),
  );
}

/** How many members may vote; more than half of them decide. */
export async function readVoterCount(client: ChainClient): Promise<number> {
  return Number(
    await withChainFaults(() =>
      client.rpc.readContract({ ...consortiumOf(client), functionName: 'voterCount' }),
    ),
  );
}

/** Tells where the signer's server is. */
export function setUrl(
  client: ChainClient,
  signer: ChainSigner,
  url: string,
): Promise<Result<TxOutcome, ChainRefusal>> {
  return submitOnce(
    client,
    signer,
    { ...consortiumOf(client), functionName: 'setUrl', args: [url] },
    async () => (await readOwnMember(client, signer))?.url === url,
  );
}

/**
 * Puts something to the vote, with the proposer's own vote.
 *
 * @param salt 32 bytes that tell this proposal from an equal one made at another time
 */
export async function proposeAction(
  client: ChainClient,
  signer: ChainSigner,
  action: ConsortiumAction,
  salt: Hex,
): Promise<Result<TxOutcome & { readonly proposalId: Hex }, ChainRefusal>> {
  const [number, data] = [actionKinds.indexOf(action.kind), await encodeAction(client, action)];
  const proposer = await memberOf(client, signer.address);
  const proposalId = proposalIdOf(client, { proposer, action: number, data, salt });
  const sent = await submitOnce(
    client,
    signer,
    { ...consortiumOf(client), functionName: 'propose', args: [number, data, salt] },
    async () => (await readProposal(client, proposalId)) !== null,
  );
  return sent.ok ? accept({ ...sent.value, proposalId }) : sent;
}

export async function voteFor(
  client: ChainClient,
  signer: ChainSigner,
  proposalId: Hex,
): Promise<Result<TxOutcome, ChainRefusal>> {
  const me = await memberOf(client, signer.address);
  return submitOnce(
    client,
    signer,
    { ...consortiumOf(client), functionName: 'vote', args: [proposalId] },
    async () => (await readProposal(client, proposalId))?.votes.includes(me) ?? false,
  );
}

/** Carries out what more than half of the members voted for. Anyone may call. */
export function executeProposal(
  client: ChainClient,
  signer: ChainSigner,
  proposalId: Hex,
): Promise<Result<TxOutcome, ChainRefusal>> {
  return submitOnce(
    client,
    signer,
    { ...consortiumOf(client), functionName: 'execute', args: [proposalId] },
    async () => (await readProposal(client, proposalId))?.executed ?? false,
  );
}

export async function readProposal(client: ChainClient, proposalId: Hex): Promise<Proposal | null> {
  const contract = consortiumOf(client);
  const [found, votes] = await withChainFaults(() =>
    Promise.all([
      client.rpc.readContract({ ...contract, functionName: 'proposal', args: [proposalId] }),
      client.rpc.readContract({ ...contract, functionName: 'votes', args: [proposalId] }),
    ]),
  );
  const kind = actionKinds[found.action];
  if (found.expiresAt === 0n || kind === undefined) return null;
  const { proposer, data, executed } = found;
  return { proposalId, proposer, kind, data, executed, expiresAt: Number(found.expiresAt), votes };
}

export const candidateAbi = parseAbiParameters([
  'Candidate candidate',
  'struct Candidate { bytes32 memberId; address account; string url; PublicKey[] keys; }',
  'struct PublicKey { bytes32 x; bytes32 y; }',
]);

export const timeZoneAbi = parseAbiParameters([
  'address pricing, bytes32 zone, Rule rule',
  'struct Rule { uint64 from; int32 standardOffsetS; uint8 daylightSaving; }',
]);

async function readPricing(client: ChainClient): Promise<Address> {
  return withChainFaults(() =>
    client.rpc.readContract({
      ...contractAt(client.deployment.forcedClaims, forcedClaimsAbi),
      functionName: 'pricing',
    }),
  );
}

async function encodeAction(client: ChainClient, action: ConsortiumAction): Promise<Hex> {
  const [bytes32, address, uint256] = [
    { type: 'bytes32' },
    { type: 'address' },
    { type: 'uint256' },
  ] as const;
  switch (action.kind) {
    case 'admit':
      return encodeAbiParameters(candidateAbi, [action.candidate]);
    case 'remove':
    case 'suspend':
    case 'reinstate':
      return encodeAbiParameters([bytes32], [action.memberId]);
    case 'rotate-account':
      return encodeAbiParameters([bytes32, address], [action.memberId, action.account]);
    case 'set-issuance-limit':
      return encodeAbiParameters(
        [address, bytes32, uint256],
        [client.deployment.chargeToken, action.memberId, action.limitMicro],
      );
    case 'close-token':
      return encodeAbiParameters([address], [client.deployment.chargeToken]);
    case 'name-successor':
      return encodeAbiParameters([address, address], [client.deployment.chargeToken, action.successor]);
    case 'set-time-zone': {
      const { name, rule } = encodeTimeZone(action.rule);
      return encodeAbiParameters(timeZoneAbi, [await readPricing(client), name, rule]);
    }
  }
}

function proposalIdOf(
  client: ChainClient,
  proposal: { readonly proposer: Hex; readonly action: number; readonly data: Hex; readonly salt: Hex },
): Hex {
  const { chainId, consortium } = client.deployment;
  const { proposer, action, data, salt } = proposal;
  return keccak256(
    encodeAbiParameters(
      [
        { type: 'uint256' },
        { type: 'address' },
        { type: 'bytes32' },
        { type: 'uint8' },
        { type: 'bytes' },
        { type: 'bytes32' },
      ],
      [BigInt(chainId), consortium, proposer, action, data, salt],
    ),
  );
}

async function readBlockTime(client: ChainClient): Promise<number> {
  return Number((await client.rpc.getBlock()).timestamp);
}

async function readOwnMember(client: ChainClient, signer: ChainSigner): Promise<Member | null> {
  const member = await readMember(client, await memberOf(client, signer.address));
  return member !== null && isAddressEqual(member.account, signer.address) ? member : null;
}

async function findOwnKey(
  client: ChainClient,
  signer: ChainSigner,
  key: PublicKeyPoint,
): Promise<CertificateKey | undefined> {
  const member = await readOwnMember(client, signer);
  return member?.keys.find(({ x, y }) => BigInt(x) === BigInt(key.x) && BigInt(y) === BigInt(key.y));
}

function timeOrNull(time: bigint | number): number | null {
  return Number(time) === 0 ? null : Number(time);
}
