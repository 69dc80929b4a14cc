import type { Price } from './price.ts';
import { roundedQuotient } from './roundedQuotient.ts';

type TaxedLines = Pick<Price, 'lines' | 'inclVatMicro' | 'areLinesTaxed'>;

/**
 * What the energy of a charge cost after tax, in micro-units: the sum of its ENERGY lines, rounded once; where the
 * tariff's most for a session took effect, their share of what is owed. What a least price adds is no price of energy.
 * Never below 0.
 */
export function energyCostMicro({ lines, inclVatMicro, areLinesTaxed }: TaxedLines): number {
  let [energy, all] = [0n, 0n];
  for (const { component, amountMicro, vatBp } of lines) {
    const inclVat = BigInt(amountMicro) * BigInt(areLinesTaxed ? 10_000 : 10_000 + vatBp);
    all += inclVat;
    if (component === 'ENERGY') energy += inclVat;
  }
  const isCapped = all > 0n && BigInt(inclVatMicro) * 10_000n < all;
  const cost = isCapped
    ? roundedQuotient(BigInt(inclVatMicro) * energy, all)
    : roundedQuotient(energy, 10_000n);
  return Math.max(0, Math.min(Number(cost), inclVatMicro));
}
