import type { Benefit, Promotion } from './Promotion.ts';

/** What of a charge bears on its promotions; amounts after tax, in micro-units. */
export interface PromotedCharge {
  readonly startedAt: number;
  readonly operatorId: string;
  readonly evseId: string;
  readonly currency: string;
  readonly inclVatMicro: number;
  readonly energyWh: number;
  /** What the energy alone cost; `energyCostMicro` gives it of a price. */
  readonly energyMicro: number;
}

/** What a promotion has given before: to all, and to the customer at hand. */
export interface PromotionUse {
  readonly spentMicro: number;
  readonly customerSpentMicro: number;
  readonly customerFreeWh: number;
}

/** What a promotion gives in one charge. `energyWh` is there for free energy: how much of it is used up. */
export interface Discount {
  readonly promotionId: string;
  readonly title: string;
  readonly amountMicro: number;
  readonly energyWh: number;
}

const UNUSED: PromotionUse = { spentMicro: 0, customerSpentMicro: 0, customerFreeWh: 0 };
const ORDER: readonly Benefit['type'][] = ['free-energy', 'percent-off', 'amount-off'];

/**
 * What promotions give in a charge, and what is left for the driver to pay. The order is always the same: free energy,
 * then percentages, each of what is left by then, then amounts; among equals the one that started earlier, then the lower
 * id. Each is rounded up to the micro-unit, in the driver's favour; none gives more than is left to pay, than its budget
 * or than its limit for a customer has left, and none that gives nothing is listed. Free energy that cost nothing is not
 * used up.
 *
 * The driver's provider bears it. What the operator gets is reckoned from the charge, which stays as it is.
 */
export function applyPromotions(
  promotions: readonly Promotion[],
  charge: PromotedCharge,
  usedBefore: Readonly<Record<string, PromotionUse>>,
): { readonly discounts: readonly Discount[]; readonly toPayMicro: number } {
  const discounts: Discount[] = [];
  let toPayMicro = charge.inclVatMicro;
  for (const promotion of promotions.filter((each) => isFor(each, charge)).toSorted(byOrder)) {
    const { id, title, benefit, budgetMicro = Infinity, customerMicro = Infinity } = promotion;
    const used = (Object.hasOwn(usedBefore, id) ? usedBefore[id] : undefined) ?? UNUSED;
    const { amountMicro, energyWh } = given(benefit, charge, used, toPayMicro);
    const leftMicro = Math.min(
      budgetMicro - used.spentMicro,
      customerMicro - used.customerSpentMicro,
      toPayMicro,
    );
    const discountMicro = Math.min(amountMicro, leftMicro);
    if (discountMicro <= 0) continue;
    toPayMicro -= discountMicro;
    discounts.push({ promotionId: id, title, amountMicro: discountMicro, energyWh });
  }
  return { discounts, toPayMicro };
}

function isFor(
  { startsAt, endsAt, currency, operatorIds, evseIds }: Promotion,
  charge: PromotedCharge,
): boolean {
  return (
    startsAt <= charge.startedAt &&
    charge.startedAt < endsAt &&
    currency === charge.currency &&
    (operatorIds === undefined || operatorIds.includes(charge.operatorId)) &&
    (evseIds === undefined || evseIds.includes(charge.evseId))
  );
}

function byOrder(a: Promotion, b: Promotion): number {
  const byKind = ORDER.indexOf(a.benefit.type) - ORDER.indexOf(b.benefit.type);
  if (byKind !== 0 || a.startsAt !== b.startsAt) return byKind || a.startsAt - b.startsAt;
  return a.id < b.id ? -1 : 1;
}

/** What a benefit is worth in a charge of which `toPayMicro` is left, before any limit. */
function given(
  benefit: Benefit,
  { energyWh, energyMicro }: PromotedCharge,
  used: PromotionUse,
  toPayMicro: number,
): { readonly amountMicro: number; readonly energyWh: number } {
  switch (benefit.type) {
    case 'free-energy': {
      const freeWh = Math.min(Math.max(0, benefit.energyWh - used.customerFreeWh), energyWh);
      return { amountMicro: partUp(energyMicro, freeWh, energyWh), energyWh: freeWh };
    }
    case 'percent-off':
      return { amountMicro: partUp(toPayMicro, benefit.perMille, 1_000), energyWh: 0 };
    case 'amount-off':
      return { amountMicro: benefit.amountMicro, energyWh: 0 };
  }
}

/** A part of an amount, rounded up. */
function partUp(amountMicro: number, part: number, whole: number): number {
  if (whole === 0) return 0;
  return Number((BigInt(amountMicro) * BigInt(part) + BigInt(whole) - 1n) / BigInt(whole));
}
