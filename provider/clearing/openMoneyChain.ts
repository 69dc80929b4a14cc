import { accountSigner } from '@p2p-power/chain/accountSigner';
import type { ChainClient, ChainSigner } from '@p2p-power/chain/ChainClient';
import { readPosition, readRedemption, requestRedemptionFor } from '@p2p-power/chain/ChargeToken';
import { encodeMemberId } from '@p2p-power/chain/MemberId';
import {
  payoutAccountData,
  printTypedData,
  redemptionAccountData,
  redemptionRequestData,
  signRedemptionAccount,
  verifyPayoutAccount,
  verifyRedemptionAccount,
} from '@p2p-power/chain/PayoutSigning';
import { readPositions } from '@p2p-power/chain/readPositions';
import type { MoneyChain } from './MoneyChain.ts';

/** The part of clearing's port that netting and payouts need. */
export function openMoneyChain(client: ChainClient, signer: ChainSigner, providerId: string): MoneyChain {
  const domain = client.deployment;
  return {
    async positionsAt(blockNumber) {
      const read = await readPositions(client, blockNumber);
      return (
        read && {
          ...read,
          positions: read.positions.map(({ partyId, positionMicro }) => ({
            providerId: partyId,
            positionMicro,
          })),
        }
      );
    },
    async issuance(of) {
      const { positionMicro, limitMicro } = await readPosition(client, encodeMemberId(of));
      return { positionMicro, limitMicro };
    },
    async redemptionRequestedAt(redemptionId) {
      return (await readRedemption(client, redemptionId))?.requestedAt ?? null;
    },
    relayRedemption: (request) =>
      requestRedemptionFor(client, signer, { ...request, provider: encodeMemberId(request.provider) }),
    redemptionRequestData: (request) => printTypedData(redemptionRequestData(domain, request)),
    signRedemptionAccount: (holderKey, account) =>
      signRedemptionAccount(domain, account, accountSigner(holderKey)),
    isRedemptionAccountOf: (account, signature, holder) =>
      verifyRedemptionAccount(domain, account, signature, holder),
    redemptionAccountData: (account) => printTypedData(redemptionAccountData(domain, account)),
    payoutAccountData: (operatorId, account) =>
      printTypedData(payoutAccountData(domain, { operatorId, provider: providerId, account })),
    isPayoutAccountOf: (operatorId, account, signature) =>
      verifyPayoutAccount(domain, { operatorId, provider: providerId, account }, signature),
  };
}
