/** A quotient rounded half away from zero; the divisor is above 0 (docs/rounding.md). */
export function roundedQuotient(dividend: bigint, divisor: bigint): bigint {
  if (dividend < 0n) return -roundedQuotient(-dividend, divisor);
  return (2n * dividend + divisor) / (2n * divisor);
}
