import { payoutTree, settledChargeTree } from '@p2p-power/protocol/MerkleTree';
import { type Address, type Hex, keccak256, toHex } from 'viem';
import { type Batch, type BatchDomain, channelId, type SignedBatch, signBatch } from '../BatchSigning.ts';
import { type TestMember, testNetworkId } from './foundTestNetwork.ts';

export type TestCharge = { readonly authorizationId: Hex; readonly cdrId: Hex; readonly chargeMicro: bigint };
export type TestPayout = { readonly account: Address; readonly cumulativeMicro: bigint };

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
  const cdrTree = settledChargeTree(
    testNetworkId,
    content.charges.map((charge) => ({ ...charge, chargeMicro: Number(charge.chargeMicro) })),
  );
  const payouts = payoutTree(
    channel,
    content.payouts.map(({ account, cumulativeMicro }) => ({
      account,
      cumulativeMicro: Number(cumulativeMicro),
    })),
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
    cdrRoot: cdrTree.root,
    payoutsRoot: payouts.root,
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
    chargeProof: (index: number) => cdrTree.proof(index),
    payoutProof: (index: number) => payouts.proof(index),
  };
}
