import { accept, type Result } from '@p2p-power/tariff/Result';
import { type Address, type Hex, hexToString, stringToHex, zeroAddress, zeroHash } from 'viem';
import { type ChainClient, type ChainSigner, contractAt } from './ChainClient.ts';
import { withChainFaults } from './ChainFault.ts';
import type { ChainRefusal } from './ChainRefusal.ts';
import { clearingAbi } from './generated/Clearing.ts';
import { peeringAbi } from './generated/Peering.ts';
import { submitOnce, type TxOutcome } from './submitTransaction.ts';

/** What two providers agree on; IPeering.sol says what each means. */
export type Terms = {
  /** Hundredths of a percent of a batch's total. */
  readonly feeShareBp: number;
  readonly feeMicroPerKwh: bigint;
  /** Whose the fee is; the debtor's is not issued at all. */
  readonly feeTo: 'creditor' | 'debtor';
  /** ISO 4217. */
  readonly currency: string;
  readonly periodS: number;
  readonly handInDeadlineS: number;
  readonly graceS: number;
  /** How long the debtor of a forced claim may object. */
  readonly objectionWindowS: number;
  readonly creditLimitMicro: bigint;
  /** What a false claim costs its maker, and a false objection the debtor. */
  readonly disputeFeeMicro: bigint;
  /** The pair's own contract that says the fee (IPeeringTerms.sol); null if it has none. */
  readonly termsContract: Address | null;
  /** Epoch seconds. */
  readonly validFrom: number;
  /** How long before its end notice must be given. */
  readonly noticeS: number;
};

export type Agreement = {
  readonly agreementId: Hex;
  readonly members: readonly [Hex, Hex];
  readonly proposer: Hex;
  readonly version: number;
  readonly terms: Terms;
  readonly acceptedAt: number | null;
  /** From when on it is no longer in force, by notice. */
  readonly endsAt: number | null;
};

const feeToNames = ['creditor', 'debtor'] as const;

const peeringOf = (client: ChainClient) => contractAt(client.deployment.peering, peeringAbi);

function encodeTerms(terms: Terms) {
  return {
    ...terms,
    feeTo: feeToNames.indexOf(terms.feeTo),
    currency: stringToHex(terms.currency, { size: 3 }),
    termsContract: terms.termsContract ?? zeroAddress,
    validFrom: BigInt(terms.validFrom),
  };
}

/**
 * Proposes terms to another member. `agreement-exists` says that the other has proposed the very same: accept it then.
 *
 * @param proposal.version one more than the pair's last accepted version; 1 for the first
 */
export async function proposeAgreement(
  client: ChainClient,
  signer: ChainSigner,
  proposal: { readonly me: Hex; readonly other: Hex; readonly version: number; readonly terms: Terms },
): Promise<Result<TxOutcome & { readonly agreementId: Hex }, ChainRefusal>> {
  const { me, other, version } = proposal;
  const terms = encodeTerms(proposal.terms);
  const agreementId = await withChainFaults(() =>
    client.rpc.readContract({
      ...peeringOf(client),
      functionName: 'agreementIdOf',
      args: [me, other, version, terms],
    }),
  );
  const sent = await submitOnce(
    client,
    signer,
    { ...peeringOf(client), functionName: 'propose', args: [other, version, terms] },
    async () => (await readAgreement(client, agreementId))?.proposer === me,
  );
  return sent.ok ? accept({ ...sent.value, agreementId }) : sent;
}

export function acceptAgreement(
  client: ChainClient,
  signer: ChainSigner,
  agreementId: Hex,
): Promise<Result<TxOutcome, ChainRefusal>> {
  return submitOnce(
    client,
    signer,
    { ...peeringOf(client), functionName: 'accept', args: [agreementId] },
    async () => {
      const found = await readAgreement(client, agreementId);
      return found !== null && found.acceptedAt !== null;
    },
  );
}

/**
 * Ends an agreement of the signer's, once and for good.
 *
 * @param endsAt epoch seconds, at least the agreement's `noticeS` from now
 */
export function giveNotice(
  client: ChainClient,
  signer: ChainSigner,
  agreementId: Hex,
  endsAt: number,
): Promise<Result<TxOutcome, ChainRefusal>> {
  return submitOnce(
    client,
    signer,
    { ...peeringOf(client), functionName: 'giveNotice', args: [agreementId, BigInt(endsAt)] },
    async () => (await readAgreement(client, agreementId))?.endsAt === endsAt,
  );
}

export async function readAgreement(client: ChainClient, agreementId: Hex): Promise<Agreement | null> {
  const found = await withChainFaults(() =>
    client.rpc.readContract({ ...peeringOf(client), functionName: 'agreement', args: [agreementId] }),
  );
  if (found.version === 0) return null;
  return {
    agreementId,
    members: [found.memberA, found.memberB],
    proposer: found.proposer,
    version: found.version,
    acceptedAt: found.acceptedAt === 0n ? null : Number(found.acceptedAt),
    endsAt: found.endsAt === 0n ? null : Number(found.endsAt),
    terms: {
      ...found.terms,
      feeTo: feeToNames[found.terms.feeTo] ?? 'creditor',
      termsContract: found.terms.termsContract === zeroAddress ? null : found.terms.termsContract,
      currency: hexToString(found.terms.currency),
      validFrom: Number(found.terms.validFrom),
    },
  };
}

/** The agreement of two members that is in force at a time (epoch seconds). */
export async function readCurrentAgreement(
  client: ChainClient,
  memberX: Hex,
  memberY: Hex,
  at: number,
): Promise<Agreement | null> {
  const agreementId = await withChainFaults(() =>
    client.rpc.readContract({
      ...peeringOf(client),
      functionName: 'currentAgreement',
      args: [memberX, memberY, BigInt(at)],
    }),
  );
  return agreementId === zeroHash ? null : readAgreement(client, agreementId);
}

/** All that two members ever agreed on and both accepted, by version. */
export async function readAcceptedAgreements(
  client: ChainClient,
  memberX: Hex,
  memberY: Hex,
): Promise<readonly Agreement[]> {
  const ids = await withChainFaults(() =>
    client.rpc.readContract({
      ...peeringOf(client),
      functionName: 'agreementsOf',
      args: [memberX, memberY],
    }),
  );
  const found = await Promise.all(ids.map((agreementId) => readAgreement(client, agreementId)));
  return found.filter((agreement) => agreement !== null);
}

/** What was charged, as a fee is asked for it: a batch, or the one charge of a claim. */
export type Usage = {
  readonly debtor: Hex;
  readonly creditor: Hex;
  /** Epoch seconds: the first second, and the first one after. */
  readonly from: bigint;
  readonly to: bigint;
  readonly count: bigint;
  readonly energyWh: bigint;
  readonly totalMicro: bigint;
};

/** The most that the fee may be by the contract's own word: the pair's terms contract is asked, as in settling. */
export async function readFeeBound(client: ChainClient, agreementId: Hex, usage: Usage): Promise<bigint> {
  return withChainFaults(() =>
    client.rpc.readContract({
      ...contractAt(client.deployment.clearing, clearingAbi),
      functionName: 'feeBoundMicro',
      args: [agreementId, usage],
    }),
  );
}

/**
 * The most that the fee may be of a batch where the pair has no terms contract: the share of the total and the price of
 * the energy, each rounded down.
 */
export function feeBoundMicro(
  terms: Pick<Terms, 'feeShareBp' | 'feeMicroPerKwh'>,
  totalMicro: bigint,
  energyWh: bigint,
): bigint {
  const boundMicro =
    (totalMicro * BigInt(terms.feeShareBp)) / 10_000n + (energyWh * terms.feeMicroPerKwh) / 1_000n;
  return boundMicro < totalMicro ? boundMicro : totalMicro;
}
