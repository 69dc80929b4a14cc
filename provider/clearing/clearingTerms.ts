import type { Agreement } from '@p2p-power/chain/Peering';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { ClearingTerms } from './ClearingChain.ts';

/** An agreement of the chain as clearing works with it. */
export function clearingTerms({ agreementId, version, acceptedAt, endsAt, terms }: Agreement): ClearingTerms {
  return {
    agreementId: agreementId.toLowerCase() as Hex,
    version,
    acceptedAt: acceptedAt ?? 0,
    endsAt: endsAt ?? 0,
    ...terms,
    termsContract: (terms.termsContract?.toLowerCase() ?? null) as Hex | null,
  };
}
