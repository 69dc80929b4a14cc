import type { AssumedSession } from './activePeriods.ts';
import type { EnergyPrices } from './EnergyPrices.ts';
import { energyPeriods } from './energyPeriods.ts';
import type { Tariff } from './Tariff.ts';
import { withVatMicro } from './withVat.ts';

/** A time, `to` exclusive (epoch seconds), and what a kWh costs in it. */
export interface PriceSlot {
  readonly from: number;
  readonly to: number;
  readonly priceMicroPerKwh: number;
}

/**
 * The energy prices of a tariff over a span of time (epoch seconds), after tax, rounded half away from
 * zero: what a plan chooses from. Slots lie next to one another and cover the span; a time in which energy
 * has no price costs 0. Restrictions that ask how the session goes are asked of the assumed one: unless it
 * is given, one that begins at `from` and charges as fast as can be; the energy of the slots themselves is
 * not counted towards `min_kwh` and `max_kwh`. Energy prices by quarter-hour take the place of the tariff's own, as in `price`.
 */
export function tariffSlots(
  tariff: Tariff,
  timeZone: string,
  from: number,
  to: number,
  prices?: EnergyPrices,
  assumed: AssumedSession = { startedAt: from, energyWh: 0, powerW: Number.POSITIVE_INFINITY },
): readonly PriceSlot[] {
  const slots: PriceSlot[] = [];
  for (const period of from < to ? energyPeriods(tariff, timeZone, from, to, prices, assumed) : []) {
    const { priceMicro = 0, vatBp = 0 } = period.ENERGY?.component ?? {};
    const priceMicroPerKwh = withVatMicro(priceMicro, tariff.taxes === undefined ? vatBp : 0);
    const last = slots.at(-1);
    if (last?.priceMicroPerKwh === priceMicroPerKwh) slots[slots.length - 1] = { ...last, to: period.to };
    else slots.push({ from: period.from, to: period.to, priceMicroPerKwh });
  }
  return slots;
}
