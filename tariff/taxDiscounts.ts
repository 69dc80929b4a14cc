import type { Discount } from './applyPromotions.ts';
import { roundedQuotient } from './roundedQuotient.ts';
import { dealOut, type TaxedPrice, type TaxPart, taxParts } from './taxParts.ts';

/** A rate of a charge while discounts are taken off it, in micro-units after tax. */
interface Rate extends TaxPart {
  readonly inclVatMicro: number;
  /** What of `inclVatMicro` energy costs. */
  readonly energyMicro: number;
  leftMicro: number;
}

/**
 * The tax in discounts: a seller's discount lowers what the buyer pays for, and so the tax in it (Directive 2006/112/EC
 * Art. 79 and 90, § 17 UStG). Answers of each discount its parts by rate, which add up to its amount exactly.
 *
 * Free energy comes off the rates of the energy, what exceeds it and every other discount off all rates in proportion to what
 * is left of each. Of each rate the tax on what is left is the same share of it as it was of the whole, rounded half up;
 * a discount has the difference. So what is left is taxed as if all discounts had been one, and nothing left bears no tax.
 *
 * The discounts are those of `applyPromotions`, in its order, and together no more than the charge.
 */
export function taxDiscounts(
  price: TaxedPrice,
  discounts: readonly Pick<Discount, 'amountMicro' | 'energyWh'>[],
): readonly (readonly TaxPart[])[] {
  const rates = taxParts(price).map((part) => rateOf(part, price));
  return discounts.map(({ amountMicro, energyWh }) => {
    const before = rates.map(taxLeft);
    const lefts = rates.map(({ leftMicro }) => leftMicro);
    const inEnergy = energyWh > 0 ? takeOff(rates, amountMicro, (rate) => rate.energyMicro) : 0;
    const taken = inEnergy + takeOff(rates, amountMicro - inEnergy, (rate) => rate.leftMicro);
    if (taken !== amountMicro) throw new RangeError(`discounts of more than the charge: ${amountMicro}`);
    return rates.flatMap((rate, at): TaxPart[] => {
      const amount = (lefts[at] as number) - rate.leftMicro;
      const vatMicro = (before[at] as number) - taxLeft(rate);
      return amount === 0 ? [] : [{ vatBp: rate.vatBp, exclVatMicro: amount - vatMicro, vatMicro }];
    });
  });
}

function rateOf(part: TaxPart, { lines }: TaxedPrice): Rate {
  const inclVatMicro = part.exclVatMicro + part.vatMicro;
  let [energy, all] = [0n, 0n];
  for (const { component, vatBp, amountMicro } of lines) {
    if (vatBp !== part.vatBp) continue;
    all += BigInt(amountMicro);
    if (component === 'ENERGY') energy += BigInt(amountMicro);
  }
  const energyMicro =
    energy <= 0n
      ? 0
      : energy >= all
        ? inclVatMicro
        : Number(roundedQuotient(BigInt(inclVatMicro) * energy, all));
  return { ...part, inclVatMicro, energyMicro, leftMicro: Math.max(0, inclVatMicro) };
}

/** The tax on what is left of a rate. */
function taxLeft({ inclVatMicro, vatMicro, leftMicro }: Rate): number {
  return inclVatMicro <= 0
    ? vatMicro
    : Number(roundedQuotient(BigInt(vatMicro) * BigInt(leftMicro), BigInt(inclVatMicro)));
}

/** Takes an amount off the rates in proportion to a weight, none below nothing; answers how much could be taken. */
function takeOff(rates: readonly Rate[], amountMicro: number, weightOf: (rate: Rate) => number): number {
  const weights = rates.map((rate) => Math.max(0, Math.min(weightOf(rate), rate.leftMicro)));
  const most = weights.reduce((sum, weight) => sum + weight, 0);
  const taken = Math.min(amountMicro, most);
  if (taken === 0) return 0;
  const parts = dealOut(taken, weights.map(BigInt));
  for (const [at, rate] of rates.entries()) rate.leftMicro -= parts[at] as number;
  return taken;
}
