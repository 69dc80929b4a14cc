import type { Hex } from '@p2p-power/protocol/Hex';
import type { BatchAnswer } from '@p2p-power/provider/client/ProviderClient';
import { insist } from '../insist.ts';
import { printAmount, printHash } from '../printUnits.ts';
import { type Stage, staffOf, waitFor } from './Stage.ts';

export interface BertPaid {
  readonly operatorAccount: Hex;
  readonly operatorPaidMicro: bigint;
}

/** Chapter 4: Bert claims his tokens and redeems them for money; the providers make up by bank transfer. */
export async function payBert(stage: Stage, batch: BatchAnswer): Promise<BertPaid> {
  const { page, bert, anna, cem } = stage;
  const euros = (micro: number | bigint) => printAmount(micro, 'EUR');
  page.section('4  Bert is paid');
  const ready = await waitFor(
    'a claimable balance',
    () => bert.operatorBalance(),
    ({ claimableMicro }) => claimableMicro > 0,
  );
  const claimed = insist(await bert.claim(), 'POST /operator/claims');
  page.fact('account', printHash(ready.account));
  page.fact(
    'claimed',
    `${euros(claimed.paidMicro)} in tokens (${printHash(claimed.claims[0]?.txHash ?? 'none')})`,
  );
  page.check(
    BigInt(claimed.paidMicro) === BigInt(batch.totalMicro) - BigInt(batch.feeMicro),
    'that is the batch’s total less the fee',
  );
  const twice = insist(await bert.claim(), 'POST /operator/claims');
  page.check(twice.paidMicro === 0, 'claiming a second time brings nothing');

  const staff = staffOf(stage, cem.network.providerId);
  const redemption = insist(
    await bert.redeem({ amountMicro: claimed.paidMicro }),
    'POST /operator/redemptions',
  );
  insist(await staff.beginRedemption(redemption.redemptionId), 'beginning the payment');
  const paid = insist(
    await staff.payRedemption(redemption.redemptionId, 'SEPA-DEMO-0001'),
    'marking the redemption paid',
  );
  const after = insist(await bert.operatorBalance(), 'GET /operator/balance');
  page.check(
    paid.state === 'paid' && after.redeemedMicro === claimed.paidMicro && after.tokensMicro === 0,
    `${cem.network.name} redeems ${euros(after.redeemedMicro)} for money (SEPA-DEMO-0001), the tokens are burnt`,
  );
  const receipt = {
    payer: anna.network.providerId,
    amountMicro: claimed.paidMicro,
    bankReference: 'SEPA-DEMO-0002',
  };
  insist(await staff.confirmReceipt(receipt), 'POST /admin/receipts');
  page.line(
    `${anna.network.name} makes up ${euros(claimed.paidMicro)} to ${cem.network.name} by bank transfer, which confirms it.`,
  );
  return { operatorAccount: ready.account as Hex, operatorPaidMicro: BigInt(claimed.paidMicro) };
}
