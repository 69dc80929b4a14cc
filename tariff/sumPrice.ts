import type { Consumption, Stretch } from './consume.ts';
import { roundedQuotient } from './roundedQuotient.ts';
import type { PriceComponentType, PriceLimit, Tariff } from './Tariff.ts';

/**
 * What is owed before tax, as tax and in all, and which limit of the tariff took effect. `taxes` are the
 * parts of the tax by rate (hundredths of a percent), the lowest rate first; they add up to it.
 */
export interface PriceTotals {
  readonly limit?: 'min' | 'max';
  readonly exclVatMicro: number;
  readonly vatMicro: number;
  readonly inclVatMicro: number;
  readonly taxes: readonly TaxAmount[];
}

export interface TaxAmount {
  readonly vatBp: number;
  readonly amountMicro: number;
}

/** Amounts are summed over this times the denominator of the quantities: lcm(1000 Wh, 3600 s). */
export const AMOUNT_SCALE = 18_000n;
const SCALE_OF: Readonly<Record<PriceComponentType, bigint>> = {
  ENERGY: AMOUNT_SCALE / 1000n,
  TIME: AMOUNT_SCALE / 3600n,
  PARKING_TIME: AMOUNT_SCALE / 3600n,
  FLAT: AMOUNT_SCALE,
};
const WHOLE_VAT_BP = 10_000n;

/** A session's amounts before limits, rounded, in micro-units. */
export interface Sums {
  readonly exclVat: bigint;
  readonly vat: bigint;
  /** The tax of each rate, rounded. */
  readonly vatOfRate: ReadonlyMap<bigint, bigint>;
  /** The exact tax over the exact sum before tax; undefined where that is not above 0. */
  readonly taxShare: readonly [numerator: bigint, denominator: bigint] | undefined;
}

/** The exact amount of a stretch, over AMOUNT_SCALE times the denominator of the session. */
export function amountOf({ active: { component }, billed }: Stretch): bigint {
  return billed * BigInt(component.priceMicro) * SCALE_OF[component.type];
}

/**
 * Sums a session up. Where prices are before tax, the sum is rounded once and the tax of each rate once.
 * Where they have it in them, the sum after tax is rounded once and the tax in it of each rate once, so
 * that what was announced is what is owed.
 */
export function sumUp({ stretches, denominator }: Consumption, taxes: Tariff['taxes']): Sums {
  const scale = AMOUNT_SCALE * denominator;
  const ofRate = new Map<bigint, bigint>();
  for (const stretch of stretches) {
    const vatBp = taxes === 'none' ? 0n : BigInt(stretch.active.component.vatBp ?? 0);
    ofRate.set(vatBp, (ofRate.get(vatBp) ?? 0n) + amountOf(stretch));
  }
  const vatOfRate = new Map<bigint, bigint>();
  if (taxes !== 'included') {
    let [exact, exactVat, vat] = [0n, 0n, 0n];
    for (const [vatBp, amount] of ofRate) {
      exact += amount;
      exactVat += amount * vatBp;
      const rounded = roundedQuotient(amount * vatBp, scale * WHOLE_VAT_BP);
      vatOfRate.set(vatBp, rounded);
      vat += rounded;
    }
    const taxShare = exact > 0n ? ([exactVat, exact * WHOLE_VAT_BP] as const) : undefined;
    return { exclVat: roundedQuotient(exact, scale), vat, vatOfRate, taxShare };
  }
  let everyRate = 1n;
  for (const vatBp of ofRate.keys()) everyRate *= WHOLE_VAT_BP + vatBp;
  let [exact, exactExcl, exactVat, vat] = [0n, 0n, 0n, 0n];
  for (const [vatBp, amount] of ofRate) {
    const ofOne = everyRate / (WHOLE_VAT_BP + vatBp);
    exact += amount;
    exactExcl += amount * WHOLE_VAT_BP * ofOne;
    exactVat += amount * vatBp * ofOne;
    const rounded = roundedQuotient(amount * vatBp, scale * (WHOLE_VAT_BP + vatBp));
    vatOfRate.set(vatBp, rounded);
    vat += rounded;
  }
  const taxShare = exactExcl > 0n ? ([exactVat, exactExcl] as const) : undefined;
  return { exclVat: roundedQuotient(exact, scale) - vat, vat, vatOfRate, taxShare };
}

/** A reservation that expired was never a charging session: the limits do not bind it. */
export function unlimited(sums: Sums): PriceTotals {
  return totalsOf(sums.exclVat, sums.exclVat + sums.vat, sums, 0);
}

function totalsOf(exclVat: bigint, inclVat: bigint, sums: Sums, firstVatBp: number): PriceTotals {
  return {
    exclVatMicro: Number(exclVat),
    vatMicro: Number(inclVat - exclVat),
    inclVatMicro: Number(inclVat),
    taxes: taxesOf(inclVat - exclVat, sums, firstVatBp),
  };
}

/**
 * The tax by rate. Where a limit changed it, each rate keeps its share, and the roundings even out on the
 * way; where nothing was owed, it is of the rate of the tariff's first component.
 */
function taxesOf(tax: bigint, sums: Sums, firstVatBp: number): readonly TaxAmount[] {
  const { vat, vatOfRate, taxShare } = sums;
  if (tax !== vat && taxShare === undefined) return [{ vatBp: firstVatBp, amountMicro: Number(tax) }];
  const [only] = vatOfRate.keys();
  if (vatOfRate.size === 1 && only !== undefined && only > 0n) {
    return [{ vatBp: Number(only), amountMicro: Number(tax) }];
  }
  const rates = [...vatOfRate].filter(([vatBp]) => vatBp > 0n).sort(([a], [b]) => Number(a - b));
  if (rates.length === 0 && tax !== 0n) return [{ vatBp: firstVatBp, amountMicro: Number(tax) }];
  let [before, shared] = [0n, 0n];
  return rates.map(([vatBp, ofRate]): TaxAmount => {
    before += ofRate;
    const upTo = vat === tax ? before : vat <= 0n ? tax : roundedQuotient(tax * before, vat);
    const amountMicro = Number(upTo - shared);
    shared = upTo;
    return { vatBp: Number(vatBp), amountMicro };
  });
}

/**
 * Applies the least price, then the most. Before and after tax bind separately; a limit that does not
 * name its amount after tax keeps the session's own share of tax, or, where nothing was owed, the rate
 * of the tariff's first component.
 */
export function limited(sums: Sums, tariff: Tariff): PriceTotals {
  let exclVat = sums.exclVat;
  let inclVat = sums.exclVat + sums.vat;
  let limit: PriceTotals['limit'];
  const bind = (side: 'min' | 'max', { exclVatMicro, inclVatMicro }: PriceLimit): void => {
    const isBroken = (amount: bigint, bound: number) => (side === 'min' ? amount < bound : amount > bound);
    const bindsExcl = isBroken(exclVat, exclVatMicro);
    const bindsIncl = inclVatMicro === undefined ? bindsExcl : isBroken(inclVat, inclVatMicro);
    if (bindsExcl) exclVat = BigInt(exclVatMicro);
    if (bindsIncl)
      inclVat = inclVatMicro === undefined ? withTaxShare(exclVat, sums, tariff) : BigInt(inclVatMicro);
    if (bindsExcl || bindsIncl) limit = side;
  };
  if (tariff.minPrice !== undefined) bind('min', tariff.minPrice);
  if (tariff.maxPrice !== undefined) bind('max', tariff.maxPrice);
  // Only limits that `parseTariff` refuses can leave more before tax than after it.
  if (limit !== undefined && exclVat > inclVat) exclVat = inclVat;
  const amounts = totalsOf(exclVat, inclVat, sums, firstVatBpOf(tariff));
  return limit === undefined ? amounts : { limit, ...amounts };
}

function withTaxShare(amount: bigint, { taxShare }: Sums, tariff: Tariff): bigint {
  if (taxShare !== undefined) return amount + roundedQuotient(amount * taxShare[0], taxShare[1]);
  return amount + roundedQuotient(amount * BigInt(firstVatBpOf(tariff)), WHOLE_VAT_BP);
}

function firstVatBpOf({ taxes, elements }: Tariff): number {
  return taxes === 'none' ? 0 : (elements[0]?.priceComponents[0]?.vatBp ?? 0);
}
