import { type FeeTerms, usageOf } from '@p2p-power/protocol/PeeringFee';
import type { ClearingChain, ClearingTerms } from './ClearingChain.ts';

/**
 * What an agreement makes of the fee of these charges. Where the pair has a terms contract of its own, the chain is asked
 * what it says of just this batch, as Clearing will ask it; so any contract will do.
 */
export async function readFeeTerms(
  chain: Pick<ClearingChain, 'feeBound'>,
  agreement: Pick<ClearingTerms, 'agreementId' | 'feeShareBp' | 'feeMicroPerKwh' | 'termsContract'>,
  batch: {
    readonly debtor: string;
    readonly creditor: string;
    readonly periodStart: number;
    readonly periodEnd: number;
    readonly charges: readonly { readonly chargeMicro: number; readonly energyWh: number }[];
  },
): Promise<FeeTerms> {
  const generic = {
    feeShareBp: agreement.feeShareBp,
    feeMicroPerKwh: Number(agreement.feeMicroPerKwh),
  };
  if (agreement.termsContract === null) return generic;
  const { debtor, creditor, charges } = batch;
  const usage = usageOf({ from: batch.periodStart, to: batch.periodEnd }, charges);
  const feeMicro = await chain.feeBound(agreement.agreementId, {
    ...usage,
    debtor,
    creditor,
    count: charges.length,
  });
  return { ...generic, contract: { kind: 'stated', feeMicro } };
}
