import type { Hex } from '@p2p-power/protocol/Hex';
import { payoutTree } from '@p2p-power/protocol/MerkleTree';
import { payoutsUpTo } from '../clearing/BatchBook.ts';
import type { ClearingChain } from '../clearing/ClearingChain.ts';
import { followChain } from '../clearing/followChain.ts';
import { safeMicro } from '../ledger/safeMicro.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import type { Claim } from './OperatorSchemas.ts';

/**
 * Has an operator's account paid what the newest settled batch of each channel owes it. The money goes
 * to the account, whoever asks; asking twice pays once. Throws `ChainFault` where the chain is away.
 */
export async function claimPayouts(
  context: ProviderContext,
  chain: ClearingChain,
  account: Hex,
): Promise<readonly Claim[]> {
  const me = context.config.providerId;
  await followChain(context, chain);
  const channels = await context.db
    .selectFrom('batch_payout')
    .innerJoin('batch', (join) =>
      join
        .onRef('batch.channel_id', '=', 'batch_payout.channel_id')
        .onRef('batch.sequence', '=', 'batch_payout.sequence'),
    )
    .select(['batch.channel_id', 'batch.debtor'])
    .distinct()
    .where('account', '=', account)
    .where('creditor', '=', me)
    .orderBy('batch.debtor')
    .execute();
  const claims: Claim[] = [];
  for (const { channel_id: channelId, debtor } of channels) {
    const { sequence } = await chain.channel(debtor, me);
    const payouts = await payoutsUpTo(context.db, channelId, sequence);
    const index = payouts.findIndex((payout) => payout.account === account);
    const payout = payouts[index];
    if (payout === undefined) continue;
    const cumulativeMicro = BigInt(payout.cumulativeMicro);
    if ((await chain.claimedMicro(debtor, me, account)) >= cumulativeMicro) continue;
    const proof = payoutTree(channelId, payouts).proof(index);
    const claimed = await chain.claim({ debtor, creditor: me, account, cumulativeMicro, proof });
    claims.push(
      claimed.ok
        ? { peer: debtor, paidMicro: safeMicro(claimed.value.paidMicro), txHash: claimed.value.txHash }
        : { peer: debtor, paidMicro: 0, txHash: null, refusal: claimed.refusal },
    );
  }
  if (claims.length > 0) await followChain(context, chain);
  return claims;
}
