import { QUARTER_HOUR_S } from './EnergyPrices.ts';
import type { Price } from './price.ts';
import type { QuarterHour } from './quarterHours.ts';
import { roundedQuotient } from './roundedQuotient.ts';

/** A supplier's own price by quarter-hour, per kWh before tax, micro-units; may be negative. `null` and outside: otherwise. */
export interface SupplyPrices {
  /** A multiple of 900 (epoch seconds). */
  readonly firstAt: number;
  readonly pricesMicro: readonly (number | null)[];
  readonly otherwiseMicro: number;
}

/** What of a kWh goes to whom before the operator gets the rest: before tax, micro-units. */
export interface SupplyRates {
  /** The supplier's energy: one price, or one by quarter-hour. */
  readonly energyMicroPerKwh: number | SupplyPrices;
  /** The network's fee, not negative. */
  readonly gridMicroPerKwh: number;
  /** Levies and duties on electricity other than VAT, not negative. */
  readonly leviesMicroPerKwh: number;
}

/**
 * Who gets what of a price, micro-units; the parts add up to `inclVatMicro` exactly. None is negative, but the operator's
 * and the tax where the driver is owed more than owes.
 */
export interface PriceSplit {
  /** The supplier's. */
  readonly energyMicro: number;
  /** The operator's: point, place, parking, service. */
  readonly infrastructureMicro: number;
  readonly gridMicro: number;
  readonly leviesMicro: number;
  readonly vatMicro: number;
  readonly inclVatMicro: number;
}

/**
 * Splits what a driver pays, for the bill. VAT is the price's own. Of the rest, levies, network fee and energy are each an
 * exact sum over the quarter-hours, rounded once, half away from zero; infrastructure is what remains.
 *
 * A charge may cost less than its parts: then infrastructure is nothing, next the supplier's energy shrinks, then the
 * network fee, and the levies last. A supplier whose energy was worth less than nothing over the charge gets nothing.
 */
export function splitPrice(
  price: Pick<Price, 'exclVatMicro' | 'vatMicro' | 'inclVatMicro'>,
  quarters: readonly QuarterHour[],
  rates: SupplyRates,
): PriceSplit {
  const owed = {
    levies: sumOver(quarters, () => rates.leviesMicroPerKwh),
    grid: sumOver(quarters, () => rates.gridMicroPerKwh),
    energy: sumOver(quarters, ({ from }) => energyPriceAt(rates.energyMicroPerKwh, from)),
  };
  let left = Math.max(0, price.exclVatMicro);
  const take = (amountMicro: number): number => {
    const taken = Math.min(Math.max(0, amountMicro), left);
    left -= taken;
    return taken;
  };
  const leviesMicro = take(owed.levies);
  const gridMicro = take(owed.grid);
  const energyMicro = take(owed.energy);
  return {
    energyMicro,
    infrastructureMicro: price.exclVatMicro - leviesMicro - gridMicro - energyMicro,
    gridMicro,
    leviesMicro,
    vatMicro: price.vatMicro,
    inclVatMicro: price.inclVatMicro,
  };
}

function energyPriceAt(price: number | SupplyPrices, at: number): number {
  if (typeof price === 'number') return price;
  return price.pricesMicro[Math.floor((at - price.firstAt) / QUARTER_HOUR_S)] ?? price.otherwiseMicro;
}

function sumOver(quarters: readonly QuarterHour[], priceOf: (quarter: QuarterHour) => number): number {
  let sum = 0n;
  for (const quarter of quarters) sum += BigInt(quarter.importWh) * BigInt(priceOf(quarter));
  return Number(roundedQuotient(sum, 1000n));
}
