import type { Commission, CommissionFacts } from '@p2p-power/tariff/Commission';

/**
 * What a commission was worked out from: the terms in force when the driver signed, and what of the charge bears on them.
 * `workOutCommission(terms, basis)` of tariff/Commission.ts gives the same amount again, to whoever asks.
 */
export interface CommissionBasis extends CommissionFacts {
  readonly terms: Commission;
}
