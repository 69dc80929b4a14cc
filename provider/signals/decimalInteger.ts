/**
 * A decimal number as an integer of its `places`-th decimal, exactly from its digits; further digits are
 * rounded half away from zero. Of a JSON number its shortest notation counts, which is how it was written.
 * Undefined where it is no finite decimal.
 *
 * @example
 * decimalInteger(100.35, 3) // 100350: EUR/MWh in micro-EUR/kWh
 */
export function decimalInteger(value: number | string, places: number): number | undefined {
  const parts = /^([+-]?)(\d{0,15})(?:\.(\d{0,30}))?(?:[eE]([+-]?\d{1,2}))?$/.exec(String(value).trim());
  if (parts === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = parts;
  if (whole === '' && fraction === '') return undefined;
  // The value is digits × 10^shift units of the wanted place.
  const digits = BigInt(`${whole}${fraction}`);
  const shift = places - fraction.length + Number(exponent);
  if (shift > 30) return digits === 0n ? 0 : undefined;
  const scale = 10n ** BigInt(Math.abs(shift));
  const rounded = shift >= 0 ? digits * scale : (2n * digits + scale) / (2n * scale);
  const integer = Number(rounded);
  if (!Number.isSafeInteger(integer)) return undefined;
  return sign === '-' && integer !== 0 ? -integer : integer;
}
