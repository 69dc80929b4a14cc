import { type Hex, keccak256, toHex } from 'viem';
import { markPaid, requestRedemption } from '../ChargeToken.ts';
import { claimPayout, settleBatch } from '../Clearing.ts';
import { foundTestNetwork, testAccount } from '../testing/foundTestNetwork.ts';
import { makeBatch, testCharges } from '../testing/makeBatch.ts';
import { type BaselineGas, measureBaselineGas } from './baselineGas.ts';
import { gasOf } from './gasOf.ts';

export type SettleGas = {
  /** Per number of charges in the batch: the transaction's whole gas, in a channel that has settled before. */
  readonly settle: Readonly<Record<number, bigint>>;
  /** The first batch of a channel, which writes all its slots for the first time. */
  readonly settleFirst: bigint;
  /** A claim by one of `operators` operators: the first, and one after a later batch. */
  readonly claimFirst: bigint;
  readonly claimLater: bigint;
  readonly operators: number;
  readonly requestRedemption: bigint;
  readonly markPaid: bigint;
  /** What the plainest alternatives cost, on the same chain in the same run. */
  readonly baseline: BaselineGas;
};

/**
 * Measures, on a fresh chain, what settling costs for batches of these numbers of charges, with real trees, signatures
 * and proofs; and what an operator's claim and redemption cost.
 */
export async function measureSettleGas(
  sizes: readonly number[] = [1, 100, 10_000],
  operators = 100,
): Promise<SettleGas> {
  const { anvil, client, deployment, members, agreementId } = await foundTestNetwork();
  try {
    const [debtor, creditor] = members;
    const accounts = Array.from({ length: operators }, (_, index) => testAccount(`operator ${index}`));
    const first = accounts[0]!;
    let sequence = 0n;
    let cumulativeMicro = 0n;

    const settle = async (size: number) => {
      sequence += 1n;
      // Small enough for the members' limits, however many there are.
      const charges = testCharges(size, `batch ${sequence}`).map((charge) => ({
        ...charge,
        chargeMicro: charge.chargeMicro / 10n,
      }));
      const totalMicro = charges.reduce((sum, { chargeMicro }) => sum + chargeMicro, 0n);
      const feeMicro = totalMicro / 100n;
      cumulativeMicro += (totalMicro - feeMicro) / BigInt(operators);
      const made = await makeBatch(
        deployment,
        { debtor, creditor },
        {
          sequence,
          agreementId,
          charges,
          feeMicro,
          payouts: accounts.map(({ address }) => ({ account: address, cumulativeMicro })),
        },
      );
      return { made, gas: gasOf(await settleBatch(client, creditor.signer, made.signed)) };
    };
    const claim = async (proof: readonly Hex[]) =>
      gasOf(
        await claimPayout(client, first, {
          debtor: debtor.memberId,
          creditor: creditor.memberId,
          account: first.address,
          cumulativeMicro,
          proof,
        }),
      );

    const opening = await settle(1);
    const claimFirst = await claim(opening.made.payoutProof(0));
    const settled: Record<number, bigint> = {};
    for (const size of sizes) settled[size] = (await settle(size)).gas;
    const closing = await settle(1);
    const claimLater = await claim(closing.made.payoutProof(0));

    const requested = await requestRedemption(client, first, {
      provider: creditor.memberId,
      amountMicro: 1_000n,
      reference: keccak256(toHex('redemption')),
    });
    if (!requested.ok) throw new Error(requested.detail);
    const paid = await markPaid(client, creditor.signer, {
      redemptionId: requested.value.redemptionId,
      bankReference: keccak256(toHex('bank transfer')),
    });
    const baseline = await measureBaselineGas(client, first, creditor.account);
    return {
      settle: settled,
      settleFirst: opening.gas,
      claimFirst,
      claimLater,
      operators,
      requestRedemption: gasOf(requested),
      markPaid: gasOf(paid),
      baseline,
    };
  } finally {
    await anvil.stop();
  }
}

if (import.meta.main) console.log(await measureSettleGas());
