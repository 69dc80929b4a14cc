import type { Result } from './Result.ts';
import {
  integer,
  items,
  type JsonField,
  type JsonRefusal,
  members,
  oneOf,
  readDistinct,
  refuseOthers,
  reportAt,
  text,
} from './readJson.ts';
import { TARIFF_BOUNDS } from './Tariff.ts';

/**
 * What a provider gives its customers:
 * - `free-energy`: the first energy of each customer under the promotion, worth what it cost in the charge at hand
 * - `percent-off`: a part of what is still to pay
 * - `amount-off`: an amount for each charge
 */
export type Benefit =
  | { readonly type: 'free-energy'; readonly energyWh: number }
  | { readonly type: 'percent-off'; readonly perMille: number }
  | { readonly type: 'amount-off'; readonly amountMicro: number };

/**
 * A provider's promotion for its own drivers, borne by the provider, who sells to them for less: `taxDiscounts` has the tax by
 * which it lowers the bill. The charge and what the operator gets stay as they are. Amounts are after tax, in micro-units.
 */
export interface Promotion {
  readonly id: string;
  /** What receipts call it. */
  readonly title: string;
  readonly benefit: Benefit;
  readonly currency: string;
  /** Charges that start from here on, and before `endsAt` (epoch seconds). */
  readonly startsAt: number;
  readonly endsAt: number;
  /** The most that the promotion may cost in all, and for one customer. */
  readonly budgetMicro?: number;
  readonly customerMicro?: number;
  /** Only at points of these operators, and only at these points; absent: at all. */
  readonly operatorIds?: readonly string[];
  readonly evseIds?: readonly string[];
}

/**
 * Why promotions are refused, besides what any JSON can be refused for:
 * - `ends-before-it-starts`: never in force
 * - `duplicate-promotion`: two with the same id
 */
export type PromotionRefusal = JsonRefusal | 'ends-before-it-starts' | 'duplicate-promotion';

const BENEFITS = ['free-energy', 'percent-off', 'amount-off'] as const;
const FIELDS = [
  'id',
  'title',
  'benefit',
  'currency',
  'startsAt',
  'endsAt',
  'budgetMicro',
  'customerMicro',
  'operatorIds',
  'evseIds',
];
const MOST_MICRO = TARIFF_BOUNDS.priceUnits * 1_000_000;
const MOST_BUDGET_MICRO = 1_000_000_000_000_000;
const MOST_AT = 253_402_300_799;

/** Reads promotions, a list of {@link Promotion}, from untrusted JSON. */
export function parsePromotions(json: unknown): Result<readonly Promotion[], PromotionRefusal> {
  const idOf = ({ id }: Promotion) => id;
  return readDistinct<Promotion, PromotionRefusal>(json, 1_000, readPromotion, idOf, 'duplicate-promotion');
}

function readPromotion(field: JsonField<PromotionRefusal>): Promotion {
  const promotion = members(field);
  refuseOthers(field, promotion.names, FIELDS);
  const budget = promotion.optional('budgetMicro');
  const customer = promotion.optional('customerMicro');
  const operators = promotion.optional('operatorIds');
  const points = promotion.optional('evseIds');
  const read = {
    id: text(
      promotion.required('id'),
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,35}$/,
      '1 to 36 letters, digits or . _ -',
    ),
    title: text(promotion.required('title'), /^\P{Cc}{1,60}$/u, '1 to 60 characters without controls'),
    benefit: readBenefit(promotion.required('benefit')),
    currency: text(promotion.required('currency'), /^[A-Z]{3}$/, 'an ISO 4217 code'),
    startsAt: integer(promotion.required('startsAt'), 0, MOST_AT),
    endsAt: integer(promotion.required('endsAt'), 0, MOST_AT),
    ...(budget && { budgetMicro: integer(budget, 0, MOST_BUDGET_MICRO) }),
    ...(customer && { customerMicro: integer(customer, 0, MOST_BUDGET_MICRO) }),
    ...(operators && { operatorIds: readIds(operators) }),
    ...(points && { evseIds: readIds(points) }),
  };
  if (read.endsAt <= read.startsAt) {
    reportAt(field, 'ends-before-it-starts', `${read.endsAt} is not after ${read.startsAt}`);
  }
  return read;
}

function readIds(field: JsonField<PromotionRefusal>): readonly string[] {
  return items(field, 1, 10_000).map((id) => text(id, /^[!-~]{1,64}$/, '1 to 64 printable characters'));
}

function readBenefit(field: JsonField<PromotionRefusal>): Benefit {
  const benefit = members(field);
  const type = oneOf(benefit.required('type'), BENEFITS);
  switch (type) {
    case 'free-energy':
      refuseOthers(field, benefit.names, ['type', 'energyWh']);
      return { type, energyWh: integer(benefit.required('energyWh'), 1, 10_000_000) };
    case 'percent-off':
      refuseOthers(field, benefit.names, ['type', 'perMille']);
      return { type, perMille: integer(benefit.required('perMille'), 1, 1_000) };
    case 'amount-off':
      refuseOthers(field, benefit.names, ['type', 'amountMicro']);
      return { type, amountMicro: integer(benefit.required('amountMicro'), 1, MOST_MICRO) };
  }
}
