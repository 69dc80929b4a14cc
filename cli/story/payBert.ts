import type { Hex } from '@p2p-power/protocol/Hex';
import { insist } from '../insist.ts';
import { printAmount, printHash } from '../printUnits.ts';
import { type Stage, staffOf, waitFor } from './Stage.ts';
import type { ToldBatch } from './settleThePeriod.ts';

/** What the operator's calls tell, as far as the story needs it; amounts in micro-units. */
interface ToldBalance {
  readonly account: Hex;
  readonly claimableMicro: number;
  readonly tokensMicro: number | null;
  readonly redeemedMicro: number;
}
interface ToldClaims {
  readonly claims: readonly { readonly paidMicro: number; readonly txHash: string | null }[];
  readonly paidMicro: number;
}
interface ToldRedemption {
  readonly redemptionId: Hex;
  readonly state: string;
}

export interface BertPaid {
  readonly operatorAccount: Hex;
  readonly operatorPaidMicro: bigint;
}

/** Chapter 4: Bert claims his tokens and redeems them for money; the providers make up by bank transfer. */
export async function payBert(stage: Stage, batch: ToldBatch): Promise<BertPaid> {
  const { page, bert, anna, cem } = stage;
  const euros = (micro: number | bigint) => printAmount(micro, 'EUR');
  const balance = async () =>
    insist(await bert.call<ToldBalance>('GET', '/operator/balance'), 'GET /operator/balance');
  page.section('4  Bert is paid');
  const ready = await waitFor(
    'a claimable balance',
    () => bert.call<ToldBalance>('GET', '/operator/balance'),
    ({ claimableMicro }) => claimableMicro > 0,
  );
  const claimed = insist(
    await bert.call<ToldClaims>('POST', '/operator/claims', {}),
    'POST /operator/claims',
  );
  page.fact('account', printHash(ready.account));
  page.fact(
    'claimed',
    `${euros(claimed.paidMicro)} in tokens (${printHash(claimed.claims[0]?.txHash ?? 'none')})`,
  );
  page.check(
    BigInt(claimed.paidMicro) === BigInt(batch.totalMicro) - BigInt(batch.feeMicro),
    'that is the batch’s total less the fee',
  );
  const twice = insist(await bert.call<ToldClaims>('POST', '/operator/claims', {}), 'POST /operator/claims');
  page.check(twice.paidMicro === 0, 'claiming a second time brings nothing');

  const staff = staffOf(stage, cem.network.providerId);
  const redemption = insist(
    await bert.call<ToldRedemption>('POST', '/operator/redemptions', { amountMicro: claimed.paidMicro }),
    'POST /operator/redemptions',
  );
  const path = `/admin/redemptions/${redemption.redemptionId}`;
  insist(await staff.call('POST', `${path}/begin`, {}), 'beginning the payment');
  const paid = insist(
    await staff.call<ToldRedemption>('POST', `${path}/paid`, { bankReference: 'SEPA-DEMO-0001' }),
    'marking the redemption paid',
  );
  const after = await balance();
  page.check(
    paid.state === 'paid' && after.redeemedMicro === claimed.paidMicro && after.tokensMicro === 0,
    `${cem.network.name} redeems ${euros(after.redeemedMicro)} for money (SEPA-DEMO-0001), the tokens are burnt`,
  );
  const receipt = {
    payer: anna.network.providerId,
    amountMicro: Number(batch.totalMicro),
    bankReference: 'SEPA-DEMO-0002',
  };
  insist(await staff.call('POST', '/admin/receipts', receipt), 'POST /admin/receipts');
  page.line(
    `${anna.network.name} pays ${cem.network.name} ${euros(BigInt(batch.totalMicro))} by bank transfer, which confirms it.`,
  );
  return { operatorAccount: ready.account, operatorPaidMicro: BigInt(claimed.paidMicro) };
}
