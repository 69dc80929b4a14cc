/**
 * An amount for people, exact: at least two decimals, as many as it has.
 *
 *     printAmount(4_213_500, 'EUR')  // '4.2135 EUR'
 */
export function printAmount(amountMicro: number | bigint, currency: string): string {
  const micro = BigInt(amountMicro);
  const magnitude = micro < 0n ? -micro : micro;
  const decimals = (magnitude % 1_000_000n)
    .toString()
    .padStart(6, '0')
    .replace(/0{1,4}$/, '');
  return `${micro < 0n ? '-' : ''}${magnitude / 1_000_000n}.${decimals} ${currency}`;
}

/** Energy in kWh with its three decimals: `4.200 kWh`. */
export function printEnergy(energyWh: number | bigint): string {
  const wh = BigInt(energyWh);
  return `${wh / 1000n}.${(wh % 1000n).toString().padStart(3, '0')} kWh`;
}

/** Epoch seconds as UTC: `2026-11-22 16:23:15 UTC`. */
export function printTime(epochS: number): string {
  return `${new Date(epochS * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** A hash or key, shortened to be told apart by eye: `0x1a2b3c4d…90ab`. */
export function printHash(hex: string): string {
  return hex.length <= 20 ? hex : `${hex.slice(0, 10)}…${hex.slice(-4)}`;
}
