import { accept, type Result } from '@p2p-power/tariff/Result';
import { type Hex, hexToString, stringToHex, zeroHash } from 'viem';
import { type ChainClient, type ChainSigner, contractAt } from './ChainClient.ts';
import { withChainFaults } from './ChainFault.ts';
import type { ChainRefusal } from './ChainRefusal.ts';
import { peeringAbi } from './generated/Peering.ts';
import { submitOnce, type TxOutcome } from './submitTransaction.ts';

/** What two providers agree on; IPeering.sol says what each means. */
export type Terms = {
  /** Hundredths of a percent of a batch's total. */
  readonly feeShareBp: number;
  readonly feeMicroPerKwh: bigint;
  /** ISO 4217. */
  readonly currency: string;
  readonly periodS: number;
  readonly handInDeadlineS: number;
  readonly graceS: number;
  readonly creditLimitMicro: bigint;
  /** Epoch seconds. */
  readonly validFrom: number;
};

export type Agreement = {
  readonly agreementId: Hex;
  readonly members: readonly [Hex, Hex];
  readonly proposer: Hex;
  readonly version: number;
  readonly terms: Terms;
  readonly acceptedAt: number | null;
};

const peeringOf = (client: ChainClient) => contractAt(client.deployment.peering, peeringAbi);

function encodeTerms(terms: Terms) {
  return { ...terms, currency: stringToHex(terms.currency, { size: 3 }), validFrom: BigInt(terms.validFrom) };
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
    terms: {
      ...found.terms,
      currency: hexToString(found.terms.currency),
      validFrom: Number(found.terms.validFrom),
    },
  };
}

/** The newest accepted agreement of two members that is valid at a time (epoch seconds). */
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

/** The most that the creditor may keep of a batch: the share of the total and the price of the energy, each rounded down. */
export function feeBoundMicro(
  terms: Pick<Terms, 'feeShareBp' | 'feeMicroPerKwh'>,
  totalMicro: bigint,
  energyWh: bigint,
): bigint {
  const boundMicro =
    (totalMicro * BigInt(terms.feeShareBp)) / 10_000n + (energyWh * terms.feeMicroPerKwh) / 1_000n;
  return boundMicro < totalMicro ? boundMicro : totalMicro;
}
