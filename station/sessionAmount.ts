import type { Reading } from '@p2p-power/protocol/Readings';
import { price } from '@p2p-power/tariff/price';
import type { Agreement } from './Session.ts';

/** What the readings cost by the agreed tariff and prices, micro-units, tax included; not yet held to the driver's bound. */
export function sessionAmountMicro(
  { tariff, prices, offer }: Agreement,
  readings: readonly Reading[],
): number {
  if (readings.length === 0) return 0;
  const { timeZone } = offer.value;
  return price(tariff, { timeZone, readings, ...(prices && { prices }) }).inclVatMicro;
}
