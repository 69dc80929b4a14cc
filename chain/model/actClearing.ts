import { payoutTree } from '@p2p-power/protocol/MerkleTree';
import { type Hex, zeroHash } from 'viem';
import { channelId as channelIdOf } from '../BatchSigning.ts';
import type { ChainRefusal } from '../ChainRefusal.ts';
import type { Terms } from '../Peering.ts';
import { issueTokens, move } from './actToken.ts';
import { type CallOf, type Network, type NetworkPayout, pairOf } from './Network.ts';

type Outcome = ChainRefusal | null;

export function settle(network: Network, call: CallOf<'settle'>, now: number): Outcome {
  const { batch } = call;
  const { debtor, creditor, totalMicro, feeMicro } = batch;
  if (debtor === creditor) return 'same-member';
  const isMalformed =
    batch.periodStart >= batch.periodEnd ||
    batch.count === 0n ||
    batch.cdrRoot === zeroHash ||
    totalMicro >= 2n ** 128n;
  if (isMalformed) return 'batch-malformed';
  const debtorMember = network.members.get(debtor);
  const creditorMember = network.members.get(creditor);
  if (debtorMember === undefined || creditorMember === undefined) return 'not-a-member';
  const { suspendedAt } = debtorMember;
  if (suspendedAt !== 0 && batch.periodStart >= suspendedAt) return 'not-liable';
  const agreement = network.agreements.get(batch.agreementId);
  if (
    agreement === undefined ||
    agreement.acceptedAt === 0 ||
    agreement.members.join() !== pairOf(debtor, creditor).join() ||
    agreement.terms.validFrom > batch.periodStart
  ) {
    return 'agreement-not-valid';
  }
  if (agreement.terms.currency !== 'EUR') return 'currency-mismatch';
  if (feeMicro > boundOf(agreement.terms, totalMicro, batch.energyWh)) return 'fee-too-high';
  if (call.debtorSigner !== debtorMember.account) return 'debtor-signature-invalid';
  if (call.creditorSigner !== creditorMember.account) return 'creditor-signature-invalid';

  const channelId = channelIdOf(debtor, creditor);
  const channel = network.channels.get(channelId) ?? { sequence: 0n, potMicro: 0n, payoutsRoot: zeroHash };
  if (batch.sequence !== channel.sequence + 1n) return 'sequence-not-next';
  network.channels.set(channelId, channel);
  channel.sequence = batch.sequence;
  channel.payoutsRoot = batch.payoutsRoot;
  network.settledRoots.set(`${channelId} ${batch.sequence}`, batch.cdrRoot);
  const earnedMicro = totalMicro - feeMicro;
  channel.potMicro += earnedMicro;
  const { clearing } = network.addresses;
  const refused = earnedMicro === 0n ? null : issueTokens(network, debtor, clearing, earnedMicro, now);
  if (refused !== null) return refused;
  if (agreement.terms.feeTo === 'debtor' || feeMicro === 0n) return null;
  return issueTokens(network, debtor, creditorMember.account, feeMicro, now);
}

/** The generic terms: a share of the total and a price of the energy, each rounded down, and not above the total. */
export function boundOf(terms: Terms, totalMicro: bigint, energyWh: bigint): bigint {
  const boundMicro =
    (totalMicro * BigInt(terms.feeShareBp)) / 10_000n + (energyWh * terms.feeMicroPerKwh) / 1_000n;
  return boundMicro < totalMicro ? boundMicro : totalMicro;
}

export function claim(network: Network, call: CallOf<'claim'>, now: number): Outcome {
  const channelId = channelIdOf(call.debtor, call.creditor);
  const channel = network.channels.get(channelId);
  const { account, cumulativeMicro } = call.payout;
  const isProven =
    channel !== undefined &&
    rootOf(channelId, call.payouts) === channel.payoutsRoot &&
    call.payouts.some((leaf) => leaf.account === account && leaf.cumulativeMicro === cumulativeMicro);
  if (!isProven) return 'proof-invalid';
  const key = `${channelId} ${account}`;
  const before = network.claimed.get(key) ?? 0n;
  const dueMicro = cumulativeMicro > before ? cumulativeMicro - before : 0n;
  const paidMicro = dueMicro < channel.potMicro ? dueMicro : channel.potMicro;
  if (paidMicro === 0n) return 'nothing-to-claim';
  network.claimed.set(key, before + paidMicro);
  channel.potMicro -= paidMicro;
  return move(network, network.addresses.clearing, account, paidMicro, now);
}

export function rootOf(channelId: Hex, payouts: readonly NetworkPayout[]): Hex {
  const leaves = payouts.map(({ account, cumulativeMicro }) => ({
    account,
    cumulativeMicro: Number(cumulativeMicro),
  }));
  return payoutTree(channelId, leaves).root;
}
