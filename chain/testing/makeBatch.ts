import { StandardMerkleTree } from '@openzeppelin/merkle-tree';
import { type Address, concat, type Hex, keccak256, sha256, stringToHex, toHex } from 'viem';
import { type Batch, type BatchDomain, channelId, type SignedBatch, signBatch } from '../BatchSigning.ts';
import { type TestMember, testNetworkId } from './foundTestNetwork.ts';

export type TestCharge = { readonly authorizationId: Hex; readonly cdrId: Hex; readonly chargeMicro: bigint };
export type TestPayout = { readonly account: Address; readonly cumulativeMicro: bigint };

/** The type word of the leaves of a batch's charges. */
export const settledChargeTypeWord: Hex = sha256(
  concat([stringToHex('p2p-power/1/SettledCharge'), testNetworkId]),
);

/** Charges that differ in everything, always the same for the same numbers. */
export function testCharges(count: number, seed = 'charge'): readonly TestCharge[] {
  return Array.from({ length: count }, (_, index) => ({
    authorizationId: keccak256(toHex(`${seed} authorization ${index}`)),
    cdrId: keccak256(toHex(`${seed} cdr ${index}`)),
    chargeMicro: 1_000_000n + BigInt((index * 7_919) % 20_000_000),
  }));
}

/** A batch that both have signed, with the trees under its two roots. */
export async function makeBatch(
  domain: BatchDomain,
  parties: { readonly debtor: TestMember; readonly creditor: TestMember },
  content: {
    readonly sequence: bigint;
    readonly agreementId: Hex;
    readonly charges: readonly TestCharge[];
    readonly payouts: readonly TestPayout[];
    readonly feeMicro?: bigint;
    readonly change?: Partial<Batch>;
  },
) {
  const channel = channelId(parties.debtor.memberId, parties.creditor.memberId);
  const cdrTree = StandardMerkleTree.of(
    content.charges.map((charge) => [
      settledChargeTypeWord,
      charge.authorizationId,
      charge.cdrId,
      charge.chargeMicro,
    ]),
    ['bytes32', 'bytes32', 'bytes32', 'uint256'],
  );
  const payoutTree = StandardMerkleTree.of(
    content.payouts.map(({ account, cumulativeMicro }) => [channel, account, cumulativeMicro]),
    ['bytes32', 'address', 'uint256'],
  );
  const batch: Batch = {
    debtor: parties.debtor.memberId,
    creditor: parties.creditor.memberId,
    sequence: content.sequence,
    periodStart: 1_760_000_000n,
    periodEnd: 1_760_086_400n,
    agreementId: content.agreementId,
    count: BigInt(content.charges.length),
    energyWh: BigInt(content.charges.length) * 20_000n,
    totalMicro: content.charges.reduce((sum, { chargeMicro }) => sum + chargeMicro, 0n),
    feeMicro: content.feeMicro ?? 0n,
    cdrRoot: cdrTree.root as Hex,
    payoutsRoot: payoutTree.root as Hex,
    ...content.change,
  };
  const signed: SignedBatch = {
    batch,
    debtorSignature: await signBatch(domain, batch, parties.debtor.signer),
    creditorSignature: await signBatch(domain, batch, parties.creditor.signer),
  };
  return {
    signed,
    channel,
    chargeProof: (index: number) => cdrTree.getProof(index) as Hex[],
    payoutProof: (index: number) => payoutTree.getProof(index) as Hex[],
  };
}
