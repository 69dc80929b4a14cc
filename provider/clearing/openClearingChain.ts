import { accountSigner } from '@p2p-power/chain/accountSigner';
import {
  type Batch as ChainBatch,
  channelId,
  hashBatch,
  signBatch,
  verifyBatch,
} from '@p2p-power/chain/BatchSigning';
import type { ChainClient } from '@p2p-power/chain/ChainClient';
import {
  beginPayment,
  cancelRedemption,
  confirmReceipt,
  markPaid,
  readBalance,
  readPosition,
  redemptionIdOf,
  requestRedemption,
} from '@p2p-power/chain/ChargeToken';
import { claimPayout, readChannel, readClaimed, settleBatch } from '@p2p-power/chain/Clearing';
import { readMembers } from '@p2p-power/chain/Consortium';
import { readEvents } from '@p2p-power/chain/followEvents';
import { decodeMemberId, encodeMemberId } from '@p2p-power/chain/MemberId';
import {
  acceptAgreement,
  giveNotice,
  proposeAgreement,
  readAcceptedAgreements,
  readAgreement,
  readFeeBound,
} from '@p2p-power/chain/Peering';
import type { Batch } from '@p2p-power/protocol/Batch';
import type { Hex } from '@p2p-power/protocol/Hex';

import { openDisputeChain } from '../disputes/openDisputeChain.ts';
import type { ClearingChain } from './ClearingChain.ts';
import { clearingTerms } from './clearingTerms.ts';
import { openMoneyChain } from './openMoneyChain.ts';

/** The batch as contracts have it. */
const onChain = (batch: Batch): ChainBatch => ({
  debtor: encodeMemberId(batch.debtor),
  creditor: encodeMemberId(batch.creditor),
  sequence: BigInt(batch.sequence),
  periodStart: BigInt(batch.periodStart),
  periodEnd: BigInt(batch.periodEnd),
  agreementId: batch.agreementId,
  count: BigInt(batch.count),
  energyWh: BigInt(batch.energyWh),
  totalMicro: BigInt(batch.totalMicro),
  feeMicro: BigInt(batch.feeMicro),
  cdrRoot: batch.cdrRoot,
  payoutsRoot: batch.payoutsRoot,
});

const lower = (hex: string) => hex.toLowerCase() as Hex;

/**
 * Clearing's port over the contracts of a deployment. `accountKey` is the private key of this provider's
 * chain account, `providerId` its party id.
 */
export function openClearingChain(
  client: ChainClient,
  options: { readonly providerId: string; readonly accountKey: Hex },
): ClearingChain {
  const signer = accountSigner(options.accountKey);
  const me = encodeMemberId(options.providerId);
  const domain = client.deployment;
  return {
    ...openMoneyChain(client, signer, options.providerId),
    account: lower(signer.address),
    channelId: (debtor, creditor) => channelId(encodeMemberId(debtor), encodeMemberId(creditor)),
    hashBatch: (batch) => hashBatch(onChain(batch)),
    signBatch: (batch) => signBatch(domain, onChain(batch), signer),
    isSignedBy: (batch, signature, account) => verifyBatch(domain, onChain(batch), signature, account),
    async members() {
      const members = await readMembers(client);
      return members.map((member) => ({
        providerId: member.partyId,
        account: lower(member.account),
        url: member.url,
        removedAt: member.removedAt ?? 0,
        suspendedAt: member.suspendedAt ?? 0,
        keys: member.keys.map((key) => ({
          publicKey: lower(`${key.x}${key.y.slice(2)}`),
          addedAt: key.addedAt,
          retiredAt: key.retiredAt ?? 0,
        })),
      }));
    },
    async agreementsBetween(one, other) {
      const accepted = await readAcceptedAgreements(client, encodeMemberId(one), encodeMemberId(other));
      return accepted.map(clearingTerms);
    },
    async agreement(agreementId) {
      const found = await readAgreement(client, agreementId);
      if (found === null) return null;
      return {
        ...clearingTerms(found),
        members: [decodeMemberId(found.members[0]), decodeMemberId(found.members[1])],
        proposer: decodeMemberId(found.proposer),
      };
    },
    feeBound: (agreementId, usage) =>
      readFeeBound(client, agreementId, {
        debtor: encodeMemberId(usage.debtor),
        creditor: encodeMemberId(usage.creditor),
        from: BigInt(usage.from),
        to: BigInt(usage.to),
        count: BigInt(usage.count),
        energyWh: BigInt(usage.energyWh),
        totalMicro: BigInt(usage.totalMicro),
      }),
    proposeAgreement: ({ other, version, terms }) =>
      proposeAgreement(client, signer, {
        me,
        other: encodeMemberId(other),
        version,
        terms,
      }),
    acceptAgreement: (agreementId) => acceptAgreement(client, signer, agreementId),
    giveNotice: (agreementId, endsAt) => giveNotice(client, signer, agreementId, endsAt),
    async channel(debtor, creditor) {
      const { sequence, potMicro } = await readChannel(
        client,
        encodeMemberId(debtor),
        encodeMemberId(creditor),
      );
      return { sequence, potMicro };
    },
    settle: (signed) => settleBatch(client, signer, { ...signed, batch: onChain(signed.batch) }),
    async claim({ debtor, creditor, account, cumulativeMicro, proof }) {
      const claimed = await claimPayout(client, signer, {
        debtor: encodeMemberId(debtor),
        creditor: encodeMemberId(creditor),
        account,
        cumulativeMicro,
        proof,
      });
      if (!claimed.ok) return claimed;
      const { value } = claimed;
      return {
        ok: true,
        value: { paidMicro: value.paidMicro, txHash: value.outcome === 'claimed' ? value.txHash : null },
      };
    },
    claimedMicro: (debtor, creditor, account) =>
      readClaimed(client, channelId(encodeMemberId(debtor), encodeMemberId(creditor)), account),
    balanceMicro: (account) => readBalance(client, account),
    async positionMicro(providerId) {
      return (await readPosition(client, encodeMemberId(providerId))).positionMicro;
    },
    redemptionId: (holder, reference) => redemptionIdOf(client, holder, reference),
    requestRedemption: (holderKey, request) =>
      requestRedemption(client, accountSigner(holderKey), {
        ...request,
        provider: encodeMemberId(request.provider),
      }),
    cancelRedemption: (holderKey, redemptionId) =>
      cancelRedemption(client, accountSigner(holderKey), redemptionId),
    beginPayment: (redemptionId) => beginPayment(client, signer, redemptionId),
    markPaid: (redemptionId, bankReference) => markPaid(client, signer, { redemptionId, bankReference }),
    confirmReceipt: (receipt) =>
      confirmReceipt(client, signer, { ...receipt, payer: encodeMemberId(receipt.payer) }),
    disputes: openDisputeChain(client, signer, options.providerId),
    eventsSince: (cursor) => readEvents(client, cursor),
    endpoints: () => client.endpoints?.report() ?? [],
  };
}
