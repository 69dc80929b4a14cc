import type { Agreement } from '@p2p-power/chain/Peering';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { ClearingTerms } from './ClearingChain.ts';

const noContract = `0x${'0'.repeat(40)}`;

/** An accepted agreement as clearing works with it. */
export function clearingTerms(agreement: Agreement): ClearingTerms {
  const terms = {
    feeTo: 'creditor' as const,
    objectionWindowS: 86_400,
    noticeS: 0,
    disputeFeeMicro: 0n,
    termsContract: noContract,
    ...agreement.terms,
  };
  return {
    agreementId: agreement.agreementId.toLowerCase() as Hex,
    version: agreement.version,
    acceptedAt: agreement.acceptedAt ?? 0,
    endsAt: 0,
    feeShareBp: terms.feeShareBp,
    feeMicroPerKwh: terms.feeMicroPerKwh,
    feeTo: terms.feeTo,
    currency: terms.currency,
    periodS: terms.periodS,
    handInDeadlineS: terms.handInDeadlineS,
    graceS: terms.graceS,
    objectionWindowS: terms.objectionWindowS,
    noticeS: terms.noticeS,
    creditLimitMicro: terms.creditLimitMicro,
    disputeFeeMicro: terms.disputeFeeMicro,
    termsContract: terms.termsContract === noContract ? null : (terms.termsContract.toLowerCase() as Hex),
    validFrom: terms.validFrom,
  };
}
