import type { Reading } from '@p2p-power/protocol/Readings';
import { price } from '@p2p-power/tariff/price';
import type { Agreement } from './Session.ts';

/** What the readings cost by the agreed tariff, micro-units, tax included; not yet held to the driver's bound. */
export function sessionAmountMicro(agreement: Agreement, readings: readonly Reading[]): number {
  if (readings.length === 0) return 0;
  return price(agreement.tariff, { timeZone: agreement.offer.value.timeZone, readings }).inclVatMicro;
}
