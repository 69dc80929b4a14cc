/**
 * A price after tax, in micro-units, rounded half away from zero; `per` divides it, e.g. by 60 for the
 * price of a minute from that of an hour. For display and planning: totals are never computed from it.
 */
export function withVatMicro(priceMicro: number, vatBp: number, per = 1): number {
  const dividend = BigInt(priceMicro) * BigInt(10_000 + vatBp);
  const divisor = BigInt(10_000 * per);
  return Number((2n * dividend + divisor) / (2n * divisor));
}
