import type { Generated } from 'kysely';

/** What the staff has laid down of a provider's price frames; the newest holds, the older are kept. */
export interface PriceFramesTable {
  id: Generated<string>;
  /** `PriceFrame[]` as JSON (tariff/PriceFrame.ts). */
  frames: unknown;
  /** Epoch seconds. */
  entered_at: string;
}

/** For whom a commission is: everybody, a target group, an operator, or a point; each beats the one before it. */
export const commissionScopes = ['all', 'target-group', 'operator', 'point'] as const;
export type CommissionScope = (typeof commissionScopes)[number];

/** A version of what an operator earns: it holds from `valid_from` until the next of the same scope. */
export interface CommissionTable {
  id: Generated<string>;
  scope: CommissionScope;
  /** Target group, operator id or EVSE-ID; empty for all. */
  subject: string;
  /** `Commission` without a target group, as JSON (tariff/Commission.ts); null: from then on there is none of this scope. */
  terms: unknown;
  /** Epoch seconds. */
  valid_from: string;
  entered_at: string;
}

/** A promotion, and what it has cost so far. */
export interface PromotionTable {
  promotion_id: string;
  /** `Promotion` as JSON (tariff/Promotion.ts). */
  rule: unknown;
  /** Never above the budget, where there is one. */
  spent_micro: string;
  entered_at: string;
  /** Taken back then; null: it holds as long as its rule says. */
  ended_at: string | null;
}

/** What a promotion has borne of a charge. */
export interface PromotionUseTable {
  cdr_id: string;
  promotion_id: string;
  driver_id: string;
  amount_micro: string;
  /** Wh that were free, or cheaper. */
  energy_wh: string;
  used_at: string;
}

/** What a promotion has borne of a charge at one rate of tax; a use without any lowered no price, but paid a part of it. */
export interface PromotionTaxTable {
  cdr_id: string;
  promotion_id: string;
  /** Hundredths of a percent. */
  vat_bp: number;
  excl_vat_micro: string;
  vat_micro: string;
}

/** What of a charge of our driver is for what, as it was billed; all parts together are the charge. */
export interface ChargeSplitTable {
  cdr_id: string;
  energy_micro: string;
  infrastructure_micro: string;
  grid_micro: string;
  levies_micro: string;
  vat_micro: string;
}

/** What a kWh cost on the market in a quarter-hour, as it was last known, per kWh before tax; filled from `signal_series`. */
export interface PriceIndexTable {
  area: string;
  /** Epoch seconds. */
  starts_at: string;
  currency: string;
  index_micro: string;
}

export interface PriceTables {
  price_index: PriceIndexTable;
  price_frames: PriceFramesTable;
  commission: CommissionTable;
  promotion: PromotionTable;
  promotion_use: PromotionUseTable;
  promotion_tax: PromotionTaxTable;
  charge_split: ChargeSplitTable;
}
