import type { Price } from './price.ts';
import { roundedQuotient } from './roundedQuotient.ts';

/** What of an amount is owed at one rate of tax (hundredths of a percent), in micro-units. */
export interface TaxPart {
  readonly vatBp: number;
  readonly exclVatMicro: number;
  readonly vatMicro: number;
}

/** What of a price the parts by rate follow from; `taxes` may be those of a dearer price, of which less is charged. */
export type TaxedPrice = Pick<Price, 'lines' | 'taxes' | 'areLinesTaxed' | 'exclVatMicro' | 'vatMicro'>;

/**
 * What is charged at each rate of tax, the lowest rate first; the parts add up to both amounts exactly. The tax of a rate is
 * the price's own. The amount before tax is dealt out as the lines are; where a limit or a bound changed the sum, each rate
 * keeps its share, and the roundings even out on the way. Where no line costs anything, all of it is of the first
 * rate that has tax.
 */
export function taxParts(price: TaxedPrice): readonly TaxPart[] {
  const { lines, taxes, exclVatMicro, vatMicro } = price;
  const rates = [...new Set([...lines, ...taxes].map(({ vatBp }) => vatBp))].sort((a, b) => a - b);
  if (rates.length === 0) rates.push(0);
  const taxOf = (rate: number) =>
    BigInt(taxes.reduce((sum, { vatBp, amountMicro }) => (vatBp === rate ? sum + amountMicro : sum), 0));
  const exclVat = dealOut(exclVatMicro, weightsOf(price, rates));
  const vat = dealOut(vatMicro, rates.map(taxOf));
  return rates
    .map((vatBp, at) => ({ vatBp, exclVatMicro: exclVat[at] as number, vatMicro: vat[at] as number }))
    .filter((part) => part.exclVatMicro !== 0 || part.vatMicro !== 0);
}

/** Adds parts up by rate, the lowest first; those of `less` are taken off. A rate of which nothing is left is left out. */
export function addParts(parts: readonly TaxPart[], less: readonly TaxPart[] = []): readonly TaxPart[] {
  const sums = new Map<number, TaxPart>();
  const add = ({ vatBp, exclVatMicro, vatMicro }: TaxPart, sign: 1 | -1) => {
    const sum = sums.get(vatBp) ?? { vatBp, exclVatMicro: 0, vatMicro: 0 };
    sums.set(vatBp, {
      vatBp,
      exclVatMicro: sum.exclVatMicro + sign * exclVatMicro,
      vatMicro: sum.vatMicro + sign * vatMicro,
    });
  };
  for (const part of parts) add(part, 1);
  for (const part of less) add(part, -1);
  return [...sums.values()]
    .filter((part) => part.exclVatMicro !== 0 || part.vatMicro !== 0)
    .sort((a, b) => a.vatBp - b.vatBp);
}

/** The lines' amounts before tax by rate, over one denominator; where they come to nothing, the first rate with tax has all. */
function weightsOf({ lines, taxes, areLinesTaxed }: TaxedPrice, rates: readonly number[]): readonly bigint[] {
  const whole = rates.reduce((product, vatBp) => product * BigInt(10_000 + vatBp), 1n);
  const weights = rates.map((rate) => {
    const amount = lines.reduce((sum, line) => (line.vatBp === rate ? sum + line.amountMicro : sum), 0);
    return BigInt(amount) * (areLinesTaxed ? whole / BigInt(10_000 + rate) : whole);
  });
  if (weights.reduce((sum, weight) => sum + weight, 0n) > 0n) return weights;
  const first = taxes[0]?.vatBp ?? rates[0];
  return rates.map((vatBp) => (vatBp === first ? 1n : 0n));
}

/**
 * Deals an amount out by weights: what is dealt up to each is rounded, half away from zero, so that all parts add up to it.
 * Of weights that come to nothing the first has all; weights below nothing in sum count as if they were above.
 */
export function dealOut(amountMicro: number, weights: readonly bigint[]): readonly number[] {
  const whole = weights.reduce((sum, weight) => sum + weight, 0n);
  if (whole === 0n) return weights.map((_, at) => (at === 0 ? amountMicro : 0));
  if (whole < 0n)
    return dealOut(
      amountMicro,
      weights.map((weight) => -weight),
    );
  let [before, dealt] = [0n, 0n];
  return weights.map((weight) => {
    before += weight;
    const upTo = roundedQuotient(BigInt(amountMicro) * before, whole);
    const part = Number(upTo - dealt);
    dealt = upTo;
    return part;
  });
}
