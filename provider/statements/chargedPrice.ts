import type { Evidence } from '@p2p-power/protocol/Evidence';
import { type Price, price } from '@p2p-power/tariff/price';

/** What was charged, of which `inclVatMicro` is the CDR's charge, and the tariff's price behind it, whose `taxes` are named. Micro-units. */
export interface ChargedPrice
  extends Pick<Price, 'lines' | 'areLinesTaxed' | 'taxes' | 'exclVatMicro' | 'vatMicro' | 'inclVatMicro'> {
  readonly priced: Price;
  /** By how much the driver's bound lies below the tariff's price. */
  readonly reductionMicro: number;
}

/**
 * Prices a charge anew from its evidence. Where the driver's bound lies below the tariff's price, tax is the same
 * share of what is charged as it was of the price, rounded half up.
 */
export function chargedPrice(evidence: Evidence): ChargedPrice {
  const { tariff, readings, prices, offer, cdr } = evidence;
  const { timeZone } = offer.value;
  return chargedOf(price(tariff, { timeZone, readings, ...(prices && { prices }) }), cdr.value.chargeMicro);
}

/** A price of which `chargeMicro`, no more than it, is charged. */
export function chargedOf(priced: Price, chargeMicro: number): ChargedPrice {
  const full = BigInt(priced.inclVatMicro);
  const vatMicro =
    full === 0n ? 0 : Number((BigInt(priced.vatMicro) * BigInt(chargeMicro) * 2n + full) / (2n * full));
  return {
    priced,
    lines: priced.lines,
    ...(priced.areLinesTaxed && { areLinesTaxed: true }),
    taxes: priced.taxes,
    exclVatMicro: chargeMicro - vatMicro,
    vatMicro,
    inclVatMicro: chargeMicro,
    reductionMicro: priced.inclVatMicro - chargeMicro,
  };
}
